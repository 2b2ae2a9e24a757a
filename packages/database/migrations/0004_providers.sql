-- One row per model call that was answered or failed at the vendor. Append-only: figures of a finished call never change.
CREATE TABLE llm_usage (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  -- Null for calls outside of a run. No foreign key: money spent stays on the books when a run is deleted.
  run_id uuid,
  step_key text,
  -- Names the call for all time; a step that is replayed after a crash writes the same key and adds nothing.
  call_key text NOT NULL,
  agent_slug text,
  provider text NOT NULL,
  model text NOT NULL,
  input_tokens bigint NOT NULL CHECK (input_tokens >= 0),
  output_tokens bigint NOT NULL CHECK (output_tokens >= 0),
  cached_input_tokens bigint NOT NULL CHECK (cached_input_tokens >= 0),
  reasoning_tokens bigint NOT NULL CHECK (reasoning_tokens >= 0),
  -- Micro-dollars; null = a price is unknown, which is not the same as free.
  cost_micros bigint CHECK (cost_micros >= 0),
  price_version text,
  estimated boolean NOT NULL,
  offline boolean NOT NULL,
  status text NOT NULL CHECK (status IN ('success', 'error', 'timeout', 'rate_limited', 'cancelled')),
  duration_ms integer NOT NULL CHECK (duration_ms >= 0),
  at timestamptz NOT NULL,
  UNIQUE (workspace_id, call_key)
);
CREATE INDEX llm_usage_recent ON llm_usage (workspace_id, at DESC);
CREATE INDEX llm_usage_run ON llm_usage (run_id) WHERE run_id IS NOT NULL;
SELECT automatos_protect('llm_usage');
