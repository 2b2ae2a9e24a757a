import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestBench, type TestBench } from '../test-executor.fixture.ts';
import { checkFiles } from './check-files.ts';
import { versionFor } from './make-dockerfile.ts';
import { readSettings } from './read-settings.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await createTestBench();
});
afterAll(() => bench.close());

type Files = Record<string, string>;
async function project(name: string, files: Files): Promise<string> {
  for (const [path, text] of Object.entries(files)) await bench.write(`${name}/${path}`, text);
  return name;
}

const PROJECTS: Record<string, Files> = {
  node: {
    'package.json':
      '{"name":"@shop/api","version":"1.2.3","packageManager":"pnpm@9.1.0","scripts":{"build":"tsc","start":"NODE_ENV=production node dist/main.js","test":"vitest run"},"dependencies":{"fastify":"5.0.0","ioredis":"5.0.0"}}',
    'pnpm-lock.yaml': "lockfileVersion: '9.0'\n",
    '.nvmrc': 'v20\n',
    'tsconfig.json': '{}',
    'src/main.ts':
      "app.get('/healthz', ok);\napp.listen({ port: 3100, host });\nconnect(process.env.REDIS_URL, 6379);\n// app.listen(1)\n",
    'src/main.test.ts': 'app.listen(9999);',
  },
  python: {
    'requirements.txt': 'fastapi==0.115.0\npsycopg==3.2.0\npytest==8.0.0\n',
    '.python-version': '3.12\n',
    'src/shop/main.py':
      'import os\n\nservice = FastAPI()\nurl = os.environ["DATABASE_URL"]\n\n@service.get("/health")\ndef health(): ...\n',
  },
  go: {
    'go.mod': 'module example.com/shop/gate\n\ngo 1.24\n',
    'go.sum': '',
    'cmd/gate/main.go':
      'package main\nfunc main() { http.HandleFunc("/ready", ok); http.ListenAndServe(":9090", nil); os.Getenv("UPSTREAM") }\n',
  },
  site: {
    'package.json':
      '{"name":"site","scripts":{"build":"vite build"},"devDependencies":{"vite":"7.0.0","react":"19.0.0"}}',
    'package-lock.json': '{}',
  },
};

describe('detect_stack', () => {
  const detect = async (name: string) => {
    const outcome = await bench.run('detect_stack', {
      path: await project(`d-${name}`, PROJECTS[name] ?? {}),
    });
    expect(outcome.error).toBeUndefined();
    return (outcome.output as { components: Record<string, never>[] }).components[0];
  };

  it('of a Node service, with the line of each fact and without what tests and comments say', async () => {
    expect(await detect('node')).toMatchObject({
      name: 'api',
      version: '1.2.3',
      language: 'TypeScript',
      kind: 'service',
      runtime_version: { value: 'v20', path: '.nvmrc' },
      package_manager: { value: 'pnpm' },
      lock_file: 'pnpm-lock.yaml',
      frameworks: [{ value: 'fastify', path: 'package.json', line: 1 }],
      ports: [{ value: 3100, path: 'src/main.ts', line: 2 }],
      health_path: { value: '/healthz', line: 1 },
      environment: [{ value: 'REDIS_URL', line: 3 }],
      needs: [{ value: 'redis' }],
      commands: {
        install: { value: 'pnpm install --frozen-lockfile' },
        build: { value: 'pnpm run build' },
        start: { value: 'pnpm start' },
        test: { value: 'pnpm test' },
        lint: null,
      },
    });
  });

  it('of Python, Go and a site', async () => {
    expect(await detect('python')).toMatchObject({
      kind: 'service',
      ports: [{ value: 8000 }],
      health_path: { value: '/health' },
      needs: [{ value: 'postgres' }],
      commands: {
        start: { value: 'uvicorn --host 0.0.0.0 --port 8000 shop.main:service' },
        test: { value: 'pytest' },
      },
    });
    expect(await detect('go')).toMatchObject({
      name: 'gate',
      ports: [{ value: 9090 }],
      environment: [{ value: 'UPSTREAM' }],
      commands: { build: { value: 'go build -o /out/app ./cmd/gate' } },
    });
    expect(await detect('site')).toMatchObject({ kind: 'site', commands: { start: null } });
  });

  it('several components of one repository keep what is theirs; nothing known is said', async () => {
    await project('mono', {
      'package.json': '{"name":"all","workspaces":["apps/*"]}',
      'package-lock.json': '{}',
      'apps/a/package.json': '{"name":"a","scripts":{"start":"node a.js"}}',
      'apps/a/a.js': 'listen(process.env.A_ONLY); server.listen(1234);',
      'lib/package.json': '{"name":"lib"}',
    });
    const outcome = await bench.run('detect_stack', { path: 'mono' });
    expect(outcome.output).toMatchObject({
      components: [
        {
          folder: 'apps/a',
          lock_file: 'package-lock.json',
          ports: [{ value: 1234 }],
          environment: [{ value: 'A_ONLY' }],
        },
        { folder: 'lib', kind: 'library', environment: [] },
      ],
    });
    await project('empty', { 'a.txt': '' });
    expect((await bench.run('detect_stack', { path: 'empty' })).summary).toContain('No manifest');
  });
});

