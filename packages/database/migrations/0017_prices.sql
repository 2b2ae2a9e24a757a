-- Own prices of a workspace: of a contract, or of a model that no list knows.
CREATE TABLE model_prices (
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  provider text NOT NULL,
  model text NOT NULL,
  -- Micro-dollars per million tokens; null = unknown.
  input_micros bigint NOT NULL CHECK (input_micros >= 0),
  output_micros bigint NOT NULL CHECK (output_micros >= 0),
  cached_input_micros bigint CHECK (cached_input_micros >= 0),
  cache_write_micros bigint CHECK (cache_write_micros >= 0),
  version text NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, provider, model)
);
SELECT automatos_protect('model_prices');

-- The price package loaded last, one for the platform (without a workspace) and one for each workspace that loaded its own.
CREATE TABLE price_packages (
  id uuid PRIMARY KEY,
  workspace_id uuid REFERENCES workspaces (id) ON DELETE CASCADE,
  version text NOT NULL,
  source_url text NOT NULL,
  models jsonb NOT NULL,
  loaded_at timestamptz NOT NULL,
  UNIQUE NULLS NOT DISTINCT (workspace_id)
);
SELECT automatos_protect('price_packages');
