-- What accounts, sessions and API keys carry beyond the first sign-in.

-- Administers the whole installation, beside any role in a workspace. The first owner does; see docs/security.md.
ALTER TABLE users ADD COLUMN platform_admin boolean NOT NULL DEFAULT false;
-- Locked by an administrator: nothing of the account counts, its rows stay.
ALTER TABLE users ADD COLUMN disabled_at timestamptz;
UPDATE users SET platform_admin = true WHERE id IN (
  SELECT user_id FROM members WHERE workspace_id = '00000000-0000-0000-0000-000000000000' AND role = 'owner'
);

-- `password`, or the id of the OpenID provider that proved the person.
ALTER TABLE sessions ADD COLUMN method text NOT NULL DEFAULT 'password';
-- When a second factor was shown in it; null: never.
ALTER TABLE sessions ADD COLUMN mfa_at timestamptz;
-- When the person last proved themselves: at the start, and at each step-up.
ALTER TABLE sessions ADD COLUMN verified_at timestamptz NOT NULL DEFAULT now();
-- Written at most once a minute.
ALTER TABLE sessions ADD COLUMN last_used_at timestamptz NOT NULL DEFAULT now();

ALTER TABLE api_keys ADD COLUMN kind text NOT NULL DEFAULT 'server' CHECK (kind IN ('server','browser'));
-- Permissions; null: all of the role.
ALTER TABLE api_keys ADD COLUMN scopes text[];
ALTER TABLE api_keys ADD COLUMN origins text[] NOT NULL DEFAULT '{}';
ALTER TABLE api_keys ADD COLUMN rate_limit_per_minute integer CHECK (rate_limit_per_minute > 0);
ALTER TABLE api_keys ADD COLUMN rotated_at timestamptz;
-- The secret before the last rotation, as hash, and until when it still counts.
ALTER TABLE api_keys ADD COLUMN previous_hash text UNIQUE;
ALTER TABLE api_keys ADD COLUMN previous_until timestamptz;
ALTER TABLE api_keys ADD CONSTRAINT api_keys_browser_origins CHECK (kind = 'server' OR cardinality(origins) > 0);
