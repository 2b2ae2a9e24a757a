-- What made a version when it was not an edit: a restore, an import, a suggestion learnt from runs.
ALTER TABLE recipe_versions ADD COLUMN note text;
