import { bindRoutes, mcpRoutes } from '@automatos/contracts';
import type { BoundRoute, Call, Reply } from '@automatos/contracts';
import type { Logger } from '@automatos/kernel';
import { createMcpHandler } from '@modelcontextprotocol/server';
import type { HttpEdge } from '../http/http-server.ts';
import { askAs } from '../own-api/api-ask.ts';
import { createMcpServer } from './mcp-server.ts';
import type { FollowRun } from '../own-api/follow-run.ts';
import type { McpSite } from './mcp-types.ts';

export interface McpDeps {
  version: string;
  logger: Logger;
  /** The edge that serves these very routes; asked only once requests come. */
  inject: HttpEdge['inject'];
  follow: FollowRun;
  readFile: McpSite['readFile'];
}

/** Handlers of `/mcp`. */
export function createMcpRoutes(deps: McpDeps): BoundRoute[] {
  const serve = async (call: Call): Promise<Reply<never>> => {
    const { follow, readFile } = deps;
    const site = { call, ask: askAs(call, deps.inject), follow, readFile };
    // A fresh one for each request: nothing of one caller is there for the next.
    const handler = createMcpHandler(() => createMcpServer(site, deps), {
      onerror: (error) => deps.logger.warn({ error: error.message }, 'MCP request'),
    });
    const response = await handler.fetch(toRequest(call), { parsedBody: call.body });
    return {
      async respond(sink) {
        try {
          await send(response, sink);
        } finally {
          await handler.close();
        }
      },
    };
  };
  return bindRoutes(mcpRoutes, { exchange: serve });
}

/** Headers of the wire mean nothing to the handler, and credentials are none of its business. */
const LEFT_OUT = new Set([
  'authorization',
  'connection',
  'content-length',
  'cookie',
  'host',
  'transfer-encoding',
  'x-api-key',
]);

function toRequest(call: Call): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(call.headers))
    if (value !== undefined && !LEFT_OUT.has(name)) headers.set(name, value);
  const body = JSON.stringify(call.body);
  return new Request('http://localhost/mcp', {
    method: 'POST',
    headers,
    signal: call.signal,
    body,
  });
}

type Sink = Parameters<NonNullable<Reply<never>['respond']>>[0];

async function send(response: Response, sink: Sink): Promise<void> {
  sink.start(response.status, Object.fromEntries(response.headers));
  if (response.body !== null) {
    for await (const chunk of response.body) {
      if (sink.closed) break;
      if (!sink.write(chunk)) await sink.drained();
    }
  }
  sink.end();
}
