import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DEFAULT_WORKSPACE_ID, noMetrics, silentLogger, systemClock } from '@automatos/kernel';
import { createLlmWireServer } from '@automatos/testing/llm-wire';
import { describe, expect, it } from 'vitest';
import { createProviders } from '../index.ts';
import type { ModelCall, ProviderCredential, ProvidersDeps } from '../index.ts';

function room(credentials: Record<string, ProviderCredential>, extra: Partial<ProvidersDeps> = {}) {
  return createProviders({
    credentials: async (id) => credentials[id] ?? null,
    clock: systemClock,
    metrics: noMetrics,
    logger: silentLogger,
    ...extra,
  });
}
const call = (provider: string, model: string, extra: Partial<ModelCall> = {}): ModelCall => ({
  workspaceId: DEFAULT_WORKSPACE_ID,
  ref: { provider, model },
  messages: [{ role: 'user', content: 'Hi' }],
  signal: new AbortController().signal,
  ...extra,
});

describe('defaults', () => {
  it('is offline when nothing is configured', async () => {
    expect(await room({}).defaultRef(DEFAULT_WORKSPACE_ID)).toEqual({
      provider: 'offline',
      model: 'offline-1',
    });
  });

  it('is the first configured provider, and the platform default before all', async () => {
    const keys = { google: { apiKey: 'k' }, anthropic: { apiKey: 'k' } };
    expect(await room(keys).defaultRef(DEFAULT_WORKSPACE_ID)).toEqual({
      provider: 'anthropic',
      model: 'claude-sonnet-5',
    });
    expect(
      await room(keys, { defaultModel: { provider: 'offline', model: 'offline-1' } }).defaultRef(
        DEFAULT_WORKSPACE_ID,
      ),
    ).toEqual({ provider: 'offline', model: 'offline-1' });
  });

  it('asks a local server which model it has; one that is down is an error, never offline', async () => {
    const server = await createLlmWireServer({ models: ['qwen3:8b', 'other'] });
    expect(
      await room({ ollama: { baseUrl: server.url } }).defaultRef(DEFAULT_WORKSPACE_ID),
    ).toEqual({ provider: 'ollama', model: 'qwen3:8b' });
    await server.close();
    await expect(
      room({ ollama: { baseUrl: 'http://127.0.0.1:9' } }).defaultRef(DEFAULT_WORKSPACE_ID),
    ).rejects.toMatchObject({ code: 'providers.call.unreachable' });
  });

  it('says so when the local server has no model', async () => {
    const server = await createLlmWireServer({ models: [] });
    await expect(
      room({ ollama: { baseUrl: server.url } }).defaultRef(DEFAULT_WORKSPACE_ID),
    ).rejects.toMatchObject({ code: 'providers.model.none_found' });
    await server.close();
  });
});

describe('listing', () => {
  it('shows what is configured, what is missing and which is the default', async () => {
    const rows = await room({ openai: { apiKey: 'k' } }).list(DEFAULT_WORKSPACE_ID);
    const by = (id: string) => rows.find((row) => row.id === id);
    expect(by('openai')).toMatchObject({
      usable: true,
      configured: true,
      isDefault: true,
      missing: null,
    });
    expect(by('anthropic')).toMatchObject({
      usable: true,
      configured: false,
      isDefault: false,
      missing: 'api_key',
    });
    expect(by('openai-compatible')).toMatchObject({ configured: false, missing: 'base_url' });
    expect(by('ollama')).toMatchObject({ usable: true, configured: false });
    expect(by('offline')).toMatchObject({ configured: true, isDefault: false });
    expect(by('cohere')).toMatchObject({ usable: true, configured: false });
    expect(JSON.stringify(rows)).not.toContain('"k"');
  });

  it('marks every model that can answer as usable', () => {
    const models = room({}).models();
    expect(models.find((row) => row.provider === 'cohere')?.usable).toBe(true);
    expect(models.find((row) => row.id === 'gpt-5.4')?.usable).toBe(true);
  });
});