describe('write_deployment_files', () => {
  it.each([
    [
      'node',
      ['FROM node:20.', 'pnpm install --frozen-lockfile', 'CMD ["pnpm", "start"]', '/healthz'],
    ],
    ['python', ['FROM python:3.12.', 'CMD ["uvicorn"', 'USER 10001']],
    ['go', ['FROM golang:1.24.', 'CGO_ENABLED=0 go build', 'EXPOSE 9090']],
    ['site', ['nginx-unprivileged', 'COPY --from=build /app/dist']],
  ])('for %s gives files that keep our rules', async (name, texts) => {
    const path = await project(`w-${name}`, PROJECTS[name] ?? {});
    const outcome = await bench.run('write_deployment_files', { path });
    expect(outcome.error).toBeUndefined();
    const { files, validation, saved } = outcome.output as {
      files: Files;
      validation: { kind: string; findings: number }[];
      saved: string[];
    };
    expect(Object.keys(files)).toEqual([
      'Dockerfile',
      '.dockerignore',
      'compose.yaml',
      'k8s/deployment.yaml',
      '.github/workflows/ci.yaml',
    ]);
    for (const text of texts) expect(files['Dockerfile']).toContain(text);
    expect(validation.map(({ kind, findings }) => `${kind} ${findings}`)).toEqual([
      'dockerfile 0',
      'compose 0',
      'kubernetes 0',
      'workflow 0',
    ]);
    expect(saved).toEqual([]);
    expect(outcome.artifacts?.map(({ title }) => title)).toEqual(Object.keys(files));
    await expect(readFile(join(bench.root, path, 'Dockerfile'))).rejects.toThrow('ENOENT');
  });

  it('saves only when asked, never over a file, and not with a grant to read', async () => {
    const path = await project('saved', { ...PROJECTS['node'], 'compose.yaml': 'mine' });
    const grants = [{ tool: 'write_deployment_files', level: 'read_only' as const }];
    const input = { path, save: true };
    expect(await bench.run('write_deployment_files', input, { grants })).toMatchObject({
      status: 'denied',
    });
    expect((await bench.run('write_deployment_files', { path }, { grants })).status).toBe(
      'success',
    );
    expect(await bench.run('write_deployment_files', input)).toMatchObject({
      output: { not_saved: ['compose.yaml'] },
    });
    expect(await readFile(join(bench.root, path, 'compose.yaml'), 'utf8')).toBe('mine');
    expect(await readFile(join(bench.root, path, 'k8s/deployment.yaml'), 'utf8')).toContain('3100');
  });

  it('says what it cannot pack', async () => {
    const path = await project('rust', { 'Cargo.toml': '[package]\nname = "x"\n' });
    const outcome = await bench.run('write_deployment_files', { path });
    expect(outcome).toMatchObject({ error: { code: 'tools.deployment.stack_unsupported' } });
    expect(outcome.summary).toContain('Rust');
  });

  it.each([
    [undefined, '24'],
    ['>=22.12', '22'],
    ['^20', '20'],
    ['18', '24'],
  ])('version %s means line %s', (asked, line) => {
    expect(versionFor({ '20': '20.1', '22': '22.1', '24': '24.1' }, asked)).toBe(`${line}.1`);
  });
});

