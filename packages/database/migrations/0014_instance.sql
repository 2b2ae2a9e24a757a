-- What belongs to the installation as a whole. One row.
CREATE TABLE instance (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  -- SHA-256 that tells whether a process has the secret of this installation; the secret itself is never stored.
  secret_fingerprint text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
