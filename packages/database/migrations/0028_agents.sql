-- More of an agent, what its turns were, and what people thought of them.

ALTER TABLE agents
  ADD COLUMN persona_text text NOT NULL DEFAULT '',
  ADD COLUMN concurrency_limit integer NOT NULL DEFAULT 5 CHECK (concurrency_limit > 0),
  ADD COLUMN priority text NOT NULL DEFAULT 'normal' CHECK (priority IN ('low','normal','high')),
  ADD COLUMN visibility text NOT NULL DEFAULT 'workspace' CHECK (visibility IN ('workspace','creator')),
  ADD COLUMN family text CHECK (family IN ('strategy','execution','security','analysis')),
  -- Principal that made it; null for what came with the product.
  ADD COLUMN created_by_id text;
CREATE INDEX agents_by_name ON agents (workspace_id, lower(name), id);
CREATE INDEX agents_by_change ON agents (workspace_id, updated_at, id);

ALTER TABLE agent_versions ADD COLUMN note text;

-- One row for each piece of work that an agent did in a step of a run, written in the transactions that store the events. No
-- foreign key to the run: figures of an agent outlive the runs that they come from.
CREATE TABLE agent_turns (
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  agent_id uuid NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
  run_id uuid NOT NULL,
  step_id text NOT NULL,
  -- Of a run that changes nothing: kept for the status, counted in no figure.
  dry_run boolean NOT NULL,
  status text NOT NULL CHECK (status IN ('running','completed','failed','limit_reached','cancelled')),
  error_code text,
  started_at timestamptz NOT NULL,
  finished_at timestamptz,
  model_calls integer NOT NULL,
  tool_calls integer NOT NULL,
  tool_failures integer NOT NULL,
  input_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  cost_micros bigint NOT NULL,
  -- With one of them the cost is unknown.
  unpriced_calls integer NOT NULL,
  findings integer NOT NULL,
  quality double precision,
  PRIMARY KEY (run_id, step_id, agent_id)
);
CREATE INDEX agent_turns_of_agent ON agent_turns (agent_id, started_at DESC);
CREATE INDEX agent_turns_by_time ON agent_turns (workspace_id, started_at DESC);
CREATE INDEX agent_turns_working ON agent_turns (workspace_id, agent_id) WHERE finished_at IS NULL;
SELECT automatos_protect('agent_turns');

-- What a person thought of an agent's work in a run; one opinion per person and run.
CREATE TABLE agent_feedback (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  agent_id uuid NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
  run_id uuid NOT NULL,
  by_id text NOT NULL,
  by_name text NOT NULL,
  rating smallint NOT NULL CHECK (rating BETWEEN 1 AND 5),
  comment text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (agent_id, run_id, by_id)
);
CREATE INDEX agent_feedback_by_workspace ON agent_feedback (workspace_id);
SELECT automatos_protect('agent_feedback');
