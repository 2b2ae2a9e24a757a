export { parseRecipe } from './definition/parse-recipe.ts';
export type { RecipeSource } from './definition/source.ts';
export { toYaml } from './definition/to-yaml.ts';
export { FILTERS } from './references/filters.ts';
export {
  checkRooted,
  checkRootedCondition,
  evaluateRooted,
  renderRooted,
} from './references/rooted.ts';
export type { RootedProblem } from './references/rooted.ts';
export { createRecipeKind } from './execution/recipe-kind.ts';
export type { RecipeKindDeps } from './execution/recipe-run.ts';
export { declaredSteps, plannedRecipeKey, toPlan } from './execution/plan.ts';
export type { FrozenAgent, PlannedRecipe, RecipePlan } from './execution/plan.ts';
export { validateRecipe } from './validation/validate-recipe.ts';
export type { NamedRefs, RecipeFacts, WorkspaceFacts } from './validation/workspace-facts.ts';
export { createRecipeService } from './recipes/recipe-service.ts';
export type {
  RecipeScope,
  RecipeService,
  RecipeServiceDeps,
  SaveVersion,
} from './recipes/recipe-service.ts';
export type {
  EmitRecipeEvent,
  RecipeEventType,
  SyncFromDefinition,
} from './recipes/recipe-events.ts';
export type { RecipeLearning } from './recipes/recipe-learning.ts';
export type { StartOptions, TriggeredStart } from './recipes/recipe-starts.ts';
export { createRecipeRoutes } from './recipes/recipe-routes.ts';
export type { RecipeRoutesDeps } from './recipes/recipe-routes.ts';
export { createRecipeRunControl, createRunForkRoutes } from './recipes/recipe-forks.ts';
export type { ForkRequest, RecipeRunControl, RunControlDeps } from './recipes/recipe-forks.ts';
export { recipesUsingAgent } from './recipes/recipe-store.ts';
export { recipes, recipeVersions } from './recipes/recipe-tables.ts';
export { loadShippedRecipes, loadWaitingRecipes, seedRecipes } from './recipes/seed-recipes.ts';
export type { ShippedRecipe, WaitingRecipe } from './recipes/seed-recipes.ts';
export { checkScheduleSpec } from './schedules/due-times.ts';
export { createScheduler } from './schedules/scheduler.ts';
export type { Scheduler, SchedulerDeps } from './schedules/scheduler.ts';
export { createScheduleService } from './schedules/schedule-service.ts';
export type { ScheduleService, ScheduleServiceDeps } from './schedules/schedule-service.ts';
export { createRunEventDispatcher } from './triggers/run-event-handler.ts';
export type { RunEventHandlerDeps } from './triggers/run-event-handler.ts';
export { createRunEventProjection } from './triggers/run-event-projection.ts';
export type { RunEventProjection } from './triggers/run-event-projection.ts';
export { createWebhookReceiver } from './triggers/receive-webhook.ts';
export type { ReceiveWebhook, WebhookReceiverDeps } from './triggers/receive-webhook.ts';
export { deriveSecret, signStandardWebhook } from './triggers/secrets.ts';
export type { EmitTriggerEvent, RecipeStart, StartRecipe } from './triggers/start-recipe.ts';
export { createSyncFromDefinition } from './triggers/sync-from-definition.ts';
export { createTriggerRoutes } from './triggers/trigger-routes.ts';
export { checkTriggerSpec, createTriggerService } from './triggers/trigger-service.ts';
export type { TriggerService, TriggerServiceDeps } from './triggers/trigger-service.ts';
export { renderDocument } from './documents/render-document.ts';
export { createLedger } from './execution/budget/ledger.ts';
export type { Ledger } from './execution/budget/ledger.ts';
export { createUsageTally } from './execution/budget/usage-tally.ts';
export type { UsageTally } from './execution/budget/usage-tally.ts';
export { createReplay } from './execution/clocks/replay.ts';
export type { Replay } from './execution/clocks/replay.ts';
export { recordedReport } from './execution/scoring/judge.ts';
export { evidenceOf } from './quality/result-evidence.ts';
export { qualityEventData, qualityProblems } from './quality/report.ts';
export { createSchemaCompiler } from './validation/schema-compiler.ts';
export { createQualityScorer } from './quality/quality-scorer.ts';
export type { QualityScorerDeps } from './quality/quality-scorer.ts';
export type {
  JudgeRequest,
  QualityContent,
  QualityEvidence,
  QualityJudge,
  QualityScorer,
  RunQualityInput,
  StepQualityInput,
} from './quality/types.ts';
export { createLearning } from './learning/learning-service.ts';
export type { Learning } from './learning/learning-service.ts';
export type { EmitLearningEvent, LearningDeps } from './learning/learning-core.ts';
export { recipeLearning, recipeSuggestions } from './learning/learning-tables.ts';
export { RECIPES_ERROR_CODES } from './error-codes.ts';
export type { RecipesErrorCode } from './error-codes.ts';
export { createRecipesPersonalData } from './recipes/recipe-personal-data.ts';
