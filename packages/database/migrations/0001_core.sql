-- The restricted role of workspace transactions. Roles belong to the whole server, so another database of the same
-- server may have made it already, or be making it at this moment.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'automatos_app') THEN
    BEGIN
      CREATE ROLE automatos_app NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL;
    END;
  END IF;
  -- A superuser may take any role; any other owner has to be a member to SET ROLE.
  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
     AND NOT EXISTS (
       SELECT FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid JOIN pg_roles u ON u.oid = m.member
       WHERE r.rolname = 'automatos_app' AND u.rolname = current_user
     ) THEN
    EXECUTE format('GRANT automatos_app TO %I', current_user);
  END IF;
END
$$;

GRANT USAGE ON SCHEMA public TO automatos_app;

-- Puts a table under workspace scope. Workspace transactions see and write only rows whose scope column equals
-- app.workspace_id. Whoever runs the migrations sees all rows by a policy for that role alone: policies ask for the
-- current role, which no setting can change.
CREATE FUNCTION automatos_protect(table_name regclass, scope_column name DEFAULT 'workspace_id') RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  in_scope text := format('%I = nullif(current_setting(''app.workspace_id'', true), '''')::uuid', scope_column);
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', table_name);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', table_name);
  EXECUTE format('CREATE POLICY workspace_scope ON %s TO automatos_app USING (%s) WITH CHECK (%s)', table_name, in_scope, in_scope);
  EXECUTE format('CREATE POLICY system_scope ON %s TO %I USING (true) WITH CHECK (true)', table_name, current_user);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO automatos_app', table_name);
END
$$;

-- Lets workspace transactions read a table that belongs to no workspace (a catalogue).
CREATE FUNCTION automatos_share_read(table_name regclass) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('GRANT SELECT ON %s TO automatos_app', table_name);
END
$$;

REVOKE ALL ON FUNCTION automatos_protect(regclass, name), automatos_share_read(regclass) FROM PUBLIC;

CREATE TABLE workspaces (
  id uuid PRIMARY KEY,
  slug text NOT NULL UNIQUE,
  name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
SELECT automatos_protect('workspaces', 'id');

-- The workspace of single-tenant mode.
INSERT INTO workspaces (id, slug, name) VALUES ('00000000-0000-0000-0000-000000000000', 'default', 'Default');

CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  topic text NOT NULL,
  key text NOT NULL,
  payload jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  attempts integer NOT NULL DEFAULT 0,
  -- When it may be taken next: pushed ahead by a claim (so that a crashed dispatcher's entry comes back) and by back-off.
  available_at timestamptz NOT NULL DEFAULT now(),
  dispatched_at timestamptz,
  dead_at timestamptz,
  last_error text,
  UNIQUE (workspace_id, topic, key)
);
CREATE INDEX outbox_pending ON outbox (id) WHERE dispatched_at IS NULL AND dead_at IS NULL;
CREATE INDEX outbox_dispatched ON outbox (dispatched_at) WHERE dispatched_at IS NOT NULL;
SELECT automatos_protect('outbox');
