import type { Tx } from '@automatos/database';
import { isPlatformError } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import { sql } from 'drizzle-orm';
import { findRecipe } from '../recipes/recipe-store.ts';
import type { RecipeRow } from '../recipes/recipe-store.ts';
import type { SuggestionKind } from './candidate.ts';
import { statsOf } from './history.ts';
import { countEnded, loadDefinitions, loadRunsOf } from './history-reads.ts';
import { RUNS_NEEDED } from './intervals.ts';
import { applyCandidate, lookAt, shown, tell } from './learning-core.ts';
import type { LearningDeps, Looked } from './learning-core.ts';
import {
  dropOpenExcept,
  listSuggestions,
  readRunsSeen,
  saveRunsSeen,
  saveSuggestion,
  toRow,
} from './suggestion-store.ts';
import type { SuggestionRow } from './suggestion-store.ts';
import { verdictOf } from './verdict.ts';
import type { Verdict } from './verdict.ts';

/** All steps of all runs are read for suggestions: not after each run, but after this many. */
const RUNS_BETWEEN = 5;
/** Kinds that change when a step is given up, never what it is asked: a recipe may let them be applied by themselves. */
const AUTOMATIC: readonly SuggestionKind[] = ['timeout', 'retry'];
const LEARNING = { kind: 'system', id: 'learning', name: 'learning' } as const;

interface Site {
  tx: Tx;
  workspaceId: WorkspaceId;
  recipe: RecipeRow;
}

export async function afterRun(
  deps: LearningDeps,
  { tx, workspaceId, runId }: { tx: Tx; workspaceId: WorkspaceId; runId: string },
): Promise<void> {
  const { rows } = await tx.execute(sql`SELECT recipe_id FROM runs WHERE id = ${runId}`);
  const recipeId = (rows[0] as { recipe_id: string | null } | undefined)?.recipe_id ?? null;
  if (recipeId === null) return;
  // Two runs that end together take turns: a change is measured and a version saved once.
  const recipe = await findRecipe(tx, recipeId, { lock: true });
  if (recipe === undefined) return;
  const site = { tx, workspaceId, recipe };
  await measure(deps, site);
  await suggest(deps, site);
}

async function measure(deps: LearningDeps, site: Site): Promise<void> {
  const { tx, recipe } = site;
  const suggestions = await listSuggestions(tx, recipe.id);
  const row = suggestions.find(({ status }) => status === 'measuring');
  if (row === undefined || row.appliedVersion === null || row.before === null) return;
  const after = statsOf(await loadRunsOf(tx, recipe.id, row.appliedVersion));
  const updatedAt = new Date(deps.clock.now());
  const verdict = verdictOf(row.before, after);
  if (verdict === null) {
    await saveSuggestion(tx, { ...row, after, updatedAt });
    return;
  }
  const { status, text } =
    verdict.status === 'kept' ? verdict : await rollBack(deps, site, { row, verdict });
  await saveSuggestion(tx, { ...row, after, updatedAt, status, verdict: text });
  await tell(deps, { ...site, suggestion: row, change: status });
}

/** Saves the version before as the newest, unless somebody changed the recipe since: that is not thrown away. */
async function rollBack(
  deps: LearningDeps,
  { tx, workspaceId, recipe }: Site,
  { row, verdict }: { row: SuggestionRow; verdict: Verdict },
): Promise<Verdict> {
  const stays = (why: string): Verdict => ({ status: 'kept', text: `${verdict.text} ${why}` });
  if (recipe.version !== row.appliedVersion) {
    return stays('The recipe was changed since, so the suggestion was not taken back.');
  }
  const definitions = await loadDefinitions(tx, recipe.id, [row.baseVersion]);
  const definition = definitions.get(row.baseVersion);
  if (definition === undefined) return stays(`Version ${row.baseVersion} cannot be read any more.`);
  try {
    const note = `learning: took back "${row.title}" of version ${row.appliedVersion}`;
    await deps.saveVersion(tx, {
      workspaceId,
      by: LEARNING,
      recipeId: recipe.id,
      baseVersion: recipe.version,
      definition,
      note,
    });
    return verdict;
  } catch (error) {
    if (!isUnsound(error)) throw error;
    return stays(`Version ${row.baseVersion} cannot be saved any more: ${error.message}`);
  }
}

/** An agent or tool of that definition is gone: found out before anything was written. */
function isUnsound(error: unknown): error is Error {
  return isPlatformError(error) && error.code === 'recipes.definition.invalid';
}

async function suggest(
  deps: LearningDeps,
  { tx, workspaceId, recipe: given }: Site,
): Promise<void> {
  const runs = await countEnded(tx, given.id);
  const seen = await readRunsSeen(tx, given.id);
  if (runs < RUNS_NEEDED || (seen >= RUNS_NEEDED && runs < seen + RUNS_BETWEEN)) return;
  const learntAt = new Date(deps.clock.now());
  await saveRunsSeen(tx, { recipeId: given.id, workspaceId, runsSeen: runs, learntAt });
  // A verdict may have saved a version.
  const recipe = (await findRecipe(tx, given.id)) ?? given;
  const looked = await lookAt(deps, tx, recipe);
  await noteNew(deps, { tx, workspaceId, recipe }, looked);
  await applySafe(deps, { tx, workspaceId, recipe }, looked);
}

async function noteNew(
  deps: LearningDeps,
  { tx, workspaceId, recipe }: Site,
  { history, candidates, rows }: Looked,
): Promise<void> {
  const known = new Set(rows.map(({ id }) => id));
  await dropOpenExcept(
    tx,
    recipe.id,
    candidates.map(({ id }) => id),
  );
  for (const candidate of candidates) {
    const suggestion = shown(candidate, history);
    const now = new Date(deps.clock.now());
    await saveSuggestion(tx, toRow(suggestion, { recipeId: recipe.id, workspaceId, now }));
    if (!known.has(candidate.id)) {
      await tell(deps, { tx, workspaceId, recipe, suggestion, change: 'suggested' });
    }
  }
}

/** One at a time: the next one waits for the verdict about the one before. */
async function applySafe(
  deps: LearningDeps,
  { tx, workspaceId, recipe }: Site,
  { history, candidates, rows }: Looked,
): Promise<void> {
  const definition = history.definitions.get(recipe.version);
  if (definition?.execution.auto_learning !== true) return;
  if (rows.some(({ status }) => status === 'measuring')) return;
  const candidate = candidates.find(({ kind }) => AUTOMATIC.includes(kind));
  if (candidate === undefined) return;
  const scope = { workspaceId, by: LEARNING };
  try {
    await applyCandidate(deps, { tx, scope, history, candidate, automatic: true });
  } catch (error) {
    // It stays open: a person sees why when applying it.
    if (!isUnsound(error)) throw error;
  }
}
