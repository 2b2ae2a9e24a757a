import type { JsonObject, WorkspaceId } from '@automatos/kernel';
import type { ToolDefinition } from '../definition.ts';
import type { ToolRegistry } from '../registry.ts';
import { createToolRanking } from './tool-ranking.ts';
import type {
  RankableTool,
  ToolRanking,
  ToolRecordOfCalls,
  ToolSuggestion,
} from './tool-ranking.ts';

/** Past calls of a workspace. */
export interface ToolHistory {
  read(workspaceId: WorkspaceId): Promise<ReadonlyMap<string, ToolRecordOfCalls>>;
}

export interface ToolHints {
  /** Tools that serve a task best: by its words, by other words for the same, and by how they fared in the workspace. */
  suggest(
    workspaceId: WorkspaceId,
    task: string,
    options: { limit: number; only?: ReadonlySet<string> },
  ): Promise<ToolSuggestion[]>;
}

/** What is read of a tool for ranking it. */
export function rankableTool(tool: ToolDefinition, schema: JsonObject): RankableTool {
  const { name, title, description, group, keywords } = tool;
  const properties = (schema['properties'] ?? {}) as Record<string, { description?: string }>;
  const argumentsText = Object.entries(properties)
    .map(([key, { description: about }]) => `${key} ${about ?? ''}`)
    .join(' ');
  return { name, title, description, group, argumentsText, ...(keywords ? { keywords } : {}) };
}

/** The index is made with the first question. */
export function createToolHints(deps: {
  registry: Pick<ToolRegistry, 'list' | 'describe'>;
  history?: ToolHistory;
}): ToolHints {
  let ranking: ToolRanking | undefined;
  const made = () =>
    (ranking ??= createToolRanking(
      deps.registry
        .list()
        .map((tool) => rankableTool(tool, deps.registry.describe(tool.name).input_schema)),
    ));
  return {
    async suggest(workspaceId, task, options) {
      const history = await deps.history?.read(workspaceId);
      return made().rank(task, { ...options, ...(history === undefined ? {} : { history }) });
    },
  };
}
