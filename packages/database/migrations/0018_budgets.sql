-- Limits on money that no model call passes, and the counters that are their record.

CREATE TABLE budgets (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  name text NOT NULL,
  -- Over what it sums; `window` itself is a word of SQL.
  window_kind text NOT NULL CHECK (window_kind IN ('call','run','day','month','total')),
  -- Null: all calls of the workspace.
  agent text,
  limit_micros bigint NOT NULL CHECK (limit_micros > 0),
  -- Price per million tokens that stands in for an unknown one; both or none.
  ceiling_input_micros bigint,
  ceiling_output_micros bigint,
  enabled boolean NOT NULL,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CHECK ((ceiling_input_micros IS NULL) = (ceiling_output_micros IS NULL))
);
CREATE INDEX budgets_by_name ON budgets (workspace_id, name, id);
SELECT automatos_protect('budgets');

-- One row per budget and window (day, run, …). Without a foreign key to budgets: the deletion of a budget must not wait for
-- calls, nor calls for it. Leftovers are cleared away by the sweep.
CREATE TABLE budget_counters (
  budget_id uuid NOT NULL,
  window_key text NOT NULL,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  spent_micros bigint NOT NULL DEFAULT 0,
  -- Always the sum of the grants of this counter.
  reserved_micros bigint NOT NULL DEFAULT 0 CHECK (reserved_micros >= 0),
  refused bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (budget_id, window_key)
);
CREATE INDEX budget_counters_by_age ON budget_counters (updated_at);
SELECT automatos_protect('budget_counters');

-- Money that one process holds of a counter. Its lease is renewed with every exchange; once it is over the rest counts as spent,
-- because a call under way may have been billed.
CREATE TABLE budget_grants (
  budget_id uuid NOT NULL,
  window_key text NOT NULL,
  holder uuid NOT NULL,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  held_micros bigint NOT NULL CHECK (held_micros >= 0),
  -- Number of the last exchange and what it granted: an exchange whose outcome a process did not hear is sent again.
  seq bigint NOT NULL,
  -- Number of the exchange that began this grant; above 1 the one before it was lost.
  first_seq bigint NOT NULL,
  granted_micros bigint NOT NULL,
  lease_until timestamptz NOT NULL,
  PRIMARY KEY (budget_id, window_key, holder)
);
CREATE INDEX budget_grants_by_lease ON budget_grants (lease_until);
SELECT automatos_protect('budget_grants');

-- One exchange of a process with its counters, all in the order of their keys so that no two wait for each other: what was used
-- is noted as spent, what is not needed goes back, and what is wanted is granted whole if spent + reserved + wanted stays
-- within the limit, or not at all. A granted amount is followed by a chunk for the calls to come: at most 1/200 of the limit and
-- 1/16 of what is left, so that little is lost with a process and nothing is hoarded when the end is near.
-- A grant that is gone was counted as spent: what is reported of it is not counted again (state `lost`).
CREATE FUNCTION automatos_budget_exchange(of_holder uuid, lease_ms integer, entries jsonb)
RETURNS TABLE (r_budget uuid, r_window text, r_state text, r_granted bigint, r_limit bigint, r_spent_before bigint,
  r_spent bigint, r_reserved bigint)
LANGUAGE plpgsql AS $$
DECLARE
  e record;
  b budgets%ROWTYPE;
  c budget_counters%ROWTYPE;
  g budget_grants%ROWTYPE;
  has_grant boolean;
  room bigint;
  room_before bigint;
