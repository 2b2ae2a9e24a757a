import { isPlatformError } from '@automatos/kernel';
import type { JsonObject, Logger } from '@automatos/kernel';
import { ProtocolError, ProtocolErrorCode, Server } from '@modelcontextprotocol/server';
import { ApiRefusal } from '../own-api/api-ask.ts';
import { checkInput } from './check-input.ts';
import { FIXED_TOOLS } from './fixed-tools.ts';
import { listPrompts, makePrompt } from './mcp-prompts.ts';
import { listResources, readResource, resourceTemplates } from './mcp-resources.ts';
import type { McpSite, McpTool } from './mcp-types.ts';
import { WORKSPACE_TOOLS } from './workspace-tools.ts';

const INSTRUCTIONS =
  'Automatos runs agents and recipes durably. agent_* and recipe_* start one and wait for it; submit_task gives a goal to whoever suits. What takes longer than the wait goes on: ask get_run with the run_id.';

/** All tools that the caller may use. */
async function toolsOf(site: McpSite): Promise<McpTool[]> {
  const has = (permission: Parameters<ReadonlySet<string>['has']>[0]) =>
    site.call.principal?.permissions.has(permission as never) === true;
  const kinds = WORKSPACE_TOOLS.filter(({ needs }) => needs.every(has));
  const made = await Promise.all(kinds.map(({ make }) => make(site)));
  return [...FIXED_TOOLS.filter(({ needs }) => has(needs)).map(({ tool }) => tool), ...made.flat()];
}

/** What a call that went wrong tells the model: readable, and nothing of the inside. */
function failure(error: unknown, logger: Logger) {
  const known = error instanceof ApiRefusal || isPlatformError(error);
  if (!known) logger.error({ error: String(error) }, 'a tool of the MCP server failed');
  const text = known
    ? error.message
    : 'Something went wrong inside. The log of the server says what.';
  return { content: [{ type: 'text' as const, text }], isError: true };
}

function notFound(what: string): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, what);
}

/** A server for one request of one caller; it keeps nothing. */
export function createMcpServer(site: McpSite, deps: { version: string; logger: Logger }): Server {
  const server = new Server(
    { name: 'automatos', title: 'Automatos', version: deps.version },
    { capabilities: { tools: {}, resources: {}, prompts: {} }, instructions: INSTRUCTIONS },
  );
  server.setRequestHandler('tools/list', async () => ({
    tools: (await toolsOf(site)).map(({ run: _run, ...tool }) => tool as never),
  }));
  server.setRequestHandler('tools/call', async ({ params }, context) => {
    const tool = (await toolsOf(site)).find(({ name }) => name === params.name);
    if (tool === undefined)
      throw notFound(`There is no tool "${params.name.slice(0, 64)}" for you.`);
    const { progressToken } = context.mcpReq._meta ?? {};
    let told = 0;
    try {
      const input = (params.arguments ?? {}) as JsonObject;
      checkInput(tool, input);
      const result = await tool.run(input, {
        ...site,
        signal: AbortSignal.any([context.mcpReq.signal, site.call.signal]),
        async progress(message) {
          if (progressToken === undefined) return;
          await context.mcpReq.notify({
            method: 'notifications/progress',
            params: { progressToken, progress: (told += 1), message },
          });
        },
      });
      return {
        content: [{ type: 'text' as const, text: JSON.stringify(result, null, 2) }],
        structuredContent: result,
        isError: result['status'] === 'failed',
      };
    } catch (error) {
      return failure(error, deps.logger);
    }
  });
  serveResources(server, site);
  servePrompts(server, site);
  return server;
}

function serveResources(server: Server, site: McpSite): void {
  server.setRequestHandler('resources/list', async () => ({
    resources: await listResources(site),
  }));
  server.setRequestHandler('resources/templates/list', () => ({
    resourceTemplates: resourceTemplates(site),
  }));
  server.setRequestHandler('resources/read', async ({ params: { uri } }) => {
    try {
      const content = await readResource(site, uri);
      if (content === undefined)
        throw notFound(`There is no resource "${uri.slice(0, 200)}" for you.`);
      return { contents: [{ uri, ...content } as never] };
    } catch (error) {
      if (error instanceof ApiRefusal || isPlatformError(error)) throw notFound(error.message);
      throw error;
    }
  });
}

function servePrompts(server: Server, site: McpSite): void {
  server.setRequestHandler('prompts/list', async () => ({ prompts: await listPrompts(site) }));
  server.setRequestHandler('prompts/get', async ({ params }) => {
    const request = params.arguments?.['request'];
    if (request === undefined) throw notFound('The argument "request" is needed.');
    const made = await makePrompt(site, params.name, request);
    if (made === undefined) throw notFound(`There is no prompt "${params.name.slice(0, 64)}".`);
    return {
      description: made.description,
      messages: [{ role: 'user' as const, content: { type: 'text' as const, text: made.text } }],
    };
  });
}
