-- Personas, agents and the versions of agents.

CREATE TABLE personas (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  slug text NOT NULL,
  name text NOT NULL,
  category text NOT NULL,
  description text NOT NULL,
  prompt text NOT NULL,
  -- Came with the product: read-only, so that a clone can always be compared with it.
  predefined boolean NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (workspace_id, slug)
);
CREATE INDEX personas_newest ON personas (workspace_id, id DESC);

CREATE TABLE agents (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  slug text NOT NULL,
  status text NOT NULL CHECK (status IN ('draft', 'active', 'busy', 'paused', 'error', 'retired')),
  version integer NOT NULL CHECK (version > 0),
  seeded boolean NOT NULL,
  name text NOT NULL,
  category text NOT NULL,
  description text NOT NULL,
  tags jsonb NOT NULL,
  -- Slug of a persona of the same workspace; a persona in use cannot be deleted, whoever asks.
  persona text,
  instructions text NOT NULL,
  model jsonb NOT NULL,
  tools jsonb NOT NULL,
  capabilities jsonb NOT NULL,
  limits jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (workspace_id, slug),
  CONSTRAINT agents_persona_exists FOREIGN KEY (workspace_id, persona) REFERENCES personas (workspace_id, slug)
);
CREATE INDEX agents_newest ON agents (workspace_id, id DESC);
CREATE INDEX agents_by_persona ON agents (workspace_id, persona) WHERE persona IS NOT NULL;

-- What each version of an agent was; rows are written once.
CREATE TABLE agent_versions (
  agent_id uuid NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
  version integer NOT NULL,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  definition jsonb NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (agent_id, version)
);
CREATE INDEX agent_versions_by_workspace ON agent_versions (workspace_id);

SELECT automatos_protect('personas');
SELECT automatos_protect('agents');
SELECT automatos_protect('agent_versions');
