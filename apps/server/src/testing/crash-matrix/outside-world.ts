import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLlmWireServer } from '@automatos/testing';
import type { LlmWireServer } from '@automatos/testing';

/** What outside systems saw of one run: the only witnesses that count. */
export interface RunTraces {
  /** Model calls by their content. */
  modelCalls: Map<string, number>;
  /** Effects by their idempotency key: how often the request came. */
  requests: Map<string, number>;
  /** Effects by what they are for (the path): how many different keys did it. More than one is a duplicated effect. */
  keysByEffect: Map<string, Set<string>>;
}

export interface OutsideWorld {
  model: LlmWireServer;
  effectsUrl: string;
  tracesOf(runId: string): RunTraces;
  close(): Promise<void>;
}

/** A model server and a system that takes effects, both over real HTTP; they note who asked for what. */
export async function createOutsideWorld(): Promise<OutsideWorld> {
  const traces = new Map<string, RunTraces>();
  const tracesOf = (runId: string) => {
    const found = traces.get(runId) ?? {
      modelCalls: new Map<string, number>(),
      requests: new Map<string, number>(),
      keysByEffect: new Map<string, Set<string>>(),
    };
    traces.set(runId, found);
    return found;
  };
  const model = await createLlmWireServer({
    script: (request) => {
      const run = /run:([0-9a-f-]{36})/.exec(request.userText)?.[1];
      if (run !== undefined)
        count(tracesOf(run).modelCalls, JSON.stringify(request.body['messages']));
      return { kind: 'answer', text: ['done'], usage: { input: 10, output: 1 } };
    },
  });
  const effects = createServer((request, response) => {
    const [, runId = '', effect = ''] = (request.url ?? '').split('/');
    const key = String(request.headers['idempotency-key'] ?? '');
    const seen = tracesOf(runId);
    count(seen.requests, `${effect} ${key}`);
    const keys = seen.keysByEffect.get(effect) ?? new Set<string>();
    seen.keysByEffect.set(effect, keys.add(key));
    request.resume();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ done: effect }));
  });
  await new Promise<void>((resolve) => effects.listen(0, '127.0.0.1', resolve));
  return {
    model,
    effectsUrl: `http://127.0.0.1:${(effects.address() as AddressInfo).port}`,
    tracesOf,
    async close() {
      await model.close();
      effects.closeAllConnections();
      await new Promise((resolve) => effects.close(resolve));
    },
  };
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
