import type { LearningReport, Suggestion } from '@automatos/contracts';
import type { WorkspaceId } from '@automatos/kernel';
import type { RecipeScope } from './recipe-service.ts';

/** What the routes need of learning. `ref` is an id or a slug of a recipe. */
export interface RecipeLearning {
  report(workspaceId: WorkspaceId, ref: string): Promise<LearningReport>;
  /** Saves a suggestion as a version that is measured from then on. */
  apply(scope: RecipeScope, ref: string, suggestionId: string): Promise<Suggestion>;
  dismiss(scope: RecipeScope, ref: string, suggestionId: string): Promise<Suggestion>;
}