const rulesOf = (path: string, text: string, others: string[] = []) =>
  checkFiles([{ path, text }], new Set([path, ...others])).flatMap(({ findings }) =>
    findings.map(({ rule, location }) => `${rule} ${location?.line}`),
  );
const DOCKER_END = '\nUSER app\nHEALTHCHECK CMD ["true"]\nCMD ["a"]\n';
const WORKFLOW = 'permissions: {}\non: push\njobs:\n  a:\n    runs-on: x\n    steps:\n';
const CONTAINER = `      containers:
        - name: a
          image: a:1.0
          resources: { limits: { memory: 1Mi } }
          securityContext: { allowPrivilegeEscalation: false, runAsNonRoot: true }
`;

describe('validate_deployment_files', () => {
  it.each<[string, string, string, string[]]>([
    ['a stage is no image', 'Dockerfile', `FROM a:1.2 AS build\nFROM build${DOCKER_END}`, []],
    ['a variable for an image', 'Dockerfile', `ARG V=1.2\nFROM a:\${V}${DOCKER_END}`, []],
    ['a line of versions', 'Dockerfile', `FROM node:24${DOCKER_END}`, ['docker.loose_image 1']],
    ['a digest', 'Dockerfile', `FROM node@sha256:${'a'.repeat(64)}${DOCKER_END}`, []],
    [
      'a secret given from outside',
      'Dockerfile',
      `FROM a:1.2\nARG NPM_TOKEN\nENV API_KEY=$NPM_TOKEN${DOCKER_END}`,
      [],
    ],
    [
      'a secret of an early stage',
      'Dockerfile',
      `FROM a:1.2 AS b\nARG NPM_TOKEN=abcdefgh\nFROM a:1.2${DOCKER_END}`,
      ['docker.secret_in_image 2'],
    ],
    [
      'root again at the end',
      'Dockerfile',
      'FROM a:1.2\nUSER app\nUSER root\nCMD ["a"]',
      ['docker.root_user 3'],
    ],
    [
      'a key',
      'Dockerfile',
      `FROM a:1.2\nCOPY --chown=app id_rsa /a/${DOCKER_END}`,
      ['docker.secret_file_copied 2'],
    ],
    ['everything', 'Dockerfile', `FROM a:1.2\nCOPY . .${DOCKER_END}`, ['docker.no_ignore_file 2']],
    [
      'lists of packages',
      'Dockerfile',
      `FROM a:1.2\nRUN apt-get update && \\\n apt-get install -y curl${DOCKER_END}`,
      ['docker.package_cache 2'],
    ],
    [
      'a misspelt instruction',
      'Dockerfile',
      `FROM a:1.2\nRUNN x${DOCKER_END}`,
      ['docker.unknown_instruction 2'],
    ],
    ['nothing to build on', 'Dockerfile', 'RUN x', ['docker.no_base 1']],
    [
      'values in a list',
      'compose.yaml',
      'services:\n  a:\n    image: a:1.2\n    mem_limit: 1g\n    environment:\n      - A=1\n      - DB_PASSWORD=secret12\n',
      ['compose.secret_in_file 7'],
    ],
    [
      'a database for this machine',
      'docker-compose.yml',
      'services:\n  a:\n    image: redis:8.2\n    mem_limit: 1g\n    ports: ["127.0.0.1:6379:6379"]\n',
      [],
    ],
    [
      'a wrong type and no image',
      'compose.yaml',
      'services:\n  a:\n    mem_limit: 1g\n    ports: 80\n',
      ['compose.malformed 4', 'compose.no_image 2'],
    ],
    ['broken YAML', 'compose.yaml', 'services:\n  a: [', ['compose.malformed 2']],
    [
      'a good workload',
      'a.yaml',
      `apiVersion: batch/v1\nkind: Job\nmetadata: { name: a }\nspec:\n  template:\n    spec:\n${CONTAINER}`,
      [],
    ],
    [
      'an API that is gone',
      'a.yaml',
      `apiVersion: batch/v1beta1\nkind: Job\nmetadata: {}\nspec:\n  template:\n    spec:\n${CONTAINER}`,
      ['k8s.removed_api 1', 'k8s.malformed 3'],
    ],
    [
      'a service for nobody',
      'a.yaml',
      `apiVersion: batch/v1\nkind: Job\nmetadata: { name: a }\nspec:\n  template:\n    metadata: { labels: { app: a } }\n    spec:\n${CONTAINER}---\napiVersion: v1\nkind: Service\nmetadata: { name: a }\nspec:\n  selector: { app: b }\n`,
      ['k8s.service_without_pods 18'],
    ],
    ['YAML of something else', 'a.yaml', 'kind: x\nimage: a:latest\n', []],
    [
      'a pinned action',
      '.github/workflows/a.yml',
      `${WORKFLOW}      - uses: a/b@${'0'.repeat(40)}\n`,
      [],
    ],
    [
      'an official action',
      '.github/workflows/a.yml',
      `${WORKFLOW}      - uses: actions/checkout@v4\n`,
      ['ci.unpinned_action 7'],
    ],
    [
      'a branch name in a script',
      '.github/workflows/a.yml',
      `${WORKFLOW}      - run: git checkout \${{ github.head_ref }}\n`,
      ['ci.script_injection 7'],
    ],
    [
      'a printed secret',
      '.github/workflows/a.yml',
      `${WORKFLOW}      - run: |\n          a\n          echo \${{ secrets.KEY }}\n`,
      ['ci.secret_printed 9'],
    ],
    [
      'a stranger with secrets',
      '.github/workflows/a.yml',
      `permissions: {}\non: pull_request_target\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: actions/checkout@${'0'.repeat(40)}\n        with:\n          ref: \${{ github.event.pull_request.head.sha }}\n`,
      ['ci.foreign_code_with_secrets 9'],
    ],
    [
      'no permissions',
      '.github/workflows/a.yml',
      'on: push\njobs:\n  a:\n    steps:\n      - name: x\n',
      ['ci.no_permissions 2', 'ci.malformed 3', 'ci.malformed 5'],
    ],
  ])('%s', (...row) => {
    const [, path, text, expected] = row;
    expect(rulesOf(path, text)).toEqual(expected);
  });

  it('says that nothing was there, and never shows a secret', async () => {
    await project('v', { Dockerfile: 'FROM a:1.2\nENV API_TOKEN=hunter2-live\nUSER a\n' });
    const outcome = await bench.run('validate_deployment_files', { path: 'v' });
    expect(outcome.findings).toMatchObject([{ evidence: 'ENV API_TOKEN=hu****' }]);
    await project('v2', { 'a.txt': '' });
    expect((await bench.run('validate_deployment_files', { path: 'v2' })).summary).toContain(
      'No Dockerfile',
    );
  });
});

