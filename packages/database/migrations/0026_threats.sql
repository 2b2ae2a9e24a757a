-- What the threat detector found and what follows from it. Rows without a workspace belong to the platform: traffic of nobody who
-- was proven. Workspace transactions never see those.

CREATE TABLE threat_assessments (
  id uuid PRIMARY KEY,
  workspace_id uuid REFERENCES workspaces (id) ON DELETE CASCADE,
  at timestamptz(3) NOT NULL,
  score smallint NOT NULL CHECK (score BETWEEN 1 AND 100),
  level text NOT NULL CHECK (level IN ('low','medium','high','critical')),
  action text NOT NULL CHECK (action IN ('allow','challenge','throttle','block')),
  enforced boolean NOT NULL,
  categories text[] NOT NULL,
  principal_kind text NOT NULL,
  principal_id text NOT NULL,
  principal_name text NOT NULL,
  address text NOT NULL,
  user_agent text NOT NULL,
  request_id text NOT NULL,
  method text NOT NULL,
  route text NOT NULL,
  status smallint,
  run_id uuid,
  duration_us integer NOT NULL,
  -- Each with category, rule, points, why, place and a redacted excerpt.
  reasons jsonb NOT NULL
);
-- Ids carry their time.
CREATE INDEX threat_assessments_by_id ON threat_assessments (workspace_id, id);
CREATE INDEX threat_assessments_by_time ON threat_assessments (workspace_id, at);
CREATE INDEX threat_assessments_by_age ON threat_assessments (at);
CREATE INDEX threat_assessments_by_run ON threat_assessments (run_id) WHERE run_id IS NOT NULL;
SELECT automatos_protect('threat_assessments');

-- Requests that scored 0: how many, per principal and minute.
CREATE TABLE threat_counts (
  workspace_id uuid REFERENCES workspaces (id) ON DELETE CASCADE,
  minute timestamptz NOT NULL,
  principal_kind text NOT NULL,
  principal_id text NOT NULL,
  count integer NOT NULL CHECK (count > 0),
  UNIQUE NULLS NOT DISTINCT (workspace_id, minute, principal_kind, principal_id)
);
CREATE INDEX threat_counts_by_age ON threat_counts (minute);
SELECT automatos_protect('threat_counts');

CREATE TABLE threat_blocks (
  id uuid PRIMARY KEY,
  workspace_id uuid REFERENCES workspaces (id) ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('address','principal')),
  -- Address or network; of a principal `user:<id>` or `api_key:<id>`.
  subject text NOT NULL,
  reason text NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  -- Null: until it is removed.
  until timestamptz(3),
  refused bigint NOT NULL DEFAULT 0,
  assessment_id uuid
);
CREATE INDEX threat_blocks_by_id ON threat_blocks (workspace_id, id);
CREATE INDEX threat_blocks_by_subject ON threat_blocks (workspace_id, kind, subject, created_at DESC);
SELECT automatos_protect('threat_blocks');

CREATE TABLE threat_settings (
  -- Null: of the platform.
  workspace_id uuid REFERENCES workspaces (id) ON DELETE CASCADE,
  mode text NOT NULL CHECK (mode IN ('observe','enforce')),
  medium smallint NOT NULL,
  high smallint NOT NULL,
  critical smallint NOT NULL,
  allowed_addresses text[] NOT NULL,
  disabled_categories text[] NOT NULL,
  version integer NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  CHECK (0 < medium AND medium < high AND high < critical AND critical <= 100),
  UNIQUE NULLS NOT DISTINCT (workspace_id)
);
SELECT automatos_protect('threat_settings');

-- Where and with what a person is usually here, so that what is new is noticed after a restart too.
CREATE TABLE threat_profiles (
  principal text PRIMARY KEY,
  seen jsonb NOT NULL,
  updated_at timestamptz(3) NOT NULL
);
