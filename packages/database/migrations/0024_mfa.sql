-- Second factors, counted tries to sign in, and sessions that a copy of the database does not give away.

-- From here on the SHA-256 of a session's token is kept; whoever is signed in stays so.
UPDATE sessions SET token = encode(sha256(convert_to(token, 'UTF8')), 'hex');

-- Of no workspace, like users: no grant, so that only the code of sign-in reads it.
CREATE TABLE user_mfa (
  user_id text PRIMARY KEY REFERENCES users(id) ON DELETE CASCADE,
  -- Where the secret is kept encrypted: a record of the credentials' store.
  secret_id uuid NOT NULL,
  store text NOT NULL CHECK (store IN ('database','vault')),
  revision text NOT NULL,
  -- Set up and not confirmed yet: until when it may be.
  pending_until timestamptz,
  enabled_at timestamptz,
  -- Last time-step of which a code was taken; that one and those before it count no more.
  last_step bigint NOT NULL DEFAULT 0,
  CHECK ((pending_until IS NULL) <> (enabled_at IS NULL))
);

CREATE TABLE mfa_backup_codes (
  user_id text NOT NULL REFERENCES user_mfa(user_id) ON DELETE CASCADE,
  -- HMAC-SHA-256 under a key that stands with the encrypted secret: without it the short codes cannot be tried out.
  hash text NOT NULL,
  used_at timestamptz,
  PRIMARY KEY (user_id, hash)
);

-- Sign-ins that wait for their second factor.
CREATE TABLE mfa_challenges (
  hash text PRIMARY KEY,
  user_id text NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  -- Of the session that it may become.
  method text NOT NULL,
  tries integer NOT NULL DEFAULT 0,
  expires_at timestamptz NOT NULL
);
CREATE INDEX mfa_challenges_by_user ON mfa_challenges (user_id);
CREATE INDEX mfa_challenges_by_end ON mfa_challenges (expires_at);

-- Tries that failed or are under way. The subject is a hash, so that addresses of strangers are not kept.
CREATE TABLE sign_in_tries (
  subject text PRIMARY KEY,
  failures integer NOT NULL,
  last_at timestamptz NOT NULL,
  locked_until timestamptz
);
CREATE INDEX sign_in_tries_by_time ON sign_in_tries (last_at);
