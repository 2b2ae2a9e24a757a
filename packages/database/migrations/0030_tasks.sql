-- Tasks: a goal and how it is to be reached. The run of the same id carries it out; status, use and events stand there.

CREATE TABLE tasks (
  id uuid PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  goal text NOT NULL,
  target text,
  parameters jsonb NOT NULL,
  -- Agents that alone may work on it; null for all.
  agents jsonb,
  pattern text,
  budget jsonb,
  quality_threshold real CHECK (quality_threshold BETWEEN 0 AND 1),
  max_refinements integer NOT NULL CHECK (max_refinements BETWEEN 0 AND 3),
  -- Task that this one does again.
  retry_of uuid REFERENCES tasks (id) ON DELETE SET NULL,
  created_at timestamptz NOT NULL,
  -- What follows is written by the stage that stores the outcome.
  outcome text CHECK (outcome IN ('complete','partial')),
  summary text,
  agents_used jsonb NOT NULL DEFAULT '[]',
  units_total integer NOT NULL DEFAULT 0,
  units_failed integer NOT NULL DEFAULT 0,
  estimate jsonb,
  stored_at timestamptz
);
CREATE INDEX tasks_by_time ON tasks (workspace_id, id DESC);
SELECT automatos_protect('tasks');

-- How each unit of work went: the history that the selection of agents reads. One row for each attempt.
CREATE TABLE task_units (
  run_id uuid NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  unit_id text NOT NULL,
  attempt integer NOT NULL,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  -- Capability that it called for; null when it called for none that is known.
  need text,
  agent text NOT NULL,
  status text NOT NULL CHECK (status IN ('completed','failed')),
  -- Of the result that it was a part of, 0–1; null until it is scored.
  quality real,
  duration_ms integer NOT NULL,
  -- Null when the price of a call is not known.
  cost_micros bigint,
  tokens bigint NOT NULL,
  tool_calls integer NOT NULL,
  findings_total integer NOT NULL,
  error_code text,
  at timestamptz NOT NULL,
  PRIMARY KEY (run_id, unit_id, attempt)
);
CREATE INDEX task_units_by_time ON task_units (workspace_id, at DESC);
SELECT automatos_protect('task_units');
