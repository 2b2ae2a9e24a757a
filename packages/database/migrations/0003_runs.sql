-- Runs, their steps, the event log, documents, findings and the effect ledger.

CREATE TABLE runs (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces(id) ON DELETE CASCADE,
  kind text NOT NULL,
  title text NOT NULL,
  status text NOT NULL CHECK (status IN ('queued','running','paused','waiting_approval','completed','failed','cancelled')),
  -- Paused runs keep the request here, so that a process that takes the run over obeys it.
  hold boolean NOT NULL DEFAULT false,
  recipe_id uuid,
  recipe_slug text,
  recipe_version integer,
  plan jsonb NOT NULL,
  inputs jsonb NOT NULL,
  outputs jsonb,
  error jsonb,
  model_calls integer NOT NULL DEFAULT 0,
  tool_calls integer NOT NULL DEFAULT 0,
  input_tokens bigint NOT NULL DEFAULT 0,
  output_tokens bigint NOT NULL DEFAULT 0,
  cached_input_tokens bigint NOT NULL DEFAULT 0,
  reasoning_tokens bigint NOT NULL DEFAULT 0,
  cost_micros bigint NOT NULL DEFAULT 0,
  -- Calls whose price is unknown: with one, the run's cost is unknown, not lower.
  unpriced_calls integer NOT NULL DEFAULT 0,
  estimated boolean NOT NULL DEFAULT false,
  findings_total integer NOT NULL DEFAULT 0,
  last_seq integer NOT NULL DEFAULT 0,
  idempotency_key text,
  created_by_kind text NOT NULL,
  created_by_id text NOT NULL,
  created_by_name text NOT NULL,
  created_at timestamptz NOT NULL,
  started_at timestamptz,
  finished_at timestamptz,
  UNIQUE (workspace_id, idempotency_key)
);
CREATE INDEX runs_by_time ON runs (workspace_id, created_at DESC, id DESC);
CREATE INDEX runs_unfinished ON runs (status) WHERE status NOT IN ('completed','failed','cancelled');
CREATE INDEX runs_by_end ON runs (finished_at DESC) WHERE finished_at IS NOT NULL;
CREATE INDEX runs_by_recipe ON runs (workspace_id, recipe_id, created_at DESC);

-- A terminal state is final whatever code tries to write it.
CREATE FUNCTION runs_keep_terminal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status IN ('completed','failed','cancelled') AND NEW.status <> OLD.status THEN
    RAISE EXCEPTION 'run % is % and cannot become %', OLD.id, OLD.status, NEW.status USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER runs_keep_terminal BEFORE UPDATE OF status ON runs FOR EACH ROW EXECUTE FUNCTION runs_keep_terminal();

CREATE TABLE run_steps (
  workspace_id uuid NOT NULL REFERENCES workspaces(id) ON DELETE CASCADE,
  run_id uuid NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
  step_id text NOT NULL,
  ordinal integer NOT NULL,
  name text NOT NULL,
  type text NOT NULL,
  agent text,
  tool text,
  parent text,
  depends_on jsonb NOT NULL DEFAULT '[]',
  status text NOT NULL DEFAULT 'pending',
  attempts integer NOT NULL DEFAULT 0,
  output jsonb,
  error jsonb,
  usage jsonb,
  started_at timestamptz,
  finished_at timestamptz,
  PRIMARY KEY (run_id, step_id)
);

CREATE TABLE events (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces(id) ON DELETE CASCADE,
  run_id uuid REFERENCES runs(id) ON DELETE CASCADE,
  -- Dense per run from 1; 0 for events that belong to no run.
  seq integer NOT NULL,
  key text NOT NULL,
  type text NOT NULL,
  subject text NOT NULL,
  step_id text,
  at timestamptz NOT NULL,
  data jsonb NOT NULL
);
CREATE UNIQUE INDEX events_run_seq ON events (run_id, seq) WHERE run_id IS NOT NULL;
CREATE UNIQUE INDEX events_run_key ON events (run_id, key) WHERE run_id IS NOT NULL;
CREATE INDEX events_by_time ON events (workspace_id, at DESC) WHERE run_id IS NULL;

CREATE TABLE run_artifacts (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces(id) ON DELETE CASCADE,
  run_id uuid NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
  name text NOT NULL,
  step_id text NOT NULL,
  title text NOT NULL,
  format text NOT NULL,
  content_type text NOT NULL,
  content text NOT NULL,
  bytes integer NOT NULL,
  created_at timestamptz NOT NULL,
  UNIQUE (run_id, name)
);

CREATE TABLE run_findings (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces(id) ON DELETE CASCADE,
  run_id uuid NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
  step_id text NOT NULL,
  agent text,
  tool text NOT NULL,
  rule text NOT NULL,
  severity text NOT NULL,
  -- 0 = critical … 4 = info, so that the worst come first.
  rank smallint NOT NULL,
  path text,
  line integer,
  finding jsonb NOT NULL
);
CREATE INDEX run_findings_worst ON run_findings (run_id, rank, id);

-- Effects on the outside world: claimed before the call, committed after it. A claim without commit means that the call
-- may have happened.
CREATE TABLE effects (
  workspace_id uuid NOT NULL REFERENCES workspaces(id) ON DELETE CASCADE,
  key text NOT NULL,
  run_id uuid,
  kind text NOT NULL,
  request_hash text NOT NULL,
  state text NOT NULL CHECK (state IN ('claimed','committed','failed','unknown')),
  attempts integer NOT NULL DEFAULT 1,
  result jsonb,
  claimed_at timestamptz NOT NULL,
  settled_at timestamptz,
  PRIMARY KEY (workspace_id, key)
);

SELECT automatos_protect('runs');
SELECT automatos_protect('run_steps');
SELECT automatos_protect('events');
SELECT automatos_protect('run_artifacts');
SELECT automatos_protect('run_findings');
SELECT automatos_protect('effects');
