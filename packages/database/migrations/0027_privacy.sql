-- Personal data: what is processed and why, who agreed to what, how long it is kept, and what people ask for.

CREATE TABLE privacy_processing_records (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  -- Of an activity that the product itself brings; null for a workspace's own.
  key text,
  name text NOT NULL,
  purpose text NOT NULL,
  legal_basis text NOT NULL CHECK (legal_basis IN
    ('consent','contract','legal_obligation','vital_interests','public_task','legitimate_interests')),
  legal_basis_detail text NOT NULL,
  data_categories jsonb NOT NULL,
  subject_categories jsonb NOT NULL,
  recipients jsonb NOT NULL,
  third_countries text NOT NULL,
  retention text NOT NULL,
  security_measures text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  -- Taken out; kept so that the product does not bring it again.
  deleted_at timestamptz,
  UNIQUE (workspace_id, key)
);
CREATE INDEX privacy_processing_records_by_time ON privacy_processing_records (workspace_id, id);
SELECT automatos_protect('privacy_processing_records');

CREATE TABLE privacy_purposes (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  key text NOT NULL,
  name text NOT NULL,
  -- Newest version of the text; all of them stand in privacy_purpose_texts.
  version integer NOT NULL,
  retired_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (workspace_id, key)
);
SELECT automatos_protect('privacy_purposes');

CREATE TABLE privacy_purpose_texts (
  purpose_id uuid NOT NULL REFERENCES privacy_purposes (id) ON DELETE CASCADE,
  version integer NOT NULL,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  text text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (purpose_id, version)
);
SELECT automatos_protect('privacy_purpose_texts');

-- Every decision, never changed: the newest one counts, the others are proof.
CREATE TABLE privacy_consents (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  purpose_id uuid NOT NULL REFERENCES privacy_purposes (id) ON DELETE CASCADE,
  user_id text NOT NULL,
  given boolean NOT NULL,
  version integer NOT NULL,
  text_hash text NOT NULL,
  via text NOT NULL CHECK (via IN ('person','objection')),
  at timestamptz NOT NULL
);
CREATE INDEX privacy_consents_newest ON privacy_consents (workspace_id, user_id, purpose_id, id DESC);
CREATE INDEX privacy_consents_by_time ON privacy_consents (workspace_id, id DESC);
SELECT automatos_protect('privacy_consents');

-- Days that a category is kept when other than the default. Without a workspace: of the installation.
CREATE TABLE privacy_retention (
  workspace_id uuid REFERENCES workspaces (id) ON DELETE CASCADE,
  category text NOT NULL,
  -- Null: without limit.
  days integer CHECK (days > 0),
  updated_at timestamptz NOT NULL,
  UNIQUE NULLS NOT DISTINCT (workspace_id, category)
);
SELECT automatos_protect('privacy_retention');

-- Evidence of each deletion. Without a workspace: of what belongs to the installation.
CREATE TABLE privacy_retention_runs (
  id uuid PRIMARY KEY,
  workspace_id uuid REFERENCES workspaces (id) ON DELETE CASCADE,
  trigger text NOT NULL CHECK (trigger IN ('schedule','person')),
  -- Day whose scheduled deletion this is: one for each day and workspace, whatever process makes it.
  day date,
  started_at timestamptz NOT NULL,
  finished_at timestamptz,
  deleted jsonb NOT NULL,
  error text
);
CREATE UNIQUE INDEX privacy_retention_runs_daily ON privacy_retention_runs (workspace_id, day) NULLS NOT DISTINCT
  WHERE trigger = 'schedule';
CREATE INDEX privacy_retention_runs_by_time ON privacy_retention_runs (workspace_id, id DESC);
SELECT automatos_protect('privacy_retention_runs');

CREATE TABLE privacy_requests (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  type text NOT NULL CHECK (type IN ('access','rectification','erasure','portability','restriction','objection')),
  status text NOT NULL CHECK (status IN ('received','verified','in_progress','completed','refused','withdrawn')),
  -- Null once the person was erased.
  subject_id text,
  subject_email text,
  subject_name text,
  filed_by text NOT NULL CHECK (filed_by IN ('person','administrator')),
  details text NOT NULL,
  corrections jsonb,
  target jsonb,
  received_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  extension_reason text,
  verification_method text CHECK (verification_method IN ('session','administrator')),
  verification_note text,
  verified_at timestamptz,
  -- Principal that executed it: the one who may hand over what it brought.
  executed_by text,
  refusal_reason text,
  closed_at timestamptz,
  result jsonb
);
CREATE INDEX privacy_requests_by_time ON privacy_requests (workspace_id, id DESC);
CREATE INDEX privacy_requests_by_subject ON privacy_requests (subject_id, id DESC) WHERE subject_id IS NOT NULL;
SELECT automatos_protect('privacy_requests');

CREATE TABLE privacy_request_history (
  id uuid PRIMARY KEY,
  request_id uuid NOT NULL REFERENCES privacy_requests (id) ON DELETE CASCADE,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  at timestamptz NOT NULL,
  action text NOT NULL,
  by text NOT NULL CHECK (by IN ('person','administrator','system')),
  actor_id text NOT NULL,
  note text NOT NULL
);
CREATE INDEX privacy_request_history_of ON privacy_request_history (request_id, id);
SELECT automatos_protect('privacy_request_history');

-- What a request brought, until it expires or the person is erased.
CREATE TABLE privacy_exports (
  request_id uuid NOT NULL REFERENCES privacy_requests (id) ON DELETE CASCADE,
  format text NOT NULL CHECK (format IN ('json','markdown')),
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  user_id text NOT NULL,
  content text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (request_id, format)
);
CREATE INDEX privacy_exports_by_end ON privacy_exports (expires_at);
SELECT automatos_protect('privacy_exports');

-- People whose data are only kept and not worked with (Art. 18).
CREATE TABLE privacy_restrictions (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  user_id text NOT NULL,
  request_id uuid NOT NULL REFERENCES privacy_requests (id) ON DELETE CASCADE,
  since timestamptz NOT NULL,
  lifted_at timestamptz
);
CREATE UNIQUE INDEX privacy_restrictions_open ON privacy_restrictions (workspace_id, user_id) WHERE lifted_at IS NULL;
SELECT automatos_protect('privacy_restrictions');

-- Activities that leave a person's data out after an objection (Art. 21).
CREATE TABLE privacy_exclusions (
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  user_id text NOT NULL,
  -- Key of the activity in the record of processing.
  processing text NOT NULL,
  request_id uuid NOT NULL REFERENCES privacy_requests (id) ON DELETE CASCADE,
  since timestamptz NOT NULL,
  PRIMARY KEY (workspace_id, user_id, processing)
);
SELECT automatos_protect('privacy_exclusions');

-- A version of a recipe still never changes, but for a person who is erased or corrected in it: only by the owner, who says so in
-- its transaction. Which version of which recipe it is stays.
CREATE OR REPLACE FUNCTION recipe_versions_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_user <> 'automatos_app' AND current_setting('automatos.personal_data', true) = 'on'
     AND (NEW.recipe_id, NEW.version, NEW.workspace_id, NEW.created_at) = (OLD.recipe_id, OLD.version, OLD.workspace_id, OLD.created_at) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'version % of recipe % cannot be changed', OLD.version, OLD.recipe_id USING ERRCODE = '23514';
END $$;
