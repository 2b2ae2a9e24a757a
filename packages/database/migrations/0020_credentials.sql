-- What the product needs to act at other services. Everything here may be read by whoever reads the database: secrets stand
-- encrypted, and only the last four characters of long ones in clear.

-- Of a workspace, or without one of the platform.
CREATE TABLE credentials (
  id uuid PRIMARY KEY,
  workspace_id uuid REFERENCES workspaces (id) ON DELETE CASCADE,
  type text NOT NULL,
  name text NOT NULL,
  -- Model vendor that it is a key of; null for other services.
  provider text,
  -- For people: what is used comes from the encrypted part, so that nobody leads a key elsewhere by a change of a row.
  fields jsonb NOT NULL,
  hints jsonb NOT NULL,
  version integer NOT NULL DEFAULT 1,
  -- Which store holds the secrets, and under which name.
  store text NOT NULL CHECK (store IN ('database','vault')),
  revision text NOT NULL,
  -- For a while after a rotation signatures by the secret before still count.
  previous_revision text,
  previous_until timestamptz,
  last_used_at timestamptz,
  last_test jsonb,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE NULLS NOT DISTINCT (workspace_id, name)
);
CREATE INDEX credentials_by_name ON credentials (workspace_id, name, id);
CREATE INDEX credentials_by_type ON credentials (workspace_id, type, id);
CREATE INDEX credentials_previous ON credentials (previous_until) WHERE previous_until IS NOT NULL;
SELECT automatos_protect('credentials');

-- Master keys that records were encrypted under, by fingerprint; the keys themselves are never stored. Of no workspace.
CREATE TABLE encryption_keys (
  id text PRIMARY KEY,
  state text NOT NULL CHECK (state IN ('current','retiring','retired')),
  created_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX encryption_keys_current ON encryption_keys (state) WHERE state = 'current';
SELECT automatos_share_read('encryption_keys');

-- True while the key is the current one, and keeps it so until the caller's transaction ends: a rotation waits, and then finds
-- what that transaction wrote. By an advisory lock, because to lock the row is more than the restricted role may.
CREATE FUNCTION automatos_hold_encryption_key(key text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtext('automatos.encryption_keys'));
  RETURN EXISTS (SELECT FROM encryption_keys WHERE id = key AND state = 'current');
END $$;

-- Encrypted fields. Without a foreign key to credentials: a revision is written before the row that names it. What a crash left
-- in between is cleared away by time.
CREATE TABLE credential_secrets (
  credential_id uuid NOT NULL,
  revision text NOT NULL,
  workspace_id uuid REFERENCES workspaces (id) ON DELETE CASCADE,
  type text NOT NULL,
  -- AES-256-GCM: nonce, ciphertext, tag.
  ciphertext bytea NOT NULL,
  -- The record's own key, encrypted in the same way under the master key.
  wrapped_key bytea NOT NULL,
  key_id text NOT NULL REFERENCES encryption_keys (id),
  created_at timestamptz NOT NULL,
  PRIMARY KEY (credential_id, revision)
);
CREATE INDEX credential_secrets_by_key ON credential_secrets (key_id);
SELECT automatos_protect('credential_secrets');