describe('environment_diff', () => {
  it('compares folders and nested settings, masks secrets and passwords in addresses', async () => {
    await project('e', {
      'now/app.json': '{"db":{"host":"a","password":"one-secret"},"url":"pg://u:pw12@h/d","old":1}',
      'now/only.env': 'A=1\n',
      'next/app.json':
        '{"db":{"host":"b","password":"two-secret"},"url":"pg://u:pw34@h/d","new":2}',
      'next/x.yaml': 'a: 1\n',
    });
    const outcome = await bench.run('environment_diff', {
      path: 'e',
      current: 'now',
      wanted: 'next',
    });
    expect(outcome.output).toMatchObject({
      missing: [{ key: 'old' }],
      added: [{ key: 'new' }],
      different: [
        { key: 'db.host', current: 'a', wanted: 'b', secret: false },
        { key: 'db.password', current: 'on****', wanted: 'tw****', secret: true },
        { key: 'url', current: 'pg://u:****@h/d' },
      ],
      compared: [{ current: 'now/app.json', wanted: 'next/app.json' }],
      only_in_current: ['now/only.env'],
      only_in_wanted: ['next/x.yaml'],
    });
    expect(JSON.stringify(outcome)).not.toMatch(/one-secret|two-secret|pw12|pw34/);
  });

  it.each([
    [{ current: 'e/now', wanted: 'empty' }, 'tools.deployment.no_settings'],
    [{ current: 'e/now', wanted: '/etc' }, 'tools.path.outside_root'],
  ])('%o is refused', async (input, code) => {
    expect(await bench.run('environment_diff', input)).toMatchObject({ error: { code } });
  });

  it.each([
    ['a.env', 'export A="1 2"\nB=x # note\n# C=1\nA=3', ['A=1 2', 'B=x', 'A=3']],
    ['a.yaml', 'a:\n  b: true\n  c: [1, x]\n', ['a.b=true', 'a.c.0=1', 'a.c.1=x']],
    ['a.properties', 'a.b: 1\n! note\n', ['a.b=1']],
    ['a.json', '{"a": ', undefined],
  ])('reads %s', (path, text, settings) => {
    expect(readSettings(path, text)?.map(({ key, value }) => `${key}=${value}`)).toEqual(settings);
  });
});

