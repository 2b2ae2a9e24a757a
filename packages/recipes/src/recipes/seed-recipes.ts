import { slugSchema } from '@automatos/contracts';
import type { RecipeDefinition } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import type { WorkspaceId } from '@automatos/kernel';
import { contentHash } from '@automatos/kernel/hash';
import { readdir, readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseRecipe } from '../definition/parse-recipe.ts';
import { hashOf } from './recipe-access.ts';
import { findEvenDeleted, findVersion } from './recipe-store.ts';
import { writeNew, writeNext } from './recipe-writing.ts';
import type { Author } from './recipe-writing.ts';

/** Note of versions that an upgrade of the product made. */
const SHIPPED_NOTE = 'came with a newer release';

const FOLDER = new URL('../../recipes/', import.meta.url);
const WAITING_FILE = new URL('../../waiting.yaml', import.meta.url);

const waitingSchema = z.array(
  z.strictObject({
    slug: slugSchema,
    name: z.string().min(1).max(120),
    description: z.string().max(5000),
    tags: z.array(z.string().max(40)).max(20).default([]),
    /** What is missing, as the end of the sentence "it waits for …". */
    waits_for: z.string().min(1).max(500),
  }),
);
/** A recipe that is described, and cannot run before something else is there. */
export type WaitingRecipe = z.infer<typeof waitingSchema>[number];

/** Reads the recipes that are announced but not runnable yet. */
export async function loadWaitingRecipes(): Promise<WaitingRecipe[]> {
  return waitingSchema.parse(parse(await readFile(WAITING_FILE, 'utf8')) ?? []);
}

export interface ShippedRecipe {
  /** Name of the file without folder. */
  file: string;
  definition: RecipeDefinition;
  yaml: string;
}

/** Reads the recipes that come with the product, by file name. */
export async function loadShippedRecipes(): Promise<ShippedRecipe[]> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.yaml')).toSorted();
  return Promise.all(
    files.map(async (file) => {
      const yaml = await readFile(new URL(file, FOLDER), 'utf8');
      return { file, yaml, definition: parseRecipe({ yaml }) };
    }),
  );
}

/**
 * Brings the shipped recipes into a workspace and returns how many were added and renewed. Recipes that somebody changed
 * or deleted are left as they are; a recipe that still stands as it was shipped gets the newer one as its next version.
 */
export async function seedRecipes(
  tx: Tx,
  workspaceId: WorkspaceId,
  options: { nowMs: number; shipped: readonly ShippedRecipe[] },
): Promise<{ added: number; renewed: number }> {
  const author: Author = { workspaceId, by: 'system', at: new Date(options.nowMs) };
  const done = { added: 0, renewed: 0 };
  for (const content of options.shipped) {
    const before = await findEvenDeleted(tx, content.definition.slug);
    if (before === undefined) {
      if ((await writeNew(tx, author, { content, seeded: true })) !== null) done.added += 1;
      continue;
    }
    const untouched = before.deletedAt === null && before.seedVersion === before.version;
    if (!untouched) continue;
    const current = await findVersion(tx, before.id, before.version);
    if (current !== undefined && hashOf(current) === contentHash(content.definition)) continue;
    await writeNext(tx, author, { before, content, seeded: true, note: SHIPPED_NOTE });
    done.renewed += 1;
  }
  return done;
}
