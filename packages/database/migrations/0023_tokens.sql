-- Access tokens, and sign-in at OpenID providers. Of no workspace: read by the sign-in code only, as owner.

-- Keys that access tokens are signed with. Only the sealed private half is kept, and the public one is made from it: whoever
-- can write here, and has not the secret of the installation, makes no key that counts.
CREATE TABLE token_keys (
  -- RFC 7638 thumbprint.
  kid text PRIMARY KEY,
  -- AES-256-GCM: nonce, ciphertext, tag.
  ciphertext bytea NOT NULL,
  -- The record's own key, under one that is derived from the secret of the installation.
  wrapped_key bytea NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX token_keys_by_time ON token_keys (created_at);

-- Access tokens that were ended before their time; until then.
CREATE TABLE revoked_tokens (
  jti text PRIMARY KEY,
  expires_at timestamptz NOT NULL
);
CREATE INDEX revoked_tokens_by_end ON revoked_tokens (expires_at);

-- Sign-ins under way at a provider: taken away by the first who comes back. What proves the browser stays in its cookie.
CREATE TABLE oidc_sign_ins (
  -- SHA-256 of the state parameter.
  state_hash text PRIMARY KEY,
  provider_id text NOT NULL,
  next_path text NOT NULL,
  -- The person who connects the provider with their account; null for a sign-in.
  link_user_id text REFERENCES users (id) ON DELETE CASCADE,
  link_session_id text REFERENCES sessions (id) ON DELETE CASCADE,
  expires_at timestamptz NOT NULL
);
CREATE INDEX oidc_sign_ins_by_end ON oidc_sign_ins (expires_at);

-- One account per person at a provider. Passwords stand under the person's own id.
CREATE UNIQUE INDEX accounts_by_provider ON accounts (provider_id, account_id);
