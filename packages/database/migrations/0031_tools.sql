-- What a workspace allows of its tools, what they noted, and how they fared.

-- Only tools that differ from the default stand here.
CREATE TABLE tool_settings (
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  tool text NOT NULL,
  enabled boolean NOT NULL,
  approval text NOT NULL CHECK (approval IN ('never','changes','always')),
  -- Null: without limit.
  rate_per_minute integer CHECK (rate_per_minute > 0),
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, tool)
);
SELECT automatos_protect('tool_settings');

-- Calls in the minute that began with the first of them; shared by all processes.
CREATE TABLE tool_rate_windows (
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  tool text NOT NULL,
  started_at timestamptz NOT NULL,
  calls integer NOT NULL,
  PRIMARY KEY (workspace_id, tool)
);
SELECT automatos_protect('tool_rate_windows');

-- What commands of agents may use. A workspace without a row has the defaults.
CREATE TABLE tool_environments (
  workspace_id uuid PRIMARY KEY REFERENCES workspaces (id) ON DELETE CASCADE,
  disk_quota_bytes bigint NOT NULL CHECK (disk_quota_bytes > 0),
  network_hosts jsonb NOT NULL,
  -- Variables that commands may ask for: name, credential, field.
  command_secrets jsonb NOT NULL,
  ask_after_foreign_text boolean NOT NULL,
  updated_at timestamptz NOT NULL
);
SELECT automatos_protect('tool_environments');

-- How calls ended, for ranking.
CREATE TABLE tool_records (
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  tool text NOT NULL,
  calls bigint NOT NULL,
  successes bigint NOT NULL,
  PRIMARY KEY (workspace_id, tool)
);
SELECT automatos_protect('tool_records');

-- Notes of a run (scratchpad); deleted an hour after its end.
CREATE TABLE tool_notes (
  run_id uuid NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  key text NOT NULL,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  text text NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (run_id, key)
);
CREATE INDEX tool_notes_of_workspace ON tool_notes (workspace_id);
SELECT automatos_protect('tool_notes');
