import { routerSettingsSchema } from '@automatos/contracts';
import type { RouterSettings } from '@automatos/contracts';
import { DEFAULT_WORKSPACE_ID, noMetrics, silentLogger } from '@automatos/kernel';
import type { Clock } from '@automatos/kernel';
import { createLlmWireServer } from '@automatos/testing/llm-wire';
import type { LlmWireServer, Reply } from '@automatos/testing/llm-wire';
import type { z } from 'zod';
import { createProviders } from '../calls/create-providers.ts';
import type { Providers, ProvidersDeps } from '../calls/create-providers.ts';
import type { ModelCall } from '../calls/model-call.ts';

/** A clock that stands until it is moved; who sleeps wakes when its time has come. */
export class ManualClock implements Clock {
  #now = Date.parse('2026-11-21T12:00:00Z');
  #sleepers: { at: number; wake: () => void }[] = [];

  now(): number {
    return this.#now;
  }
  advance(ms: number): void {
    this.#now += ms;
    const due = this.#sleepers.filter(({ at }) => at <= this.#now);
    this.#sleepers = this.#sleepers.filter(({ at }) => at > this.#now);
    for (const { wake } of due) wake();
  }
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      this.#sleepers.push({ at: this.#now + ms, wake: resolve });
    });
  }
}

/** Vendors that speak four wires: by name, the model that is asked and where its API begins. */
export const VENDORS = {
  openai: { model: 'gpt-5.4-mini', base: '/v1' },
  anthropic: { model: 'claude-haiku-4-5', base: '' },
  google: { model: 'gemini-2.5-flash', base: '/v1beta' },
  ollama: { model: 'llama3.2', base: '' },
  'openai-compatible': { model: 'house-model', base: '/v1' },
} as const;
export type VendorName = keyof typeof VENDORS;

export const refOf = (name: VendorName) => ({ provider: name, model: VENDORS[name].model });
export const OK: Reply = { kind: 'answer', text: ['Hel', 'lo'], usage: { input: 10, output: 2 } };
export const DOWN: Reply = { kind: 'status', status: 500, error: { code: 'x', message: 'broken' } };

export type SettingsInput = z.input<typeof routerSettingsSchema>;

export interface FakeVendors {
  /** Names of the vendors in the order in which they were called. */
  calls: VendorName[];
  /** What each answers next; `OK` when nothing is set. */
  replies: Partial<Record<VendorName, Reply | (() => Reply | Promise<Reply>)>>;
  servers: Record<VendorName, LlmWireServer>;
  credentials: ProvidersDeps['credentials'];
  close(): Promise<void>;
}

/** Starts one HTTP server per vendor. */
export async function startVendors(): Promise<FakeVendors> {
  const calls: VendorName[] = [];
  const names = Object.keys(VENDORS) as VendorName[];
  const started = await Promise.all(
    names.map(async (name) => {
      const script = async () => {
        calls.push(name);
        const reply = made.replies[name] ?? OK;
        return typeof reply === 'function' ? reply() : reply;
      };
      return [name, await createLlmWireServer({ script })] as const;
    }),
  );
  const servers = Object.fromEntries(started) as Record<VendorName, LlmWireServer>;
  const made: FakeVendors = {
    calls,
    replies: {},
    servers,
    credentials: async (id) => {
      const vendor = VENDORS[id as VendorName];
      if (vendor === undefined) return null;
      return { apiKey: 'k', baseUrl: `${servers[id as VendorName].url}${vendor.base}` };
    },
    async close() {
      await Promise.all(started.map(([, server]) => server.close()));
    },
  };
  return made;
}

export function settingsOf(input: SettingsInput): RouterSettings {
  return routerSettingsSchema.parse({ cache: { mode: 'off' }, ...input });
}

/** A providers room over the vendors. */
export function routedRoom(
  vendors: FakeVendors,
  input: SettingsInput,
  extra: Partial<ProvidersDeps> = {},
): Providers {
  return createProviders({
    credentials: vendors.credentials,
    clock: new ManualClock(),
    metrics: noMetrics,
    logger: silentLogger,
    platform: settingsOf(input),
    ...extra,
  });
}

export function callTo(name: VendorName, extra: Partial<ModelCall> = {}): ModelCall {
  return {
    workspaceId: DEFAULT_WORKSPACE_ID,
    ref: refOf(name),
    messages: [{ role: 'user', content: 'Say hello' }],
    maxOutputTokens: 100,
    signal: new AbortController().signal,
    ...extra,
  };
}
