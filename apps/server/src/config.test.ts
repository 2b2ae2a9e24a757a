import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlatformError } from '@automatos/kernel';
import { describe, expect, test } from 'vitest';
import { PROVIDER_ROWS } from '@automatos/providers';
import { PROVIDER_SETTINGS } from './config-provider-settings.ts';
import { renderEnvExample } from './config-settings.ts';
import { loadConfig } from './config.ts';

function load(
  env: Record<string, string> = {},
  argv: string[] = [],
  cwd = mkdtempSync(join(tmpdir(), 'config-')),
) {
  return loadConfig({ env, argv, cwd, home: '/home/someone', isTerminal: false });
}

function problemsOf(env: Record<string, string>, argv: string[] = []): string[] {
  try {
    load(env, argv);
  } catch (error) {
    return (error as PlatformError).details?.['problems'] as string[];
  }
  throw new Error('the configuration was accepted');
}

describe('configuration', () => {
  test('an empty environment gives a laptop: embedded database, both ports, loopback, all roles', () => {
    const cwd = mkdtempSync(join(tmpdir(), 'config-'));
    const config = load({}, [], cwd);
    expect(config).toMatchObject({
      roles: { api: true, web: true, worker: true },
      host: '127.0.0.1',
      webPort: 3000,
      apiPort: 8000,
      dataDir: join(cwd, 'data'),
      database: { kind: 'embedded', fsync: true },
      workspaceRoots: ['/home/someone', cwd],
      http: {
        rateLimitPerMinute: 60,
        rateLimitPrincipalPerMinute: 600,
        trustProxy: [],
        corsAllowOrigins: [],
      },
      log: { level: 'info', format: 'json' },
      notes: [],
    });
    expect(Object.isFrozen(config.http.trustProxy)).toBe(true);
  });

  test('all problems are told at once, each in a sentence that names its key', () => {
    const problems = problemsOf(
      {
        PORT: 'eighty',
        API_PORT: '99999',
        DATABASE_URL: 'mysql://x',
        AUTOMATOS_ROLES: 'api,cook',
        CORS_ALLOW_ORIGINS: 'https://a.example/path',
        TRUST_PROXY: 'nginx',
        RATE_LIMIT_PER_MINUTE: '0',
        FSYNC: 'maybe',
        LOG_LEVEL: 'loud',
      },
      ['--colour'],
    );
    expect(problems).toHaveLength(10);
    for (const name of [
      'PORT',
      'API_PORT',
      'DATABASE_URL',
      'AUTOMATOS_ROLES',
      'CORS_ALLOW_ORIGINS',
      'TRUST_PROXY',
      'RATE_LIMIT_PER_MINUTE',
      'FSYNC',
      'LOG_LEVEL',
    ]) {
      expect(problems.filter((problem) => problem.startsWith(`${name} `))).toHaveLength(1);
    }
    expect(problems).toContain('PORT must be a port number (it is "eighty").');
    expect(problems.join()).toMatch(/--colour.*--port, --api-port, --host, --data/);
  });

  test('a bad secret is refused without being shown', () => {
    const [problem] = problemsOf({ ORCHESTRATOR_API_KEY: 'changeme-changeme-changeme' });
    expect(problem).toContain('ORCHESTRATOR_API_KEY');
    expect(problem).not.toContain('changeme-changeme');
  });

  test.each([
    [{ HOST: '0.0.0.0' }, 'HOST is 0.0.0.0'],
    [{ HOST: '::' }, 'HOST is ::'],
    [{ HOST: '192.168.1.5' }, 'HOST is 192.168.1.5'],
    [{ TRUST_PROXY: '127.0.0.1' }, 'TRUST_PROXY'],
    [{ PUBLIC_URL: 'https://automatos.example.com' }, 'PUBLIC_URL'],
  ])('without sign-in nobody else may reach it: %j does not start', (env, named) => {
    const problems = problemsOf({ REQUIRE_AUTH: 'false', ...(env as Record<string, string>) });
    expect(problems).toEqual([expect.stringContaining(named)]);
    expect(problems[0]).toContain('REQUIRE_AUTH=true');
  });

  test.each([[{}], [{ HOST: '::1' }], [{ HOST: 'localhost', PUBLIC_URL: 'http://[::1]:3000' }]])(
    'without sign-in on this machine alone it starts: %j',
    (env) => {
      const { identity, http } = load({
        REQUIRE_AUTH: 'false',
        ...(env as Record<string, string>),
      });
      expect([identity.requireAuth, http.signInOff]).toEqual([false, true]);
      expect(load().identity.requireAuth).toBe(true);
    },
  );

  test('the same port twice is refused, except 0 which means any free one', () => {
    expect(problemsOf({ PORT: '8000' }).join()).toContain('different ports');
    expect(load({ PORT: '0', API_PORT: '0' }).webPort).toBe(0);
  });

  test('flags win over the environment, the environment wins over .env, empty means not set', () => {
    const cwd = mkdtempSync(join(tmpdir(), 'config-'));
    writeFileSync(join(cwd, '.env'), 'PORT=4001\nAPI_PORT=4002\nHOST=0.0.0.0\nDATABASE_URL=\n');
    const config = load({ API_PORT: '5002', HOST: '' }, ['--port', '6001', '--data', 'other'], cwd);
    expect([config.webPort, config.apiPort, config.host]).toEqual([6001, 5002, '0.0.0.0']);
    expect(config.dataDir).toBe(join(cwd, 'other'));
  });

  test('a server database opens no folder by itself', () => {
    const url = 'postgresql://localhost/automatos';
    expect(load({ DATABASE_URL: url }).workspaceRoots).toEqual([]);
    expect(load({ DATABASE_URL: url, AUTOMATOS_ROOTS: '/srv/a:/srv/b' }).workspaceRoots).toEqual([
      '/srv/a',
      '/srv/b',
    ]);
  });

  test('settings without effect become notes', () => {
    const notes = load({
      AUTOMATOS_ROOT: '/x',
      FSYNC: 'false',
      DATABASE_URL: 'postgresql://h/d',
      LLM_DEFAULT_MODEL: 'm',
    }).notes;
    expect(notes).toHaveLength(3);
    expect(notes[0]).toContain('AUTOMATOS_ROOT is not a setting');
  });

  test("only the vendors' keys that are set are handed to the providers", () => {
    expect(
      load({ OPENAI_API_KEY: 'sk-12345678', GROQ_API_KEY: '', HOME: '/x' }).providers.env,
    ).toEqual({
      OPENAI_API_KEY: 'sk-12345678',
    });
  });

  test('every vendor key is one that a connectable provider reads, and none is forgotten', () => {
    const read = PROVIDER_ROWS.filter((row) => row.codec !== null).flatMap((row) => [
      ...row.env.apiKey,
      ...row.env.baseUrl,
    ]);
    expect(Object.keys(PROVIDER_SETTINGS).toSorted()).toEqual([...new Set(read)].toSorted());
  });

  test('.env.example is current: run `node apps/server/scripts/write-env-example.ts`', () => {
    const path = new URL('../../../.env.example', import.meta.url);
    expect(readFileSync(path, 'utf8')).toBe(renderEnvExample());
  });
});
