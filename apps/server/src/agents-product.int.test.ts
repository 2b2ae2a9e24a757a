import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentReportSchema } from '@automatos/contracts';
import type { Agent, AgentMetrics, Run } from '@automatos/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCliHost } from './testing/cli-host.ts';
import type { CliHost } from './testing/cli-host.ts';
import { createPlace, startProduct } from './testing/product.ts';
import type { Product, ProductPlace } from './testing/product.ts';

/** Agents of the whole product, without a key: by its command line and over HTTP. */

let place: ProductPlace;
let product: Product;
let host: CliHost;
let folder: string;
/** Put together here, so that no file of ours holds it. */
const KEY = ['AKIA', 'Q3EGRT7X', 'LMWP2ZBN'].join('');

beforeAll(async () => {
  place = await createPlace();
  product = await startProduct(place);
  host = startCliHost();
  folder = await realpath(await mkdtemp(join(tmpdir(), 'agents-product-')));
  await writeFile(join(folder, 'config.ts'), `export const id = '${KEY}';\neval(input);\n`);
});
afterAll(async () => {
  await host.close();
  await product.stop();
  await place.remove();
  await rm(folder, { recursive: true, force: true });
});

const cli = (...args: string[]) =>
  host.run([...args, '--data', place.dataDir, '--url', product.url], {
    env: { PATH: process.env['PATH'] ?? '', HOME: folder },
    cwd: folder,
  });

describe('the command line', () => {
  test('runs an agent on a folder and writes its findings as SARIF', async () => {
    const asked = ['--target', '.', '--task', 'security_scan', '--format', 'sarif'];
    const { code, out, err } = await cli('agents', 'run', 'security', ...asked);
    expect(err).toBe('');
    expect(code).toBe(0);
    const { runs } = JSON.parse(out) as {
      runs: { results: { ruleId: string; level: string }[] }[];
    };
    expect(runs[0]?.results.length).toBeGreaterThan(1);
    expect(out).toContain('"uri": "config.ts"');
    expect(out).not.toContain(KEY);

    const { items } = await product.get<{ items: Run[] }>('/api/runs?limit=1');
    const [run] = items;
    expect(run).toMatchObject({ kind: 'agent', status: 'completed', inputs: { target: folder } });
    const report = agentReportSchema.parse(run?.outputs);
    expect(report).toMatchObject({ success: true, offline: true, quality: 1 });
    expect(run?.quality_score).toBe(1);
    const csv = await cli('runs', 'findings', run?.id ?? '', '--format', 'csv');
    expect(csv.out.split('\r\n')).toHaveLength((runs[0]?.results.length ?? 0) + 2);
  });

  test('shows what the agent did, in words and as data', async () => {
    const shown = await cli('agents', 'show', 'security');
    expect(shown.code).toBe(0);
    expect(shown.out).toContain('1 turns, 100 % succeeded, quality 100 %');
    const metrics = await product.get<AgentMetrics>('/api/agents/security/metrics');
    expect(metrics).toMatchObject({ turns: 1, runs: 1, completed: 1, working: 0 });
    expect(metrics.tool_calls).toBeGreaterThan(2);
    expect(metrics.findings).toBeGreaterThan(1);
    const json = await cli('agents', 'list', '--tool', 'secret_scan', '--json');
    expect(JSON.parse(json.out)).toMatchObject({ items: [{ slug: 'security', status: 'active' }] });
  });

  test('carries an agent through a file, with versions in between; wrong input exits 2', async () => {
    const file = join(folder, 'security.yaml');
    expect((await cli('agents', 'export', 'security', '-o', file)).code).toBe(0);
    const changed = (await readFile(file, 'utf8')).replace('name: Security Specialist', 'name: S2');
    await writeFile(file, changed);
    const conflict = await cli('agents', 'import', file);
    expect([conflict.code, conflict.err]).toEqual([2, expect.stringContaining('is taken')]);
    const saved = await cli('agents', 'import', file, '--on-conflict', 'new_version');
    expect(saved.out).toBe('security version 2 updated\n');
    expect((await cli('agents', 'versions', 'security')).out).toMatch(/v2 .*imported\nv1 /);
    const diff = await cli('agents', 'diff', 'security', '1');
    expect(diff.out).toContain('- name: Security Specialist\n+ name: S2\n');
    expect((await cli('agents', 'restore', 'security', '1')).out).toBe(
      'security version 3 saved\n',
    );
    expect((await cli('agents', 'clone', 'security', '--name', 'Twin')).code).toBe(0);
    expect((await cli('agents', 'status', 'twin', 'active')).out).toBe('twin is active\n');
    expect((await cli('agents', 'status', 'twin', 'busy')).code).toBe(2);
    expect((await cli('agents', 'run', 'nobody')).code).toBe(2);
  });
});

test('a test of an agent that is not saved runs dry, and counts in no figure', async () => {
  const { tools } = await product.get<Agent>('/api/agents/security');
  const { status, body } = await product.send('POST', '/api/agents/test', {
    definition: { name: 'Try me', category: 'custom', tools },
    task: { target: folder, prompt: 'Use `secret_scan` on the target.' },
  });
  expect(status).toBe(202);
  const { run } = await product.ended((body as Run).id);
  expect(run).toMatchObject({ status: 'completed', dry_run: true, kind: 'agent' });
  expect(agentReportSchema.parse(run.outputs).findings_total).toBeGreaterThan(0);
  const stats = await product.get<{ turns: number }>('/api/agents/stats');
  expect(stats.turns).toBe(1);
});

test('an agent that can check nothing fails, and says what to do', async () => {
  const made = await product.send('POST', '/api/agents', { name: 'Idle', category: 'custom' });
  const { slug } = made.body as Agent;
  await product.send('POST', `/api/agents/${slug}/status`, { status: 'active' });
  const ended = await cli('agents', 'run', slug, '--prompt', 'Say something');
  expect(ended.code).toBe(1);
  expect(ended.out).toMatch(/^\nfailed in/);
  const { last_100: last } = await product.get<AgentMetrics>(`/api/agents/${slug}/metrics`);
  expect(last).toEqual({ turns: 1, success_rate: 0 });
});
