/** Bad input over the whole product: every refusal names the thing and the way out, and leaves nothing half done. */
import { mkdir, mkdtemp, open, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Problem, Run } from '@automatos/contracts';
import { createFaultyRepository } from '@automatos/testing';
import { createPlace, startProduct } from './testing/product.ts';
import type { Product, ProductPlace } from './testing/product.ts';

const HUGE_BYTES = 200 * 1024 * 1024;
const MEMORY_GROWTH_BYTES_MAX = 150 * 1024 * 1024;

/** Base of everything; only `inside` may be read by tools. */
let base: string;
let inside: string;
let place: ProductPlace;
let product: Product;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'automatos-faults-'));
  inside = join(base, 'inside');
  await mkdir(join(base, 'outside'));
  await mkdir(inside);
  await writeFile(join(base, 'outside', 'secret.txt'), 'not for tools\n');
  await writeFile(join(inside, 'a.txt'), 'hello\n');
  await symlink(join(base, 'outside'), join(inside, 'link-out'));
  place = await createPlace();
  product = await startProduct(place, { env: { AUTOMATOS_ROOTS: inside, SIGNUP_OPEN: 'true' } });
});
afterAll(async () => {
  await product.kill();
  await place.remove();
  await rm(base, { recursive: true, force: true });
});

type Answer = { status: number; body: Problem };

const save = (yaml: string): Promise<Answer> =>
  product.send('POST', '/api/workflow-recipes', { yaml });
const execute = (recipe: string, inputs: object): Promise<Answer> =>
  product.send('POST', `/api/workflow-recipes/${recipe}/execute`, { inputs });

/** What the workspace holds; equal before and after a refused change. */
async function holdings() {
  const recipes = await product.get<{ items: { slug: string; version: number }[] }>(
    '/api/workflow-recipes?limit=100',
  );
  const runs = await product.get<{ total: number }>('/api/runs?limit=1');
  return { recipes: recipes.items.map(({ slug, version }) => [slug, version]), runs: runs.total };
}

async function expectRefused(answer: Promise<Answer>): Promise<Problem> {
  const { status, body } = await answer;
  expect(status, JSON.stringify(body)).toBeGreaterThanOrEqual(400);
  expect(body).toMatchObject({ status, request_id: expect.any(String) as string });
  expect(body.type).toBe(`/docs/errors#${body.code}`);
  return body;
}

describe('recipes that cannot be', () => {
  test('an unknown recipe is not found, with the likely one named', async () => {
    const before = await holdings();
    const problem = await expectRefused(execute('repository-health-reveiw', { path: inside }));
    expect(problem).toMatchObject({ status: 404, code: 'recipes.recipe.not_found' });
    expect(problem.detail).toContain('Did you mean "repository-health-review"');
    expect(problem.errors?.[0]?.suggestion).toBe('repository-health-review');
    expect(await holdings()).toEqual(before);
  });

  test.each([
    {
      what: 'broken YAML',
      yaml: 'slug: broken\nname: Broken\nsteps:\n  - step_id: a: b\n    type: document\n',
      pointer: '',
      line: 4,
    },
    {
      what: 'a reference to a missing output',
      yaml: 'slug: broken\nname: Broken\nsteps:\n  - step_id: report\n    type: document\n    title: Report\n    template: "{{steps.nowhere.text}}"\n',
      pointer: '/steps/0/template',
      line: 7,
      says: 'nowhere',
    },
    {
      what: 'an unknown field',
      yaml: 'slug: broken\nname: Broken\nsteps:\n  - step_id: report\n    type: document\n    title: Report\n    tempalte: x\n    template: y\n',
      pointer: '/steps/0/tempalte',
      line: 7,
      suggestion: 'template',
    },
    {
      what: 'an unknown tool',
      yaml: 'slug: broken\nname: Broken\nsteps:\n  - step_id: files\n    type: tool\n    tool: list_file\n    input: { path: . }\n',
      pointer: '/steps/0/tool',
      line: 6,
      suggestion: 'list_files',
    },
    {
      what: 'an unknown agent',
      yaml: 'slug: broken\nname: Broken\nsteps:\n  - step_id: ask\n    agent: documentatoin\n    prompt_template: Hello\n',
      pointer: '/steps/0/agent',
      line: 5,
      suggestion: 'documentation',
    },
  ])('$what is refused at its line, and nothing is saved', async (bad) => {
    const before = await holdings();
    const problem = await expectRefused(save(bad.yaml));
    expect(problem).toMatchObject({ status: 400, code: 'recipes.definition.invalid' });
    const error = problem.errors?.find(({ pointer }) => pointer === bad.pointer);
    expect(error, JSON.stringify(problem.errors)).toMatchObject({
      line: bad.line,
      column: expect.any(Number) as number,
      ...(bad.suggestion === undefined ? {} : { suggestion: bad.suggestion }),
    });
    expect(`${error?.message} ${problem.detail}`).toContain(bad.says ?? '');
    expect(await holdings()).toEqual(before);
    expect((await expectRefused(execute('broken', {}))).status).toBe(404);
  });

  test('a new version that is wrong leaves the old one as it was', async () => {
    const good =
      'slug: keeps\nname: Keeps\nsteps:\n  - { step_id: r, type: document, title: T, template: one }\n';
    expect((await save(good)).status).toBe(201);
    const before = await holdings();
    const response = await fetch(`${product.url}/api/workflow-recipes/keeps`, {
      method: 'PUT',
      headers: { ...(await operatorHeaders()), 'if-match': '1' },
      body: JSON.stringify({ yaml: good.replace('one', '{{steps.gone.text}}') }),
    });
    expect(response.status).toBe(400);
    expect(await holdings()).toEqual(before);
    const kept = await product.get<{ yaml: string }>('/api/workflow-recipes/keeps');
    expect(kept.yaml).toContain('template: one');
  });
});

