-- Answers of writes that carried an Idempotency-Key, kept for 24 hours. `answer` is null while the first request works.
CREATE TABLE idempotency_keys (
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  key text NOT NULL,
  -- SHA-256 over caller, method, path and body.
  fingerprint text NOT NULL,
  answer jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (workspace_id, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (workspace_id, created_at);
SELECT automatos_protect('idempotency_keys');
