import { TRIGGERS_ERROR_CODES } from './triggers/error-codes.ts';

/** Every error code that this room throws, with one sentence for the documentation. */
export const RECIPES_ERROR_CODES = {
  'recipes.definition.invalid':
    'The recipe has problems; all are listed with JSON pointer and, for YAML, line and column.',
  'recipes.schema.invalid': 'A JSON schema in the recipe cannot be used.',
  'recipes.inputs.invalid': "The inputs of the run do not fit the recipe's input schema.",
  'recipes.reference.missing':
    'A reference points at something that the run did not bring forth, and has no default.',
  'recipes.condition.invalid':
    'A condition compares values that cannot be compared, or holds one that is neither true nor false.',
  'recipes.recipe.not_found': 'No recipe has this id or slug in the workspace.',
  'recipes.version.not_found': 'The recipe has no such version.',
  'recipes.recipe.slug_taken': 'Another recipe of the workspace has this slug already.',
  'recipes.recipe.slug_fixed': 'The slug of a saved recipe cannot change.',
  'recipes.recipe.version_mismatch':
    'The recipe was changed since it was read: If-Match names an older version.',
  'recipes.recipe.version_required':
    'An update must carry If-Match with the version that was read.',
  'recipes.recipe.not_runnable': 'An agent or tool that the recipe names is gone or takes no work.',
  'recipes.version.unreadable':
    'A stored version of a recipe was saved by another release of the product and cannot be read by this one.',
  'recipes.import.invalid':
    'A file of recipes has problems; all are listed with the number of their document, and nothing was saved.',
  'recipes.import.slug_taken':
    'A file of recipes holds a slug that the workspace has already, and on_conflict is fail; nothing was saved.',
  'recipes.featured.not_found': 'The product ships no recipe of this slug.',
  'recipes.featured.waiting':
    'The featured recipe waits for a part of the product that is not there yet.',
  'recipes.fork.not_a_recipe': 'Only runs of recipes can be retried and forked.',
  'recipes.fork.run_active': 'A run that has not ended cannot be retried.',
  'recipes.fork.nothing_left':
    'The run holds no step that a retry could do: it is completed, or failed after its last step.',
  'recipes.fork.step_unknown': 'The recipe has no step of this id on its first level.',
  'recipes.fork.step_not_reached': 'A step before the one to fork from has no result yet.',
  'recipes.fork.steps_differ':
    'The steps before the one to fork from are not those of the newest version.',
  'recipes.fork.model_unknown': 'The model to fork with cannot be used.',
  'recipes.list.cursor_invalid': 'The cursor was not made by this list.',
  'recipes.document.failed': 'A PDF or Word file could not be made.',
  'recipes.document.timeout': 'Setting a PDF or Word file took more than two minutes.',
  'recipes.plan.unreadable': 'The stored plan of a run cannot be read by this version.',
  'recipes.plan.agent_missing': 'The stored plan of a run lacks an agent that a step names.',
  'recipes.plan.recipe_missing': 'The stored plan of a run lacks a recipe that a step starts.',
  'recipes.budget.exceeded':
    'A call would pass a bound of the budget of the run, of a step or of the run that started this one.',
  'recipes.budget.price_unknown':
    'A budget bounds the cost, but the price of the model is unknown, so the call was refused.',
  'recipes.map.items_invalid': 'The items of a map or for_each are no list.',
  'recipes.map.too_many_items': 'The list of a map or for_each is longer than its max_items.',
  'recipes.map.all_failed': 'Every item of a map or for_each failed.',
  'recipes.map.too_few_succeeded':
    'Fewer items of a map or for_each succeeded than its min_succeeded_ratio asks for.',
  'recipes.loop.limit_reached': 'A loop did not meet its condition within max_iterations.',
  'recipes.approval.rejected': 'A person, or the time limit in place of one, rejected a step.',
  'recipes.approval.timed_out': 'Nobody decided an approval within its timeout_ms.',
  'recipes.wait.time_invalid': 'A wait step waits until something that is no RFC 3339 time.',
  'recipes.wait.timed_out': 'The event of a wait step did not come within its timeout_ms.',
  'recipes.sub_run.failed': 'The run that a recipe step started failed or was cancelled.',
  'recipes.quality.below_threshold':
    'The result of a step, after its repairs, or of the run is below its quality_threshold.',
  'recipes.dry_run.refused':
    'A dry run leaves the step out, because it would change something, ask somebody or wait.',
  'recipes.run.timeout': "The run did not end within the recipe's total_timeout_ms.",
  'recipes.step.timeout': 'A step or group did not end within its timeout_ms.',
  'recipes.group.timeout': 'A step was stopped, because its group reached its timeout_ms.',
  'recipes.step.aborted':
    'A step was stopped, because another one failed and ended the run or group.',
  'recipes.step.limit_reached':
    'The agent of a step reached one of its limits before its answer was whole; what there was is kept.',
  'recipes.step.output_invalid': 'The output of a step does not fit its output_schema.',
  'recipes.suggestion.not_found':
    'The runs of the recipe make no such suggestion, or not any more.',
  'recipes.suggestion.already_decided': 'The suggestion was applied or dismissed before.',
  'recipes.suggestion.busy': 'Another suggestion of the recipe is being measured.',
  'recipes.tool.failed': 'A tool call failed without saying why.',
  ...TRIGGERS_ERROR_CODES,
} as const;

export type RecipesErrorCode = keyof typeof RECIPES_ERROR_CODES;
