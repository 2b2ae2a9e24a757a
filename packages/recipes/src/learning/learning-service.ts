import type { LearningReport, Suggestion } from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import type { WorkspaceId } from '@automatos/kernel';
import { recipeNotFound } from '../recipes/recipe-errors.ts';
import type { RecipeLearning } from '../recipes/recipe-learning.ts';
import { findRecipe, listSlugs } from '../recipes/recipe-store.ts';
import type { RecipeRow } from '../recipes/recipe-store.ts';
import { afterRun } from './after-run.ts';
import type { Candidate } from './candidate.ts';
import { RUNS_NEEDED } from './intervals.ts';
import { applyCandidate, lookAt, shown } from './learning-core.ts';
import type { LearningDeps, Looked } from './learning-core.ts';
import { suggestionBusy, suggestionDecided, suggestionNotFound } from './learning-errors.ts';
import { figuresOf } from './learning-report.ts';
import { fromRow, saveSuggestion, toRow } from './suggestion-store.ts';

export interface Learning extends RecipeLearning {
  /**
   * Looks at a recipe after one of its runs ended: measures what was applied, keeps or takes it back, notes new suggestions
   * and, where the recipe allows it, applies the safe ones. May be called more than once per run, and for runs of anything.
   */
  afterRun(workspaceId: WorkspaceId, runId: string): Promise<void>;
}

/** What runs of a recipe teach, and the changes that follow from it. */
export function createLearning(deps: LearningDeps): Learning {
  const { database } = deps;
  return {
    report: (workspaceId, ref) =>
      database.workspace(workspaceId, async (tx) => report(deps, tx, await mustFind(tx, ref))),
    apply: (scope, ref, id) =>
      database.workspace(scope.workspaceId, async (tx) => {
        const recipe = await mustFind(tx, ref, { lock: true });
        const { history, candidates, rows } = await lookAt(deps, tx, recipe);
        const candidate = mustBeOpen({ recipe, candidates, rows }, id);
        const measuring = rows.find(({ status }) => status === 'measuring');
        if (measuring !== undefined) throw suggestionBusy(measuring.title);
        const row = await applyCandidate(deps, { tx, scope, history, candidate, automatic: false });
        return fromRow(row);
      }),
    dismiss: (scope, ref, id) =>
      database.workspace(scope.workspaceId, async (tx) => {
        const recipe = await mustFind(tx, ref, { lock: true });
        const { history, candidates, rows } = await lookAt(deps, tx, recipe);
        const candidate = mustBeOpen({ recipe, candidates, rows }, id);
        const suggestion: Suggestion = { ...shown(candidate, history), status: 'dismissed' };
        const { workspaceId } = scope;
        const now = new Date(deps.clock.now());
        await saveSuggestion(tx, toRow(suggestion, { recipeId: recipe.id, workspaceId, now }));
        return suggestion;
      }),
    afterRun: (workspaceId, runId) =>
      database.workspace(workspaceId, (tx) => afterRun(deps, { tx, workspaceId, runId })),
  };
}

async function mustFind(tx: Tx, ref: string, options: { lock?: boolean } = {}): Promise<RecipeRow> {
  const row = await findRecipe(tx, ref, options);
  if (row === undefined) throw recipeNotFound(ref, await listSlugs(tx));
  return row;
}

async function report(deps: LearningDeps, tx: Tx, recipe: RecipeRow): Promise<LearningReport> {
  const { history, candidates, rows } = await lookAt(deps, tx, recipe);
  const decided = rows.filter(({ status }) => status !== 'open').map(fromRow);
  const figures = history.definitions.has(recipe.version)
    ? figuresOf(history)
    : {
        recipe_slug: recipe.slug,
        runs: 0,
        runs_needed: RUNS_NEEDED,
        versions: [],
        steps: [],
        variants: [],
      };
  return {
    ...figures,
    suggestions: [
      ...decided.filter(({ status }) => status === 'measuring'),
      ...candidates.map((candidate) => shown(candidate, history)),
      ...decided.filter(({ status }) => status !== 'measuring').toReversed(),
    ],
  };
}

function mustBeOpen(
  { recipe, candidates, rows }: Pick<Looked, 'candidates' | 'rows'> & { recipe: RecipeRow },
  id: string,
): Candidate {
  const decided = rows.find((row) => row.id === id && row.status !== 'open');
  if (decided !== undefined) throw suggestionDecided(decided.title, decided.status);
  const candidate = candidates.find((one) => one.id === id);
  if (candidate === undefined) throw suggestionNotFound(recipe.slug);
  return candidate;
}