async function operatorHeaders(): Promise<Record<string, string>> {
  const file = await readFile(join(place.dataDir, 'operator.json'), 'utf8');
  const { key } = JSON.parse(file) as { key: string };
  return { 'x-api-key': key, 'content-type': 'application/json' };
}

describe('inputs that do not fit', () => {
  test.each([
    ['a missing field', {}, '/inputs/path'],
    ['a field of another type', { path: 7 }, '/inputs/path'],
    ['a field that the recipe does not know', { path: '.', paht: 'x' }, '/inputs/paht'],
    ['a folder that is a file', { path: 'a.txt' }, '/inputs/path'],
    ['a folder that is not there', { path: 'nowhere' }, '/inputs/path'],
  ])('%s: refused at its pointer, no run is made', async (_what, inputs, pointer) => {
    const before = await holdings();
    const problem = await expectRefused(execute('repository-health-review', inputs));
    expect(problem).toMatchObject({ status: 400, code: 'recipes.inputs.invalid' });
    expect(problem.errors?.map((error) => error.pointer)).toContain(pointer);
    expect(await holdings()).toEqual(before);
  });

  test.each([
    ['directly', () => join(base, 'outside')],
    ['through ..', () => `${inside}/../outside`],
    ['through a symbolic link', () => join(inside, 'link-out')],
  ])('a folder outside the allowed ones, %s: refused before a run starts', async (_how, path) => {
    const before = await holdings();
    const problem = await expectRefused(execute('repository-health-review', { path: path() }));
    expect(problem).toMatchObject({ status: 400, code: 'recipes.inputs.invalid' });
    expect(problem.errors?.[0]).toMatchObject({ pointer: '/inputs/path' });
    expect(problem.errors?.[0]?.message).toContain('AUTOMATOS_ROOTS');
    expect(await holdings()).toEqual(before);
  });

  test.each([
    ['directly', () => join(base, 'outside', 'secret.txt')],
    ['through ..', () => '../outside/secret.txt'],
    ['through a symbolic link', () => 'link-out/secret.txt'],
  ])('a tool that is sent outside, %s: the run fails and tells nothing', async (how, path) => {
    const slug = `reads-${how.replaceAll(/[^a-z]+/g, '-').replaceAll(/-$/g, '')}`;
    const saved = await save(
      `slug: ${slug}\nname: Reads\nsteps:\n  - { step_id: read, type: tool, tool: read_file, input: { path: "${path()}" } }\n  - { step_id: report, type: document, title: T, template: "{{steps.read.output}}" }\n`,
    );
    expect(saved.status, JSON.stringify(saved.body)).toBe(201);
    const started = await product.startRun(slug, {});
    const { run, steps, events } = await product.ended(started.id);
    expect(run).toMatchObject({
      status: 'failed',
      outputs: null,
      error: { code: 'tools.path.outside_root', kind: 'forbidden', retryable: false },
    });
    expect(run.error?.message).toContain('AUTOMATOS_ROOTS');
    expect(steps.map(({ step_id, status }) => [step_id, status])).toEqual([
      ['read', 'failed'],
      ['report', expect.stringMatching(/skipped|cancelled|pending/)],
    ]);
    expect(JSON.stringify(events)).not.toContain('not for tools');
  });
});

/** The server and the processes in which its tools run. */
async function processesOfProduct(): Promise<number[]> {
  const pid = product.child.pid ?? 0;
  const threads = await readdir(`/proc/${pid}/task`);
  const children = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8')),
  );
  return [pid, ...children.join(' ').split(/\s+/).filter(Boolean).map(Number)];
}

/** Sum of the peaks since {@link forgetPeaks}. */
async function memoryPeakBytes(): Promise<number> {
  const peaks = await Promise.all(
    (await processesOfProduct()).map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
    }),
  );
  return peaks.reduce((sum, peak) => sum + peak, 0);
}

async function forgetPeaks(): Promise<void> {
  for (const pid of await processesOfProduct()) await writeFile(`/proc/${pid}/clear_refs`, '5');
}

async function review(path: string) {
  const run = await product.startRun('repository-health-review', { path });
  const whole = await product.ended(run.id);
  const { items } = await product.get<{ items: { id: string }[] }>(`/api/runs/${run.id}/artifacts`);
  const response = await fetch(`${product.url}/api/runs/${run.id}/artifacts/${items[0]?.id}`, {
    headers: await operatorHeaders(),
  });
  return { ...whole, report: await response.text() };
}

