import type { Agent, Permission } from '@automatos/contracts';
import { isJsonObject } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import type { McpSite, McpTool } from './mcp-types.ts';
import { describeRun, WAIT_PROPERTY, waitForRun, waitSeconds } from './run-to-end.ts';
import { textOf } from '../own-api/text-of.ts';

/** Most tools of one kind; what is beyond is reached by tasks. */
const KIND_MAX = 100;
const NAME_MAX = 64;

/** A name that every client takes. */
function toolName(kind: string, slug: string): string {
  return `${kind}_${slug}`.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, NAME_MAX);
}

/** One tool per active agent. */
export async function agentTools({ ask }: McpSite): Promise<McpTool[]> {
  const query = { limit: String(KIND_MAX), status: 'active', sort: 'name' };
  const { items } = await ask.json({ method: 'GET', path: '/api/agents', query });
  return (items as unknown as Agent[]).map((agent) => ({
    name: toolName('agent', agent.slug),
    title: agent.name,
    description: agent.description === '' ? `The agent ${agent.name}.` : agent.description,
    inputSchema: {
      type: 'object',
      properties: {
        target: { type: 'string', description: 'Folder, file or address that it works on' },
        ...(agent.capabilities.length === 0
          ? {}
          : {
              task_type: {
                type: 'string',
                enum: agent.capabilities,
                description: 'Kind of work; default: what it is for',
              },
            }),
        prompt: { type: 'string', description: 'The request in words' },
        parameters: { type: 'object', description: 'Further inputs of the work' },
        wait_seconds: WAIT_PROPERTY,
      },
      additionalProperties: false,
    },
    annotations: { readOnlyHint: false, destructiveHint: false },
    async run({ wait_seconds: wait, ...task }, site) {
      const path = `/api/agents/${agent.slug}/execute`;
      const { id } = await site.ask.json({ method: 'POST', path, body: task });
      await waitForRun(site, textOf(id), waitSeconds({ wait_seconds: wait ?? null }));
      return describeRun(site, textOf(id));
    },
  }));
}

/** One tool per recipe, with the recipe's own inputs. */
export async function recipeTools({ ask }: McpSite): Promise<McpTool[]> {
  const query = { limit: String(KIND_MAX) };
  const { items } = await ask.json({ method: 'GET', path: '/api/workflow-recipes', query });
  return Promise.all(
    (items as JsonObject[]).map(async ({ slug, name, description }) => {
      const path = `/api/workflow-recipes/${textOf(slug)}`;
      const { definition } = await ask.json({ method: 'GET', path });
      const inputs = isJsonObject(definition) ? definition['inputs'] : null;
      return {
        name: toolName('recipe', textOf(slug)),
        title: textOf(name),
        description: description === '' ? `The recipe ${textOf(name)}.` : textOf(description),
        inputSchema: {
          type: 'object',
          properties: {
            inputs: isJsonObject(inputs) ? inputs : { type: 'object' },
            wait_seconds: WAIT_PROPERTY,
          },
          additionalProperties: false,
        },
        annotations: { readOnlyHint: false, destructiveHint: false },
        run: async (input, site) => {
          const body = { inputs: input['inputs'] ?? {} };
          const started = await site.ask.json({ method: 'POST', path: `${path}/execute`, body });
          const runId = textOf(started['id']);
          await waitForRun(site, runId, waitSeconds(input));
          return describeRun(site, runId);
        },
      } satisfies McpTool;
    }),
  );
}

/** Kinds of tools that differ between workspaces, with what a caller needs to see and use them. */
export const WORKSPACE_TOOLS: readonly {
  needs: readonly Permission[];
  make: (site: McpSite) => Promise<McpTool[]>;
}[] = [
  { needs: ['agents:read', 'tasks:run'], make: agentTools },
  { needs: ['recipes:read', 'recipes:run'], make: recipeTools },
];
