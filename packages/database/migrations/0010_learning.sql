-- What runs of a recipe teach: suggestions that were shown, decided, applied and measured.

CREATE TABLE recipe_suggestions (
  recipe_id uuid NOT NULL REFERENCES recipes (id) ON DELETE CASCADE,
  -- Follows from the kind and from what it would change: the same suggestion is not made twice.
  id text NOT NULL,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  kind text NOT NULL,
  step_id text,
  title text NOT NULL,
  evidence jsonb NOT NULL,
  base_version integer NOT NULL,
  changes jsonb NOT NULL,
  diff jsonb NOT NULL,
  status text NOT NULL CHECK (status IN ('open','measuring','kept','rolled_back','dismissed')),
  applied_version integer,
  -- Whether the recipe itself allowed it (`execution.auto_learning`), and no person applied it.
  automatic boolean NOT NULL DEFAULT false,
  before jsonb,
  after jsonb,
  verdict text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (recipe_id, id)
);
-- One change at a time is measured: of two, nobody could say which one it was.
CREATE UNIQUE INDEX recipe_suggestions_measuring ON recipe_suggestions (recipe_id) WHERE status = 'measuring';
CREATE INDEX recipe_suggestions_by_workspace ON recipe_suggestions (workspace_id);
SELECT automatos_protect('recipe_suggestions');

-- How many ended runs of a recipe were looked at last.
CREATE TABLE recipe_learning (
  recipe_id uuid PRIMARY KEY REFERENCES recipes (id) ON DELETE CASCADE,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  runs_seen integer NOT NULL,
  learnt_at timestamptz NOT NULL
);
CREATE INDEX recipe_learning_by_workspace ON recipe_learning (workspace_id);
SELECT automatos_protect('recipe_learning');
