import { A2A_PROTOCOL_VERSION, formatSSEEvent } from '@a2a-js/sdk';
import { JsonRpcTransportHandler, ServerCallContext } from '@a2a-js/sdk/server';
import { a2aRoutes, bindRoutes } from '@automatos/contracts';
import type { Agent, BoundRoute, Call, Reply } from '@automatos/contracts';
import type { HttpEdge } from '../http/http-server.ts';
import { JSON_HEADERS, SSE_HEADERS } from '../v1/answer-headers.ts';
import { askAs } from '../own-api/api-ask.ts';
import type { ApiAsk } from '../own-api/api-ask.ts';
import type { FollowRun } from '../own-api/follow-run.ts';
import { cardJson, cardOf } from './agent-card.ts';
import { createRequestHandler } from './request-handler.ts';

export interface A2aDeps {
  /** Where callers reach the product, as far as it is set; else where they called. */
  statedPublicUrl: string | undefined;
  inject: HttpEdge['inject'];
  follow: FollowRun;
}

const CARDS_MAX = '100';

/** Handlers of `/a2a`. */
export function createA2aRoutes(deps: A2aDeps): BoundRoute[] {
  const originOf = (call: Pick<Call, 'headers'>) => originFor(deps, call);
  return bindRoutes(a2aRoutes, {
    async cards(call) {
      const query = { status: 'active', limit: CARDS_MAX, sort: 'name' };
      const ask = askAs(call as Call, deps.inject);
      const { items } = await ask.json({ method: 'GET', path: '/api/agents', query });
      const agents = items as unknown as Agent[];
      return { body: { items: agents.map((agent) => cardJson(agent, originOf(call))) } };
    },
    async card(call) {
      const agent = await readAgent(askAs(call as Call, deps.inject), call.params.agent_id);
      return { body: cardJson(agent, originOf(call)) };
    },
    exchange: (call) => exchange(deps, call as unknown as Call, call.params.agent_id),
  });
}

function originFor(deps: A2aDeps, { headers }: Pick<Call, 'headers'>): string {
  return deps.statedPublicUrl ?? `http://${headers['host'] ?? 'localhost'}`;
}

async function readAgent(ask: ApiAsk, id: string): Promise<Agent> {
  const path = `/api/agents/${encodeURIComponent(id)}`;
  return (await ask.json({ method: 'GET', path })) as unknown as Agent;
}

async function exchange(deps: A2aDeps, call: Call, agentId: string): Promise<Reply<never>> {
  const ask = askAs(call, deps.inject);
  const agent = await readAgent(ask, agentId);
  const handler = new JsonRpcTransportHandler(
    createRequestHandler({
      call,
      ask,
      follow: deps.follow,
      card: cardOf(agent, originFor(deps, call)),
      agent: agent.slug,
    }),
  );
  const context = new ServerCallContext({
    requestedVersion: call.headers['a2a-version'] ?? A2A_PROTOCOL_VERSION,
    user: { isAuthenticated: true, userName: call.principal?.name ?? '' },
  });
  const answer = await handler.handle(call.body as Record<string, unknown>, context);
  return {
    async respond(sink) {
      if (!(Symbol.asyncIterator in answer)) {
        sink.start(200, JSON_HEADERS);
        return sink.end(JSON.stringify(answer));
      }
      sink.start(200, SSE_HEADERS);
      for await (const event of answer) {
        if (sink.closed) break;
        if (!sink.write(formatSSEEvent(event))) await sink.drained();
      }
      sink.end();
    },
  };
}
