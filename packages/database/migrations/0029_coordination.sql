-- How agents work together: patterns, and the boards on which the agents of a run share what they know.

CREATE TABLE patterns (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  slug text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('hierarchical','collaborative','emergent')),
  name text NOT NULL,
  description text NOT NULL,
  settings jsonb NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  -- Came with the product.
  seeded boolean NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (workspace_id, slug)
);
CREATE INDEX patterns_newest ON patterns (workspace_id, id DESC);
SELECT automatos_protect('patterns');

-- What each version of a pattern was; rows are written once.
CREATE TABLE pattern_versions (
  pattern_id uuid NOT NULL REFERENCES patterns (id) ON DELETE CASCADE,
  version integer NOT NULL,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  definition jsonb NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (pattern_id, version)
);
CREATE INDEX pattern_versions_by_workspace ON pattern_versions (workspace_id);
SELECT automatos_protect('pattern_versions');

-- Every version of every note. Two agents that write on the same version both insert the same key, and one is refused.
CREATE TABLE blackboard_notes (
  run_id uuid NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  key text NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  value jsonb NOT NULL,
  -- Slug of the agent, or of who coordinates.
  author text NOT NULL,
  -- Of the call that wrote it, so that the call can be repeated after a crash.
  write_key text NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (run_id, key, version),
  UNIQUE (run_id, write_key)
);
CREATE INDEX blackboard_notes_by_workspace ON blackboard_notes (workspace_id);
SELECT automatos_protect('blackboard_notes');

CREATE TABLE blackboard_messages (
  run_id uuid NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  -- Counts up within the run, in the order of the commits: who reads after one of them misses none.
  seq integer NOT NULL CHECK (seq > 0),
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  sender text NOT NULL,
  channel text NOT NULL CHECK (channel IN ('topic','agent')),
  -- Name of the topic, or slug of the agent.
  recipient text NOT NULL,
  body text NOT NULL,
  write_key text NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (run_id, seq),
  UNIQUE (run_id, write_key)
);
CREATE INDEX blackboard_messages_by_workspace ON blackboard_messages (workspace_id);
SELECT automatos_protect('blackboard_messages');

CREATE TABLE blackboard_subscriptions (
  run_id uuid NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  agent text NOT NULL,
  topic text NOT NULL,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  -- Only messages that came later are received.
  after_seq integer NOT NULL,
  PRIMARY KEY (run_id, agent, topic)
);
CREATE INDEX blackboard_subscriptions_by_workspace ON blackboard_subscriptions (workspace_id);
SELECT automatos_protect('blackboard_subscriptions');