describe('rollout_plan', () => {
  it.each([
    [{}, 'rolling', 'kubectl rollout undo deployment/api'],
    [{ strategy: 'canary' }, 'canary', 'kubectl rollout undo deployment/api'],
    [{ platform: 'compose', strategy: 'canary' }, 'replace', 'docker compose up'],
  ])('%o', async (more, strategy, back) => {
    const path = await project('r', PROJECTS['node'] ?? {});
    const outcome = await bench.run('rollout_plan', { path, ...more });
    const { plan, rollback } = outcome.output as {
      plan: { strategy: string; steps: { check: string; rollback: string }[] };
      rollback: string[];
    };
    expect(plan.strategy).toBe(strategy);
    expect(plan.steps.every((one) => one.check !== '' && one.rollback !== '')).toBe(true);
    expect(rollback.join()).toContain(back);
    expect(outcome.findings).toEqual([]);
    expect(outcome.artifacts?.[0]?.content).toContain('/healthz answers 200');
  });

  it('what the wanted environment lacks blocks it, and migrations come first', async () => {
    await project('r2', {
      ...PROJECTS['node'],
      'migrations/1.sql': 'select 1',
      'a.env': 'X=1\nY=2\n',
      'b.env': 'Y=changeme\n',
    });
    const outcome = await bench.run('rollout_plan', {
      path: 'r2',
      current: 'a.env',
      wanted: 'b.env',
    });
    expect(outcome.output).toMatchObject({
      plan: {
        blockers: ['Set "X" in b.env.', '"Y" still has a placeholder. Give the real value.'],
        steps: expect.arrayContaining([
          expect.objectContaining({ phase: 'prepare', action: 'Save the database.' }),
        ]),
      },
    });
    expect(outcome.findings.map(({ rule }) => rule)).toEqual(['rollout.migrations']);
  });
});
