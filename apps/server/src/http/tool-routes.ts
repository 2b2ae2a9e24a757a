import { bindRoutes, toolRoutes, type BoundRoute } from '@automatos/contracts';
import type { ToolHints, ToolRegistry, ToolSettingsRoom } from '@automatos/tools';

export interface ToolRoutesDeps {
  tools: Pick<ToolRegistry, 'describe'>;
  settings: ToolSettingsRoom;
  hints: ToolHints;
}

/** What a workspace allows of its tools, and which of them serve a task. */
export function createToolRoutes({ tools, settings, hints }: ToolRoutesDeps): BoundRoute[] {
  return bindRoutes(toolRoutes, {
    async listToolSettings({ workspaceId }) {
      return { body: { items: await settings.list(workspaceId) } };
    },
    async getToolEnvironment({ workspaceId }) {
      return { body: await settings.environment(workspaceId) };
    },
    async putToolEnvironment({ workspaceId, body }) {
      return { body: await settings.putEnvironment(workspaceId, body) };
    },
    async hintTools({ workspaceId, query }) {
      const disabled = await settings.disabled(workspaceId);
      const found = await hints.suggest(workspaceId, query.task, {
        limit: query.limit + disabled.size,
      });
      const items = found
        .filter(({ tool }) => !disabled.has(tool))
        .slice(0, query.limit)
        .map((hint) => {
          const { title, description } = tools.describe(hint.tool);
          return { ...hint, title, description };
        });
      return { body: { items } };
    },
    async getToolSettings({ workspaceId, params }) {
      tools.describe(params.tool);
      return { body: await settings.get(workspaceId, params.tool) };
    },
    async putToolSettings({ workspaceId, params, body }) {
      tools.describe(params.tool);
      return { body: await settings.put(workspaceId, params.tool, body) };
    },
  });
}
