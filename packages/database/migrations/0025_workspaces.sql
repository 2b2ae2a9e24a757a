-- Invitations to workspaces.

CREATE TABLE invitations (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  -- Lower case; the account that accepts it must have this address.
  email text NOT NULL CHECK (email = lower(email)),
  role text NOT NULL CHECK (role IN ('owner','admin','member','viewer')),
  -- SHA-256 of the token: it is random, so a slow hash would add cost and no safety.
  token_hash text NOT NULL UNIQUE,
  -- Principal that made it, and its name at that time.
  invited_by_id text NOT NULL,
  invited_by text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  accepted_at timestamptz,
  accepted_by text,
  -- Taken back, or replaced by a newer one for the same address.
  revoked_at timestamptz,
  CHECK (accepted_at IS NULL OR revoked_at IS NULL)
);
-- One that still counts for each address.
CREATE UNIQUE INDEX invitations_open ON invitations (workspace_id, email) WHERE accepted_at IS NULL AND revoked_at IS NULL;
CREATE INDEX invitations_by_workspace ON invitations (workspace_id, id);
SELECT automatos_protect('invitations');