describe('calls that are refused before they are sent', () => {
  it.each<[string, ModelCall, string]>([
    ['no key', call('openai', 'gpt-5.4'), 'providers.credential.missing'],
    ['no base URL', call('openai-compatible', 'm'), 'providers.credential.missing'],
    [
      'a tool name that wires refuse',
      call('offline', 'offline-1', {
        tools: [{ name: 'a.b', description: '', inputSchema: { type: 'object' } }],
      }),
      'providers.call.messages_invalid',
    ],
    [
      'no messages',
      call('offline', 'offline-1', { messages: [] }),
      'providers.call.messages_invalid',
    ],
    [
      'an image',
      call('offline', 'offline-1', {
        messages: [
          { role: 'user', content: [{ type: 'image', image: 'http://169.254.169.254/' }] },
        ],
      }),
      'providers.call.messages_invalid',
    ],
    [
      'a schema that is none',
      call('offline', 'offline-1', {
        messages: [{ role: 'user', content: 'x' }],
        responseSchema: { type: 'nonsense' },
      }),
      'providers.schema.invalid',
    ],
  ])('%s', async (_name, request, code) => {
    await expect(room({}).call(request)).rejects.toMatchObject({ code, retryable: false });
  });

  it.each(['ftp://x', 'not a url', 'http://user:pass@x/v1', 'http://x/v1?key=1'])(
    'the base URL %s',
    async (baseUrl) => {
      await expect(
        room({ 'openai-compatible': { baseUrl } }).call(call('openai-compatible', 'm')),
      ).rejects.toMatchObject({ code: 'providers.credential.base_url_invalid' });
    },
  );

  it('names the variable that would help', async () => {
    await expect(room({}).call(call('anthropic', 'claude-sonnet-5'))).rejects.toThrow(
      'ANTHROPIC_API_KEY',
    );
  });
});

describe('the openai-chat family by catalogue URL', () => {
  it.each([
    'groq',
    'deepseek',
    'mistral',
    'together',
    'fireworks',
    'huggingface',
    'ai21',
    'moonshot',
    'alephalpha',
  ])('%s is called through the compatible codec', async (id) => {
    const server = await createLlmWireServer();
    const providers = room({ [id]: { apiKey: 'k', baseUrl: `${server.url}/v1` } });
    const model = (await providers.discover(id, DEFAULT_WORKSPACE_ID))[0] ?? '';
    const ref = providers.models().find((row) => row.provider === id)?.id ?? model;
    const schema = { type: 'object', properties: { a: { type: 'string' } } };
    server.setScript(() => ({ kind: 'answer', text: ['{"a":"b"}'], usage: null }));
    expect((await providers.call(call(id, ref, { responseSchema: schema }))).object).toEqual({
      a: 'b',
    });
    expect(server.records[0]?.request.headers['authorization']).toBe('Bearer k');
    expect(
      JSON.stringify(server.records[0]?.request.body),
      'the schema reaches the model',
    ).toContain('properties');
    await providers.close();
    await server.close();
  });
});

describe('the wire server as a process', () => {
  it('serves by its default script and journals each request', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'llm-wire-'));
    const journal = path.join(folder, 'journal.jsonl');
    const main = path.resolve(import.meta.dirname, '../../../testing/src/llm-wire/main.ts');
    const child = spawn(process.execPath, [main, '--journal', journal], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { url } = JSON.parse(line.toString()) as { url: string };
    const providers = room({ ollama: { baseUrl: url } });
    const tool = {
      name: 'list_files',
      description: 'List',
      inputSchema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
    };
    const text = 'Use list_files.\n\nInputs (JSON):\n```json\n{"path":"src"}\n```\n';
    const first = await providers.call(
      call('ollama', 'm', {
        tools: [tool],
        idempotencyKey: 'k1',
        messages: [{ role: 'user', content: text }],
      }),
    );
    expect(first.toolCalls).toMatchObject([{ name: 'list_files', input: { path: 'src' } }]);
    await providers.close();
    child.kill('SIGTERM');
    await once(child, 'exit');
    const lines = (await readFile(journal, 'utf8'))
      .trim()
      .split('\n')
      .map((each) => JSON.parse(each) as Record<string, unknown>);
    expect(lines).toMatchObject([
      { event: 'start', seq: 1, idempotency_key: 'k1' },
      { event: 'end', seq: 1, state: 'complete' },
    ]);
    await rm(folder, { recursive: true });
  });
});
