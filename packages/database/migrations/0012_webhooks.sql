-- Outgoing webhooks: where events go, and each delivery until it arrived or was given up.

CREATE TABLE webhooks (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  name text NOT NULL,
  url text NOT NULL,
  events jsonb NOT NULL,
  -- Slug of the recipe whose runs count; null for all events.
  recipe text,
  enabled boolean NOT NULL,
  disabled_reason text,
  -- Deliveries given up one after another since the last that arrived.
  dead_in_a_row integer NOT NULL DEFAULT 0,
  -- The secret is derived from it and never stored.
  secret_version integer NOT NULL DEFAULT 1,
  -- For a while after a rotation deliveries carry the signature of the version before as well.
  rotated_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX webhooks_by_name ON webhooks (workspace_id, name, id);
SELECT automatos_protect('webhooks');

-- Without a foreign key to webhooks: the transaction that stores an event must not fail because a webhook is deleted in
-- the same moment. Leftovers are cleared away by time.
CREATE TABLE webhook_deliveries (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  webhook_id uuid NOT NULL,
  event_id uuid NOT NULL,
  event_type text NOT NULL,
  payload jsonb NOT NULL,
  status text NOT NULL CHECK (status IN ('pending','delivered','dead')),
  attempts integer NOT NULL DEFAULT 0,
  -- When it may be taken next: pushed ahead by a claim (so that a crashed process's delivery comes back) and by back-off.
  next_attempt_at timestamptz,
  response_status integer,
  error text,
  created_at timestamptz NOT NULL,
  delivered_at timestamptz,
  UNIQUE (webhook_id, event_id)
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_by_time ON webhook_deliveries (webhook_id, created_at DESC, id DESC);
CREATE INDEX webhook_deliveries_ended ON webhook_deliveries (created_at) WHERE status <> 'pending';
SELECT automatos_protect('webhook_deliveries');
