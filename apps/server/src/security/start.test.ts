import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isPlatformError } from '@automatos/kernel';
import { describe, expect, test } from 'vitest';
import { SETTINGS } from '../config-settings.ts';
import { loadConfig } from '../config.ts';

/** What the product must not start with, and what no configuration may reach. */

const ROOT = join(import.meta.dirname, '../../../..');
const load = (env: Record<string, string>) =>
  loadConfig({ env, argv: [], cwd: '/nowhere', home: '/nowhere', isTerminal: false });

/** Secrets of this installation: what they protect is ours, so a guessable one is refused. */
const OWN_SECRETS = [
  'ORCHESTRATOR_API_KEY',
  'AUTOMATOS_SECRET',
  'ENCRYPTION_KEY',
  'ENCRYPTION_KEY_OLD',
];
/** Secrets that somebody else has given; only they know what a good one is. */
const FOREIGN_SECRETS = /^(?:VAULT_TOKEN|OIDC_\w+|CLERK_\w+)$/;

function refusalOf(env: Record<string, string>): string {
  try {
    load(env);
  } catch (error) {
    if (isPlatformError(error)) return `${error.message} ${JSON.stringify(error.errors ?? [])}`;
    throw error;
  }
  return 'started';
}

describe('secrets', () => {
  test('each is one of ours or one of others', () => {
    const secrets = Object.entries(SETTINGS).filter(([, setting]) => 'secret' in setting);
    const unknown = secrets
      .map(([name]) => name)
      .filter((name) => !OWN_SECRETS.includes(name) && !FOREIGN_SECRETS.test(name));
    expect(unknown).toEqual([]);
    expect(secrets.length).toBeGreaterThanOrEqual(OWN_SECRETS.length);
  });

  test.each(
    OWN_SECRETS.flatMap((name) =>
      [
        'short!',
        'changeme',
        'change-me-change-me-change-me-change-me',
        'secretsecretsecretsecretsecretsecret',
        'password'.repeat(8),
        'test'.repeat(16),
        'admin'.repeat(12),
        'default'.repeat(8),
        'example'.repeat(8),
      ].map((value) => [name, value] as const),
    ),
  )('%s is refused as %s, and not repeated', (name, value) => {
    const refusal = refusalOf({ [name]: value });
    expect(refusal).toContain(name);
    expect(refusal.replaceAll(name, '')).not.toContain(value);
  });
});

describe('the seams of the composition', () => {
  const sources = async () => {
    const names = await readdir(join(ROOT, 'apps/server/src'), { recursive: true });
    const product = names.filter(
      (name) => name.endsWith('.ts') && !/\.(?:test|fixture)\.ts$|^testing\//.test(name),
    );
    return Promise.all(
      product.map(async (name) => ({
        name,
        text: await readFile(join(ROOT, 'apps/server/src', name), 'utf8'),
      })),
    );
  };

  test('are passed on by the composition alone, and given by nothing that is started', async () => {
    const mention = (await sources()).filter(({ text }) =>
      /CompositionHooks|(?:deps|options)\.hooks/.test(text),
    );
    expect(mention.map(({ name }) => name).toSorted()).toEqual([
      'compose.ts',
      'wiring/compose-edge.ts',
      'wiring/composition-hooks.ts',
    ]);
    const main = await readFile(join(ROOT, 'apps/server/src/main.ts'), 'utf8');
    expect(main).toMatch(
      /await compose\(\{ config, logger, operatorKey, progress: progress\.step \}\)/,
    );
  });

  test('no configuration holds a function, so none can be one of them', () => {
    const config = load({
      HOOKS: 'all',
      AUTOMATOS_HOOKS: '{"database":true}',
      NODE_ENV: 'test',
      SKIP_AUTH: 'true',
      DISABLE_AUTH: '1',
      AUTH_DISABLED: '1',
      APPLICATION_OFF: '1',
    });
    const functions: string[] = [];
    const visit = (value: unknown, path: string) => {
      if (typeof value === 'function') functions.push(path);
      if (typeof value !== 'object' || value === null) return;
      for (const [key, inner] of Object.entries(value)) visit(inner, `${path}.${key}`);
    };
    visit(config, 'config');
    expect(functions).toEqual([]);
    expect(Object.keys(config)).not.toContain('hooks');
    expect(config.identity.requireAuth).toBe(true);
  });

  test('no variable of the environment is read but by the configuration', async () => {
    const readers = (await sources()).filter(({ text }) => /process\.env\b/.test(text));
    expect(readers.map(({ name }) => name)).toEqual(['config.ts']);
  });
});

describe('what comes with the product', () => {
  test('makes no account, no key and no member', async () => {
    const folder = join(ROOT, 'packages/database/migrations');
    for (const name of await readdir(folder)) {
      const text = await readFile(join(folder, name), 'utf8');
      expect([
        name,
        /INSERT\s+INTO\s+(?:users|accounts|api_keys|members|sessions|credentials)\b/i.test(text),
      ]).toEqual([name, false]);
    }
  });

  test('names no password that anybody could try', async () => {
    const usual =
      /['"`](?:admin123|password1(?:23)?|passw0rd|P@ssw0rd|letmein|changeme|hunter2|qwerty123|automatos123)['"`]/i;
    const found: string[] = [];
    for (const folder of [
      'apps/server/src',
      'apps/cli/src',
      'packages/identity/src',
      'packages/agents/src',
      'packages/recipes/recipes',
      'packages/database/migrations',
    ]) {
      for (const name of await readdir(join(ROOT, folder), { recursive: true })) {
        if (
          !/\.(?:ts|mjs|sql|yaml)$/.test(name) ||
          /\.(?:test|fixture)\.ts$|testing\/|labelled/.test(name)
        )
          continue;
        const text = await readFile(join(ROOT, folder, name), 'utf8');
        for (const [match] of text.matchAll(new RegExp(usual, 'gi')))
          found.push(`${folder}/${name} ${match}`);
      }
    }
    expect(found).toEqual([]);
  });
});
