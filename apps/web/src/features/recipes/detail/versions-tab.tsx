'use client';

import { diffRecipeVersions, restoreRecipeVersion, type Recipe } from '@automatos/sdk';
import { useApi } from '../../../components/api-context.ts';
import { newIdempotencyKey } from '../../../lib/idempotency-key.ts';
import { useMay } from '../../session/use-session.ts';
import { VersionHistory } from '../../versions/version-history.tsx';
import { useRecipeVersions } from '../recipe-queries.ts';

/** Every version of the recipe, what changed between two, and the way back. */
export function VersionsTab({ recipe }: { recipe: Recipe }) {
  const client = useApi();
  const { query, items } = useRecipeVersions(recipe.slug);
  const mayWrite = useMay('recipes:write');
  return (
    <VersionHistory
      mayWrite={mayWrite}
      versions={{
        query,
        items: items?.map((version) => ({
          ...version,
          mark: version.definition_hash.slice(0, 12),
        })),
      }}
      subject={{
        area: 'recipes',
        id: recipe.id,
        version: recipe.version,
        onlyOne:
          'Each time the recipe is saved a version is added. Edit it, and what changed is shown here.',
        diff: async (version, to, signal) => {
          const path = { recipe_id: recipe.id, version };
          return (await diffRecipeVersions({ client, path, query: { to }, signal })).data;
        },
        restore: async (version) => {
          const path = { recipe_id: recipe.id, version };
          const headers = {
            'If-Match': `"${recipe.version}"`,
            'Idempotency-Key': newIdempotencyKey(),
          };
          return (await restoreRecipeVersion({ client, path, headers })).data.version;
        },
      }}
    />
  );
}
