/** Clients of the official SDK against the whole product, over HTTP and in both revisions of the protocol. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startV1 } from '../testing/v1-fixture.ts';
import type { V1Fixture } from '../testing/v1-fixture.ts';

let product: V1Fixture;
let folder: string;
let member: string;

beforeAll(async () => {
  product = await startV1({ LLM_DEFAULT_PROVIDER: 'offline' });
  member = await product.key('member');
  folder = await mkdtemp(join(tmpdir(), 'mcp-'));
  await writeFile(join(folder, 'app.ts'), 'export const run = (text: string) => eval(text);\n');
});
afterAll(async () => {
  await product.close();
  await rm(folder, { recursive: true });
});

/** A connected client; `auto` asks for the newest revision that both sides speak. */
async function connect(key: string, mode?: 'auto'): Promise<Client> {
  const client = new Client(
    { name: 'test', version: '1' },
    mode === undefined ? {} : { versionNegotiation: { mode } },
  );
  await client.connect(
    new StreamableHTTPClientTransport(new URL('/mcp', product.url), {
      requestInit: { headers: { 'x-api-key': key } },
    }),
  );
  return client;
}

/** The same through the command line, over standard input and output. */
async function connectStdio(key: string, mode?: 'auto'): Promise<Client> {
  const client = new Client(
    { name: 'test', version: '1' },
    mode === undefined ? {} : { versionNegotiation: { mode } },
  );
  const bin = join(import.meta.dirname, '../../../cli/bin/automatos.mjs');
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [bin, 'mcp'],
      env: { AUTOMATOS_URL: product.url, AUTOMATOS_API_KEY: key, AUTOMATOS_DATA_DIR: folder },
    }),
  );
  return client;
}

type Structured = Record<string, unknown>;

describe.each([
  ['2025', undefined],
  ['2026-07-28', 'auto' as const],
])('revision %s', (_name, mode) => {
  test('lists agents, recipes and tasks as tools with their schemas', async () => {
    const client = await connect(member, mode);
    const { tools } = await client.listTools();
    const names = tools.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['submit_task', 'get_run', 'agent_security', 'recipe_release-notes']),
    );
    const security = tools.find(({ name }) => name === 'agent_security');
    expect(security?.inputSchema.properties).toHaveProperty('target');
    expect(names.every((name) => /^[\w-]{1,64}$/.test(name))).toBe(true);
    await client.close();
  });

  test('an agent works on a folder, tells how far it is, and its findings can be asked for', async () => {
    const client = await connect(member, mode);
    const told: string[] = [];
    const result = await client.callTool(
      { name: 'agent_security', arguments: { target: folder } },
      { onprogress: ({ message }) => void told.push(message ?? '') },
    );
    const run = result.structuredContent as Structured;
    expect(run).toMatchObject({ status: 'completed', ended: true });
    expect(told.some((message) => message.startsWith('tool '))).toBe(true);
    const findings = await client.callTool({
      name: 'get_findings',
      arguments: { run_id: run['run_id'] },
    });
    expect(JSON.stringify(findings.structuredContent)).toContain('js.eval');
    await client.close();
  });

  test('what is wrong is told so that a model can mend it', async () => {
    const client = await connect(member, mode);
    const wrong = await client.callTool({
      name: 'submit_task',
      arguments: { goal: 7, color: 'x' },
    });
    expect(wrong.isError).toBe(true);
    expect(JSON.stringify(wrong.content)).toMatch(/goal.*must be string/);
    const unknown = await client.callTool({
      name: 'get_run',
      arguments: { run_id: '01990000-0000-7000-8000-0000000000ff' },
    });
    expect([unknown.isError, JSON.stringify(unknown.content)]).toEqual([
      true,
      expect.stringContaining('No run'),
    ]);
    await expect(client.callTool({ name: 'rm', arguments: {} })).rejects.toThrow(/no tool "rm"/);
    await client.close();
  });

  test('resources: a recipe, a file inside of the roots, and none outside', async () => {
    const client = await connect(member, mode);
    const { resources } = await client.listResources();
    const recipe = resources.find(({ uri }) => uri === 'automatos://recipes/release-notes');
    expect(recipe).toBeDefined();
    const { contents } = await client.readResource({ uri: recipe?.uri ?? '' });
    expect(contents[0]).toMatchObject({ text: expect.stringContaining('slug: release-notes') });
    const file = await client.readResource({ uri: `automatos://files/${folder}/app.ts` });
    expect(file.contents[0]).toMatchObject({ text: expect.stringContaining('eval(text)') });
    await expect(client.readResource({ uri: 'automatos://files//etc/passwd' })).rejects.toThrow(
      /outside the allowed folders/,
    );
    await client.close();
  });

  test('the command line speaks it over standard input and output', async () => {
    const client = await connectStdio(member, mode);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('agent_security');
    const told: string[] = [];
    const result = await client.callTool(
      { name: 'agent_security', arguments: { target: folder } },
      { onprogress: ({ message }) => void told.push(message ?? '') },
    );
    expect(result.structuredContent).toMatchObject({ status: 'completed' });
    expect(told).not.toEqual([]);
    await client.close();
  });

  test('personas are prompts', async () => {
    const client = await connect(member, mode);
    const { prompts } = await client.listPrompts();
    expect(prompts.map(({ name }) => name)).toContain('senior-engineer');
    const made = await client.getPrompt({
      name: 'senior-engineer',
      arguments: { request: 'Look at this.' },
    });
    expect(JSON.stringify(made.messages)).toContain('Look at this.');
    await client.close();
  });
});

test('a viewer sees what a viewer may: no tool that starts anything', async () => {
  const client = await connect(await product.key('viewer'));
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name).toSorted()).toEqual(['get_findings', 'get_run']);
  await client.close();
});

test('without a key nobody comes in', async () => {
  await expect(connect('ak_srv_wrong')).rejects.toThrow(/401|key/i);
  const answer = await fetch(new URL('/mcp', product.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  });
  expect(answer.status).toBe(401);
});
