-- What starts recipes: schedules, incoming webhooks, ends of other runs.

CREATE TABLE schedules (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  recipe_id uuid NOT NULL REFERENCES recipes (id) ON DELETE CASCADE,
  name text NOT NULL,
  -- 'recipe': stands in the recipe and is changed there; `position` is its place in the list.
  source text NOT NULL CHECK (source IN ('recipe','api')),
  position integer,
  spec jsonb NOT NULL,
  enabled boolean NOT NULL,
  -- Intervals count from here, so that they do not drift.
  anchor_at timestamptz NOT NULL,
  next_due_at timestamptz,
  last_due_at timestamptz,
  last_outcome text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX schedules_due ON schedules (next_due_at) WHERE enabled AND next_due_at IS NOT NULL;
CREATE INDEX schedules_by_workspace ON schedules (workspace_id, next_due_at, id);
CREATE INDEX schedules_by_recipe ON schedules (recipe_id);
SELECT automatos_protect('schedules');

-- Due times and what came of them: each fires once, whichever process comes first.
CREATE TABLE schedule_fires (
  schedule_id uuid NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
  due_at timestamptz NOT NULL,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  fired_at timestamptz NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('started','queued','skipped_overlap','skipped_misfire','failed')),
  run_id uuid,
  error jsonb,
  UNIQUE (schedule_id, due_at)
);
CREATE INDEX schedule_fires_queued ON schedule_fires (schedule_id, due_at) WHERE outcome = 'queued';
SELECT automatos_protect('schedule_fires');

-- Whether a schedule's run before is over.
CREATE INDEX runs_open_by_trigger ON runs (trigger_id)
  WHERE trigger_id IS NOT NULL AND status NOT IN ('completed','failed','cancelled');

CREATE TABLE triggers (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  recipe_id uuid NOT NULL REFERENCES recipes (id) ON DELETE CASCADE,
  name text NOT NULL,
  type text NOT NULL CHECK (type IN ('webhook','run_event')),
  source text NOT NULL CHECK (source IN ('recipe','api')),
  position integer,
  spec jsonb NOT NULL,
  enabled boolean NOT NULL,
  -- Slug of the recipe whose runs count, of triggers by run events that name one.
  watches text,
  -- The secret is derived from it and never stored.
  secret_version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX triggers_by_name ON triggers (workspace_id, name, id);
CREATE INDEX triggers_by_recipe ON triggers (recipe_id);
CREATE INDEX triggers_by_run_event ON triggers (workspace_id) WHERE type = 'run_event' AND enabled;
SELECT automatos_protect('triggers');

CREATE TABLE trigger_deliveries (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  trigger_id uuid NOT NULL REFERENCES triggers (id) ON DELETE CASCADE,
  delivery_id text NOT NULL,
  received_at timestamptz NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('started','filtered','refused','failed')),
  run_id uuid,
  error jsonb
);
-- A delivery counts once. Refused ones prove nothing about their sender, so they must not take an id from a genuine one.
CREATE UNIQUE INDEX trigger_deliveries_once ON trigger_deliveries (trigger_id, delivery_id) WHERE outcome <> 'refused';
CREATE INDEX trigger_deliveries_by_time ON trigger_deliveries (trigger_id, received_at DESC, id DESC);
SELECT automatos_protect('trigger_deliveries');