BEGIN
  FOR e IN SELECT * FROM jsonb_to_recordset(entries) AS x(budget_id uuid, window_key text, seq bigint, used bigint,
    beyond bigint, give_back bigint, want bigint, refused bigint, tell boolean, leaving boolean) ORDER BY x.budget_id, x.window_key
  LOOP
    r_budget := e.budget_id; r_window := e.window_key; r_granted := 0;
    SELECT * INTO b FROM budgets WHERE id = e.budget_id;
    IF NOT FOUND THEN
      r_state := 'gone'; r_limit := 0; r_spent_before := 0; r_spent := 0; r_reserved := 0;
      RETURN NEXT;
      CONTINUE;
    END IF;
    SELECT * INTO c FROM budget_counters WHERE budget_id = e.budget_id AND window_key = e.window_key FOR UPDATE;
    IF NOT FOUND THEN
      INSERT INTO budget_counters (budget_id, window_key, workspace_id) VALUES (e.budget_id, e.window_key, b.workspace_id)
        ON CONFLICT DO NOTHING;
      SELECT * INTO c FROM budget_counters WHERE budget_id = e.budget_id AND window_key = e.window_key FOR UPDATE;
    END IF;
    r_limit := b.limit_micros; r_spent_before := c.spent_micros;
    SELECT * INTO g FROM budget_grants WHERE budget_id = e.budget_id AND window_key = e.window_key AND holder = of_holder;
    has_grant := FOUND;
    IF has_grant AND g.seq = e.seq THEN
      r_state := CASE WHEN g.first_seq = e.seq AND e.seq > 1 THEN 'lost' ELSE 'ok' END;
      r_granted := g.granted_micros; r_spent := c.spent_micros; r_reserved := c.reserved_micros;
      RETURN NEXT;
      CONTINUE;
    END IF;
    r_state := 'ok';
    IF NOT has_grant THEN
      IF e.seq > 1 THEN r_state := 'lost'; END IF;
      e.used := 0; e.give_back := 0; g.held_micros := 0; g.first_seq := e.seq;
    END IF;
    room_before := b.limit_micros - c.spent_micros - c.reserved_micros;
    c.spent_micros := c.spent_micros + e.used + e.beyond;
    c.reserved_micros := c.reserved_micros - e.used - e.give_back;
    room := b.limit_micros - c.spent_micros - c.reserved_micros;
    IF e.want > 0 AND e.want <= room THEN
      r_granted := e.want + LEAST(b.limit_micros / 200, (room - e.want) / 16);
    END IF;
    c.reserved_micros := c.reserved_micros + r_granted;
    g.held_micros := g.held_micros - e.used - e.give_back + r_granted;
    UPDATE budget_counters SET spent_micros = c.spent_micros, reserved_micros = c.reserved_micros,
      refused = refused + e.refused, updated_at = clock_timestamp()
      WHERE budget_id = e.budget_id AND window_key = e.window_key;
    IF e.leaving AND g.held_micros = 0 THEN
      DELETE FROM budget_grants WHERE budget_id = e.budget_id AND window_key = e.window_key AND holder = of_holder;
    ELSE
      INSERT INTO budget_grants (budget_id, window_key, holder, workspace_id, held_micros, seq, first_seq, granted_micros,
          lease_until)
        VALUES (e.budget_id, e.window_key, of_holder, b.workspace_id, g.held_micros, e.seq, g.first_seq, r_granted,
          clock_timestamp() + lease_ms * interval '1 millisecond')
        ON CONFLICT (budget_id, window_key, holder) DO UPDATE SET held_micros = EXCLUDED.held_micros, seq = EXCLUDED.seq,
          granted_micros = EXCLUDED.granted_micros, lease_until = EXCLUDED.lease_until;
    END IF;
    -- Those who wait elsewhere learn that there is more, those who hold money that it is wanted.
    IF e.tell AND room - r_granted > room_before THEN
      PERFORM pg_notify('automatos_budget_money', concat_ws('|', 'free', e.budget_id, e.window_key, of_holder));
    END IF;
    IF e.want > 0 AND r_granted = 0 AND c.reserved_micros > g.held_micros THEN
      PERFORM pg_notify('automatos_budget_money', concat_ws('|', 'wanted', e.budget_id, e.window_key, of_holder));
    END IF;
    r_spent := c.spent_micros; r_reserved := c.reserved_micros;
    RETURN NEXT;
  END LOOP;
END
$$;