describe('a folder with files that are too much', () => {
  test('a binary and a 200 MB file are left out, said so, and not read into memory', async () => {
    const folder = join(inside, 'shop');
    await createFaultyRepository(folder);
    const plain = await review(folder);
    expect(plain.run).toMatchObject({ status: 'completed', error: null });
    const isLinux = process.platform === 'linux';
    if (isLinux) await forgetPeaks();
    await review(folder);
    const before = isLinux ? await memoryPeakBytes() : 0;
    if (isLinux) await forgetPeaks();

    for (const name of ['src/huge.ts', 'docs-huge.md', 'huge.csv']) {
      const huge = await open(join(folder, name), 'w');
      await huge.truncate(HUGE_BYTES);
      await huge.close();
    }
    await writeFile(join(folder, 'src/blob.ts'), Buffer.from([0, 1, 2, 255, 254, 0, 10, 0]));
    const { run, report } = await review(folder);
    expect(run).toMatchObject({ status: 'completed', error: null });
    expect(run.findings_total).toBeGreaterThanOrEqual(plain.run.findings_total);
    const skipped = report.slice(report.indexOf('## What was skipped'));
    expect(skipped).toMatch(/secret_scan.*too_large/);
    expect(skipped).toMatch(/secret_scan.*binary/);
    expect(skipped).toMatch(/code_metrics.*too_large/);
    const growth = isLinux ? (await memoryPeakBytes()) - before : 0;
    expect(growth).toBeLessThan(MEMORY_GROWTH_BYTES_MAX);
  });
});

/** Signs up and returns a caller with that person's session. */
async function signUp(name: string) {
  const response = await fetch(`${product.url}/api/auth/sign-up`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: `${name}@example.org`, name, password: 'long enough to pass' }),
  });
  expect(response.status, await response.clone().text()).toBe(201);
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  const session = (await response.json()) as { workspace: { id: string; slug: string } };
  const call = async (
    method: string,
    path: string,
    extra: { body?: object | undefined; headers?: object } = {},
  ) => {
    const { body, headers } = extra;
    const answer = await fetch(`${product.url}${path}`, {
      method,
      headers: {
        cookie,
        origin: product.url,
        ...headers,
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await answer.text();
    return { status: answer.status, body: (text === '' ? null : JSON.parse(text)) as never };
  };
  return { ...session, call };
}

describe('a second person', () => {
  test("gets a workspace of their own and none of the first one's things, by no id", async () => {
    const yaml =
      'slug: private\nname: Private\nsteps:\n  - { step_id: r, type: document, title: T, template: secret words }\n';
    const first = await signUp('first');
    const second = await signUp('second');
    expect(second.workspace.id).not.toBe(first.workspace.id);
    const saved = await first.call('POST', '/api/workflow-recipes', { body: { yaml } });
    expect(saved.status, JSON.stringify(saved.body)).toBe(201);
    const recipe = saved.body as { id: string };
    const run = (
      await first.call('POST', `/api/workflow-recipes/${recipe.id}/execute`, {
        body: { inputs: {} },
      })
    ).body as Run;
    await product.ended(run.id);
    const artifacts = (await first.call('GET', `/api/runs/${run.id}/artifacts`)).body as {
      items: { id: string }[];
    };

    const foreign: [string, string, object?][] = [
      ['GET', `/api/workflow-recipes/${recipe.id}`],
      ['GET', '/api/workflow-recipes/private'],
      ['GET', `/api/workflow-recipes/${recipe.id}/versions`],
      ['DELETE', `/api/workflow-recipes/${recipe.id}`],
      ['POST', `/api/workflow-recipes/${recipe.id}/execute`, { inputs: {} }],
      ...['', '/steps', '/events', '/findings', '/artifacts'].map((part): [string, string] => [
        'GET',
        `/api/runs/${run.id}${part}`,
      ]),
      ['GET', `/api/runs/${run.id}/artifacts/${artifacts.items[0]?.id}/content`],
      ...['cancel', 'pause', 'resume'].map((action): [string, string] => [
        'POST',
        `/api/runs/${run.id}/${action}`,
      ]),
    ];
    for (const [method, path, body] of foreign) {
      const answer = await second.call(method, path, { body });
      expect([403, 404], `${method} ${path} answered ${answer.status}`).toContain(answer.status);
      expect(JSON.stringify(answer.body)).not.toContain('secret words');
    }
    const own = await second.call('GET', '/api/runs');
    expect(own.body).toMatchObject({ items: [], total: 0 });
    const listed = (await second.call('GET', '/api/workflow-recipes?limit=100')).body as {
      items: { slug: string }[];
    };
    expect(listed.items.map(({ slug }) => slug)).toContain('repository-health-review');
    expect(listed.items.map(({ slug }) => slug)).not.toContain('private');
    const named = { 'x-workspace-id': first.workspace.id };
    expect((await second.call('GET', '/api/runs', { headers: named })).status).toBe(403);
    expect((await first.call('GET', `/api/workflow-recipes/${recipe.id}`)).status).toBe(200);
  });
});
