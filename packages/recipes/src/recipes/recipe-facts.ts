import type { RecipeDefinition } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import { isPlatformError } from '@automatos/kernel';
import { flattenSteps } from '../definition/flatten.ts';
import type { NamedRefs, RecipeFacts, WorkspaceFacts } from '../validation/workspace-facts.ts';
import { definitionOf } from './recipe-access.ts';
import { findRecipe, findVersion } from './recipe-store.ts';

/** Recipes that are read for one validation, those behind the named ones included; what lies beyond is not followed. */
const RECIPES_MAX = 200;

/** Recipes that are saved together with the one that is checked, by slug, with the version they will have. */
export type BesideRecipes = ReadonlyMap<string, { version: number; definition: RecipeDefinition }>;

type Ref = NamedRefs['recipes'][number];

interface Known {
  slug: string;
  version: number;
  definition: RecipeDefinition;
  uses: Ref[];
}

/** Looks up the named recipes and what stands behind them; the result answers without the database. */
export async function readRecipeFacts(
  tx: Tx,
  refs: readonly Ref[],
  beside: BesideRecipes = new Map(),
): Promise<WorkspaceFacts['recipe']> {
  const known = new Map<string, Known | null>();
  const open = [...refs];
  for (let ref = open.pop(); ref !== undefined; ref = open.pop()) {
    if (known.has(keyOf(ref)) || known.size >= RECIPES_MAX) continue;
    const found = ofBeside(beside, ref) ?? (await readRecipe(tx, ref));
    known.set(keyOf(ref), found);
    open.push(...(found?.uses ?? []));
  }
  return (name, version) => {
    const found = known.get(keyOf({ ref: name, ...(version === undefined ? {} : { version }) }));
    return found === undefined || found === null ? null : toFacts(known, found);
  };
}

function keyOf({ ref, version }: Ref): string {
  return `${ref}@${version ?? ''}`;
}

function toFacts(known: ReadonlyMap<string, Known | null>, recipe: Known): RecipeFacts {
  const seen = new Set<Known>();
  const open = [recipe];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const ref of next.uses) {
      const used = known.get(keyOf(ref));
      if (used === undefined || used === null || seen.has(used)) continue;
      seen.add(used);
      open.push(used);
    }
  }
  const { slug, version, definition } = recipe;
  return {
    slug,
    version,
    inputs: definition.inputs,
    outputKeys: Object.keys(definition.outputs),
    uses: [...new Set([...seen].map((used) => used.slug))],
  };
}

function ofBeside(beside: BesideRecipes, { ref, version }: Ref): Known | null {
  const found = beside.get(ref);
  if (found === undefined || (version !== undefined && version !== found.version)) return null;
  return toKnown({ slug: ref, ...found });
}

/** Null also for a version that this release cannot read: a step cannot start it. */
async function readRecipe(tx: Tx, { ref, version }: Ref): Promise<Known | null> {
  const row = await findRecipe(tx, ref);
  const found =
    row === undefined ? undefined : await findVersion(tx, row.id, version ?? row.version);
  if (row === undefined || found === undefined) return null;
  try {
    return toKnown({ slug: row.slug, version: found.version, definition: definitionOf(found) });
  } catch (error) {
    if (isPlatformError(error)) return null;
    throw error;
  }
}

function toKnown(recipe: Omit<Known, 'uses'>): Known {
  const uses = flattenSteps(recipe.definition).flatMap(({ step }) =>
    step?.type === 'recipe'
      ? [
          {
            ref: step.recipe,
            ...(step.version === undefined ? {} : { version: step.version }),
          },
        ]
      : [],
  );
  return { ...recipe, uses };
}
