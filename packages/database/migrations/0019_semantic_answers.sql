-- Answers of models kept with the meaning of their question. Exact search: each scope is small and bounded.
CREATE TABLE llm_semantic_answers (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  -- Hash of all that must be equal for one answer to stand for another: model, instructions, earlier messages, parameters.
  scope text NOT NULL,
  embedding vector NOT NULL,
  answer jsonb NOT NULL,
  kept_at timestamptz NOT NULL
);
CREATE INDEX llm_semantic_answers_scope ON llm_semantic_answers (workspace_id, scope, kept_at DESC);
CREATE INDEX llm_semantic_answers_age ON llm_semantic_answers (workspace_id, kept_at DESC);
SELECT automatos_protect('llm_semantic_answers');
