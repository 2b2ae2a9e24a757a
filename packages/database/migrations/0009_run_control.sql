-- Admission and fairness, leases, approvals, signals, sub-runs, forks, quality.

ALTER TABLE runs
  -- Order among the waiting runs of a workspace: 0 low, 1 normal, 2 high.
  ADD COLUMN priority smallint NOT NULL DEFAULT 1 CHECK (priority BETWEEN 0 AND 2),
  -- When a worker took the run from the queue; the row itself is the order to execute.
  ADD COLUMN admitted_at timestamptz,
  -- Raised by each execution that begins; what an older one still writes is dropped.
  ADD COLUMN epoch integer NOT NULL DEFAULT 0,
  -- True while nothing of the run works because all of it waits (approval, time, signal, sub-run): it takes no place.
  ADD COLUMN parked boolean NOT NULL DEFAULT false,
  ADD COLUMN recipe_limit integer CHECK (recipe_limit > 0),
  ADD COLUMN parent_run_id uuid REFERENCES runs (id) ON DELETE SET NULL,
  ADD COLUMN parent_step_id text,
  ADD COLUMN forked_from_run_id uuid REFERENCES runs (id) ON DELETE SET NULL,
  ADD COLUMN forked_from_step_id text,
  ADD COLUMN trigger_kind text,
  ADD COLUMN trigger_id text,
  ADD COLUMN trigger_name text,
  -- How many triggers by run events stand between this run and a person or clock.
  ADD COLUMN trigger_depth smallint NOT NULL DEFAULT 0,
  ADD COLUMN dry_run boolean NOT NULL DEFAULT false,
  ADD COLUMN open_approvals integer NOT NULL DEFAULT 0,
  ADD COLUMN quality jsonb,
  ADD COLUMN quality_score real,
  ADD COLUMN quality_grade text;
CREATE INDEX runs_queue ON runs (workspace_id, priority DESC, created_at, id) WHERE status = 'queued' AND admitted_at IS NULL;
-- Parts of runs that work already are claimed past a long queue of new ones.
CREATE INDEX runs_queue_parts ON runs (workspace_id, priority DESC, created_at, id)
  WHERE status = 'queued' AND admitted_at IS NULL AND parent_run_id IS NOT NULL;
CREATE INDEX runs_working ON runs (workspace_id, recipe_id) WHERE admitted_at IS NOT NULL AND NOT parked AND status IN ('queued','running');
CREATE INDEX runs_by_parent ON runs (parent_run_id) WHERE parent_run_id IS NOT NULL;
CREATE INDEX runs_by_trigger ON runs (trigger_id, created_at DESC) WHERE trigger_id IS NOT NULL;

ALTER TABLE run_steps
  ADD COLUMN reused_from uuid,
  ADD COLUMN sub_run_id uuid,
  ADD COLUMN quality jsonb,
  ADD COLUMN quality_score real;

-- Documents such as PDF and DOCX hold bytes.
ALTER TABLE run_artifacts
  ALTER COLUMN content DROP NOT NULL,
  ADD COLUMN content_bytes bytea,
  ADD CONSTRAINT run_artifacts_one_content CHECK ((content IS NULL) <> (content_bytes IS NULL));

-- Signs of life of the processes that execute runs. A lease that ran out is taken over, whatever its connection says.
CREATE TABLE run_executors (
  executor_id text PRIMARY KEY,
  -- Differs for each process that ever had this place.
  process_id uuid NOT NULL,
  journal_version text NOT NULL,
  beat_at timestamptz NOT NULL,
  started_at timestamptz NOT NULL
);

CREATE TABLE run_limits (
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  scope text NOT NULL CHECK (scope IN ('workspace','recipe','agent')),
  key text NOT NULL DEFAULT '',
  max_running integer NOT NULL CHECK (max_running > 0),
  PRIMARY KEY (workspace_id, scope, key)
);
SELECT automatos_protect('run_limits');

-- Places of limits that hold for parts of runs (turns of an agent).
CREATE TABLE run_places (
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  scope text NOT NULL,
  key text NOT NULL,
  run_id uuid NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  call_id text NOT NULL,
  epoch integer NOT NULL,
  taken_at timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, scope, key, run_id, call_id)
);
SELECT automatos_protect('run_places');

CREATE TABLE run_approvals (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  run_id uuid NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  step_id text NOT NULL,
  -- Unique per run: the same request after a crash finds its row.
  wait_key text NOT NULL,
  title text NOT NULL,
  message text NOT NULL,
  fields jsonb,
  approvers jsonb,
  status text NOT NULL DEFAULT 'open' CHECK (status IN ('open','approved','rejected','timed_out','cancelled')),
  decided_by text,
  comment text,
  values jsonb,
  requested_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  decided_at timestamptz,
  UNIQUE (run_id, wait_key)
);
CREATE INDEX run_approvals_open ON run_approvals (workspace_id, due_at, id) WHERE status = 'open';
CREATE INDEX run_approvals_by_time ON run_approvals (workspace_id, requested_at DESC, id DESC);
SELECT automatos_protect('run_approvals');

-- A decision is final whatever code tries to write it.
CREATE FUNCTION run_approvals_keep_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status <> 'open' THEN
    RAISE EXCEPTION 'approval % is % already', OLD.id, OLD.status USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER run_approvals_keep_decision BEFORE UPDATE OF status ON run_approvals FOR EACH ROW EXECUTE FUNCTION run_approvals_keep_decision();

CREATE TABLE run_signals (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  run_id uuid NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  name text NOT NULL,
  payload jsonb NOT NULL,
  -- Wait that took the signal; each signal ends one wait.
  taken_by text,
  received_at timestamptz NOT NULL,
  UNIQUE (run_id, taken_by)
);
CREATE INDEX run_signals_free ON run_signals (run_id, name, received_at, id) WHERE taken_by IS NULL;
SELECT automatos_protect('run_signals');
