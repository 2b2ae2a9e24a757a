-- What the router of model calls keeps: settings of workspaces, and what processes share about vendors.

CREATE TABLE router_settings (
  workspace_id uuid PRIMARY KEY REFERENCES workspaces (id) ON DELETE CASCADE,
  settings jsonb NOT NULL,
  version integer NOT NULL,
  updated_at timestamptz NOT NULL
);
SELECT automatos_protect('router_settings');

-- Circuits that are not closed. They belong to credentials, which several workspaces may share, so to no workspace: only the
-- router reads them, and shows a workspace those of its own credentials.
CREATE TABLE provider_circuits (
  -- Hash of provider, model, credential and scope; the credential cannot be read from it.
  id text PRIMARY KEY,
  provider text NOT NULL,
  model text NOT NULL,
  credential text NOT NULL,
  state text NOT NULL CHECK (state IN ('open','half_open')),
  reason text,
  failures integer NOT NULL,
  opened_at timestamptz,
  -- When a probe may go; while half-open, when its place is given up.
  retry_at timestamptz NOT NULL,
  cooldown_ms bigint NOT NULL,
  -- Whose probe is under way.
  probe_token text
);

-- What is left of limits, for processes that share them; a row is locked for as long as a chunk is taken from it.
CREATE TABLE provider_buckets (
  -- Hash of workspace, limit and credential.
  id text PRIMARY KEY,
  remaining double precision NOT NULL,
  at timestamptz NOT NULL
);
CREATE INDEX provider_buckets_by_age ON provider_buckets (at);

-- Places of calls under way, per process; those of a process that is gone expire.
CREATE TABLE provider_slots (
  bucket_id text NOT NULL,
  owner text NOT NULL,
  held integer NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (bucket_id, owner)
);

-- What was seen of models: one row per minute, model and process, which alone writes it.
CREATE TABLE provider_stats (
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  provider text NOT NULL,
  model text NOT NULL,
  minute timestamptz NOT NULL,
  process text NOT NULL,
  figures jsonb NOT NULL,
  PRIMARY KEY (workspace_id, minute, provider, model, process)
);
CREATE INDEX provider_stats_by_age ON provider_stats (minute);
SELECT automatos_protect('provider_stats');
