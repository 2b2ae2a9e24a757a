-- Who did what: one chain of rows per workspace, to which rows can only be added. Each row carries the hash of the one
-- before it, so whoever changes, removes or moves one has to rewrite all that follow. docs/audit.md says how hashes are made.

CREATE TABLE audit_log (
  -- Without a foreign key: the record outlives its workspace.
  workspace_id uuid NOT NULL,
  -- 1, 2, 3 … in each workspace.
  sequence bigint NOT NULL CHECK (sequence > 0),
  id uuid NOT NULL UNIQUE,
  -- Version of the form that is hashed.
  version smallint NOT NULL,
  -- Clock of the database, never before the row before.
  at timestamptz(3) NOT NULL,
  actor_kind text NOT NULL,
  actor_id text NOT NULL,
  action text NOT NULL,
  target_type text NOT NULL,
  target_id text NOT NULL,
  target_name text NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('success','denied','failure')),
  request_id text NOT NULL,
  details jsonb NOT NULL,
  -- Name, address and browser of the actor with a random number. The chain holds only the hash of it, so a person's data can be
  -- erased and the chain still holds.
  personal jsonb,
  personal_hash text NOT NULL,
  prev_hash text NOT NULL,
  hash text NOT NULL,
  PRIMARY KEY (workspace_id, sequence)
);
CREATE INDEX audit_log_by_time ON audit_log (workspace_id, at, sequence);
CREATE INDEX audit_log_by_actor ON audit_log (workspace_id, actor_id, sequence);
CREATE INDEX audit_log_by_action ON audit_log (workspace_id, action, sequence);
CREATE INDEX audit_log_by_target ON audit_log (workspace_id, target_id, sequence);
SELECT automatos_protect('audit_log');
REVOKE UPDATE, DELETE ON audit_log FROM automatos_app;

-- Serialises who appends to one workspace, until the transaction ends, and tells after what: last sequence and hash, the time
-- of the next row, and which of these ids are in the log already.
CREATE FUNCTION automatos_audit_head(chain uuid, ids uuid[])
RETURNS TABLE (sequence bigint, hash text, at timestamptz, known uuid[])
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('automatos.audit:' || chain::text, 0));
  RETURN QUERY
    SELECT coalesce(last.sequence, 0), coalesce(last.hash, repeat('0', 64)),
           date_trunc('milliseconds', greatest(clock_timestamp(), last.at)),
           ARRAY(SELECT l.id FROM audit_log l WHERE l.id = ANY(ids))
    FROM (SELECT 1) AS always LEFT JOIN LATERAL (
      SELECT l.sequence, l.hash, l.at FROM audit_log l WHERE l.workspace_id = chain ORDER BY l.sequence DESC LIMIT 1
    ) AS last ON true;
END
$$;

-- A row follows the last one, at the time of the database, whoever inserts it.
CREATE FUNCTION audit_log_follow() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  last record;
BEGIN
  SELECT l.sequence, l.hash, l.at INTO last FROM audit_log l
    WHERE l.workspace_id = NEW.workspace_id ORDER BY l.sequence DESC LIMIT 1;
  IF NEW.sequence <> coalesce(last.sequence, 0) + 1 OR NEW.prev_hash <> coalesce(last.hash, repeat('0', 64)) THEN
    RAISE EXCEPTION 'audit_log: row % does not follow the last row of its workspace', NEW.sequence
      USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.at < coalesce(last.at, '-infinity')
     OR NEW.at NOT BETWEEN clock_timestamp() - interval '10 minutes' AND clock_timestamp() + interval '1 second' THEN
    RAISE EXCEPTION 'audit_log: row % does not carry the time of the database', NEW.sequence
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER audit_log_follow BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_log_follow();

-- The only change there is: a person's data erased. It needs the owner of the table; workspace transactions may not.
CREATE FUNCTION audit_log_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.personal IS NULL AND to_jsonb(NEW) - 'personal' = to_jsonb(OLD) - 'personal' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'audit_log: rows are only added' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_log_keep BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_log_keep();
CREATE TRIGGER audit_log_keep_all BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION audit_log_keep();

-- What will be a row of the log: requests under way, so that one whose process dies is not forgotten, and what a transaction
-- noted with its change. Workspace transactions can put in, and neither read nor take out.
CREATE TABLE audit_pending (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL,
  entry jsonb NOT NULL,
  -- False: the outcome is not known yet.
  complete boolean NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX audit_pending_by_time ON audit_pending (created_at);
SELECT automatos_protect('audit_pending');
REVOKE SELECT, UPDATE, DELETE ON audit_pending FROM automatos_app;
