import type { EventData, Suggestion } from '@automatos/contracts';
import type { Database, Tx } from '@automatos/database';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import type { Capability, ToolRegistry } from '@automatos/tools';
import type { RecipeScope, RecipeService } from '../recipes/recipe-service.ts';
import type { RecipeRow } from '../recipes/recipe-store.ts';
import { toSuggestion } from './candidate.ts';
import type { Candidate } from './candidate.ts';
import { currentDefinition, statsOf } from './history.ts';
import type { History } from './history.ts';
import { loadFieldGaps, loadHistory } from './history-reads.ts';
import { RUNS_NEEDED } from './intervals.ts';
import { candidatesOf } from './suggest/candidates.ts';
import { listSuggestions, saveSuggestion, toRow } from './suggestion-store.ts';
import type { SuggestionRow } from './suggestion-store.ts';

/** Stores an event in the transaction of the change. Filled by the composition. */
export type EmitLearningEvent = (
  tx: Tx,
  workspaceId: WorkspaceId,
  event: { type: 'learning.updated'; subject: string; data: EventData<'learning.updated'> },
) => Promise<void>;

export interface LearningDeps {
  database: Pick<Database, 'workspace'>;
  saveVersion: RecipeService['saveVersion'];
  emit: EmitLearningEvent;
  clock: Pick<Clock, 'now'>;
  registry: Pick<ToolRegistry, 'get'>;
}

/** What a tool may do without anybody missing it when it is not called. */
const READS: ReadonlySet<Capability> = new Set(['read']);

export interface Looked {
  history: History;
  /** What the runs speak for now, without what was decided before. */
  candidates: Candidate[];
  rows: SuggestionRow[];
}

/** Everything that is known about a recipe now. */
export async function lookAt(deps: LearningDeps, tx: Tx, recipe: RecipeRow): Promise<Looked> {
  const history = await loadHistory(tx, recipe);
  const rows = await listSuggestions(tx, recipe.id);
  if (!history.definitions.has(recipe.version)) return { history, candidates: [], rows };
  const gaps = await loadFieldGaps(tx, history);
  const decided = new Set(rows.filter(({ status }) => status !== 'open').map(({ id }) => id));
  const onlyReads = (name: string) => {
    const tool = deps.registry.get(name);
    return tool !== undefined && tool.capabilities.every((capability) => READS.has(capability));
  };
  const all = candidatesOf(history, { gaps, onlyReads });
  return { history, candidates: all.filter(({ id }) => !decided.has(id)), rows };
}

export function shown(candidate: Candidate, history: History): Suggestion {
  const definition = currentDefinition(history);
  return toSuggestion(candidate, { version: history.recipe.version, definition });
}

/** Saves a candidate as the next version and begins to measure it; the caller holds the recipe locked. */
export async function applyCandidate(
  deps: LearningDeps,
  given: { tx: Tx; scope: RecipeScope; history: History; candidate: Candidate; automatic: boolean },
): Promise<SuggestionRow> {
  const { tx, scope, history, candidate, automatic } = given;
  const { recipe } = history;
  const { version } = await deps.saveVersion(tx, {
    ...scope,
    recipeId: recipe.id,
    baseVersion: recipe.version,
    definition: candidate.definition,
    note: `learning: ${candidate.title}`,
  });
  const own = history.runs.filter((run) => run.version === recipe.version);
  const suggestion: Suggestion = {
    ...shown(candidate, history),
    status: 'measuring',
    applied_version: version,
    // A version that is too young to be measured is taken together with those before it.
    before: statsOf(own.length >= RUNS_NEEDED ? own : history.runs),
    after: statsOf([]),
  };
  const { workspaceId } = scope;
  const now = new Date(deps.clock.now());
  const row = { ...toRow(suggestion, { recipeId: recipe.id, workspaceId, now }), automatic };
  await saveSuggestion(tx, row);
  await tell(deps, { tx, workspaceId, recipe, suggestion: row, change: 'applied' });
  return row;
}

export function tell(
  deps: LearningDeps,
  given: {
    tx: Tx;
    workspaceId: WorkspaceId;
    recipe: { id: string; slug: string };
    suggestion: { id: string; title: string };
    change: EventData<'learning.updated'>['change'];
  },
): Promise<void> {
  const { tx, workspaceId, recipe, suggestion, change } = given;
  return deps.emit(tx, workspaceId, {
    type: 'learning.updated',
    subject: recipe.id,
    data: {
      recipe_slug: recipe.slug,
      change,
      suggestion_id: suggestion.id,
      title: suggestion.title,
    },
  });
}
