import {
  DEFAULT_WORKSPACE_ID,
  isPlatformError,
  silentLogger,
  systemClock,
} from '@automatos/kernel';
import type { JsonObject, Metrics, PlatformError } from '@automatos/kernel';
import { createLlmWireServer } from '@automatos/testing/llm-wire';
import type { AnswerReply, LlmWireServer, Reply } from '@automatos/testing/llm-wire';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { createProviders } from '../index.ts';
import type { ModelCall, Providers } from '../index.ts';
import type { VendorUnderTest } from './vendors.fixture.ts';

export const KEY = 'sk-test-0123456789abcdef';
export const HELLO: AnswerReply = {
  kind: 'answer',
  text: ['Hello', ' world'],
  usage: { input: 1000, output: 200 },
};
export const WEATHER = tool('get_weather', 'Weather of a city');
export const CLOCK = tool('get_time', 'Time in a city');
export const PLACE: JsonObject = {
  type: 'object',
  properties: { city: { type: 'string' }, population: { type: 'integer' } },
  required: ['city', 'population'],
  additionalProperties: false,
};

function tool(name: string, description: string) {
  return {
    name,
    description,
    inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  };
}

/** What one vendor's tests share: a real server that plays it, its next reply, and providers made anew for each test. */
export interface Rig {
  readonly server: LlmWireServer;
  readonly providers: Providers;
  reply: Reply;
  readonly metrics: string[];
  ask(extra?: Partial<ModelCall>): ModelCall;
  make(baseUrl?: string): Providers;
}

export function useRig(vendor: VendorUnderTest): Rig {
  let server: LlmWireServer;
  let providers: Providers;
  const metrics = recordingMetrics();
  const rig: Rig = {
    get server() {
      return server;
    },
    get providers() {
      return providers;
    },
    reply: HELLO,
    metrics: metrics.calls,
    ask: (extra = {}) => ({
      workspaceId: DEFAULT_WORKSPACE_ID,
      ref: { provider: vendor.id, model: vendor.model },
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Say hello' },
      ],
      maxOutputTokens: 500,
      signal: new AbortController().signal,
      ...extra,
    }),
    make: (baseUrl = `${server.url}${vendor.base}`) =>
      createProviders({
        credentials: async () => ({ apiKey: KEY, baseUrl }),
        clock: systemClock,
        metrics,
        logger: silentLogger,
      }),
  };
  beforeAll(async () => {
    server = await createLlmWireServer({ script: () => rig.reply });
  });
  afterAll(() => server.close());
  beforeEach(() => {
    server.records.length = 0;
    metrics.calls.length = 0;
    rig.reply = HELLO;
    providers = rig.make();
  });
  afterEach(() => providers.close());
  return rig;
}

/** An answer with the usual usage and these extras. */
export function answer(extra: Partial<AnswerReply>): AnswerReply {
  return { kind: 'answer', usage: { input: 1000, output: 200 }, ...extra };
}

/** The typed error of a call that must fail. */
export async function failure(promise: Promise<unknown>): Promise<PlatformError> {
  const error: unknown = await promise.then(
    () => new Error('the call succeeded'),
    (thrown: unknown) => thrown,
  );
  if (!isPlatformError(error)) throw error;
  return error;
}

function recordingMetrics(): Metrics & { calls: string[] } {
  const calls: string[] = [];
  const note = (name: string, labels: Record<string, string> = {}) =>
    calls.push(`${name} ${Object.values(labels).join(' ')}`);
  return { calls, count: note, observe: note, set: note };
}
