-- Recipes and their immutable versions.

CREATE TABLE recipes (
  id uuid PRIMARY KEY,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  slug text NOT NULL,
  name text NOT NULL,
  description text NOT NULL,
  tags jsonb NOT NULL,
  category text,
  -- The current version; what it says stands in recipe_versions.
  version integer NOT NULL CHECK (version > 0),
  seeded boolean NOT NULL,
  -- Version that the product itself wrote last. Equal to `version` as long as nobody changed the recipe.
  seed_version integer,
  step_count integer NOT NULL,
  -- Agents that the current version names, by slug or id.
  agents jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  -- Deleted recipes are kept: their runs name them, and a deleted seed must not come back.
  deleted_at timestamptz
);
CREATE UNIQUE INDEX recipes_slug ON recipes (workspace_id, slug) WHERE deleted_at IS NULL;
CREATE INDEX recipes_by_name ON recipes (workspace_id, name, id) WHERE deleted_at IS NULL;

CREATE TABLE recipe_versions (
  recipe_id uuid NOT NULL REFERENCES recipes (id) ON DELETE CASCADE,
  version integer NOT NULL,
  workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  definition jsonb NOT NULL,
  -- The text as it was saved, comments included.
  yaml text NOT NULL,
  definition_hash text NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (recipe_id, version)
);
CREATE INDEX recipe_versions_by_workspace ON recipe_versions (workspace_id);

-- A version never changes, whatever code tries to write it.
CREATE FUNCTION recipe_versions_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'version % of recipe % cannot be changed', OLD.version, OLD.recipe_id USING ERRCODE = '23514';
END $$;
CREATE TRIGGER recipe_versions_keep BEFORE UPDATE ON recipe_versions FOR EACH ROW EXECUTE FUNCTION recipe_versions_keep();

SELECT automatos_protect('recipes');
SELECT automatos_protect('recipe_versions');
