import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlatformError } from '@automatos/kernel';
import { describe, expect, test } from 'vitest';
import { loadConfig } from './config.ts';

const cwd = mkdtempSync(join(tmpdir(), 'config-issuers-'));
const load = (env: Record<string, string>) =>
  loadConfig({ env, argv: [], cwd, home: '/home/someone', isTerminal: false });

function problemsOf(env: Record<string, string>): string[] {
  try {
    load(env);
  } catch (error) {
    return (error as PlatformError).details?.['problems'] as string[];
  }
  return [];
}

const OIDC = 'https://login.example';
const CLERK = 'https://x.clerk.example';

describe('settings of other issuers', () => {
  test('none are trusted by themselves', () =>
    expect(load({}).identity.issuers).toEqual({ oidc: undefined, clerk: undefined }));

  test('a provider is named by its host, and its own client is the audience, unless said otherwise', () => {
    const env = { OIDC_ISSUER: OIDC, OIDC_CLIENT_ID: 'automatos' };
    expect(load(env).identity.issuers.oidc).toEqual({
      issuer: OIDC,
      name: 'login.example',
      clientId: 'automatos',
      clientSecret: undefined,
      audiences: ['automatos'],
    });
    const more = { OIDC_NAME: 'Acme', OIDC_AUDIENCE: 'api://a, api://b', OIDC_CLIENT_SECRET: 's' };
    expect(load({ ...env, ...more }).identity.issuers.oidc).toMatchObject({
      name: 'Acme',
      clientSecret: 's',
      audiences: ['api://a', 'api://b'],
    });
  });

  test('Clerk needs issuer and keys', () =>
    expect(
      load({ CLERK_ISSUER: CLERK, CLERK_JWKS_URL: `${CLERK}/jwks`, CLERK_AUDIENCE: 'a' }).identity
        .issuers.clerk,
    ).toEqual({ issuer: CLERK, jwksUrl: `${CLERK}/jwks`, audiences: ['a'] }));

  test.each<[string, Record<string, string>, RegExp]>([
    ['a client without an issuer', { OIDC_CLIENT_ID: 'x' }, /OIDC_ISSUER is not/],
    ['an issuer for nothing', { OIDC_ISSUER: OIDC }, /OIDC_CLIENT_ID .* OIDC_AUDIENCE/],
    ['Clerk without keys', { CLERK_ISSUER: CLERK }, /belong together/],
    ['keys without Clerk', { CLERK_JWKS_URL: CLERK }, /belong together/],
    [
      'an issuer without TLS',
      { OIDC_ISSUER: 'http://login.example', OIDC_CLIENT_ID: 'x' },
      /https/,
    ],
    ['keys without TLS', { CLERK_ISSUER: CLERK, CLERK_JWKS_URL: 'http://x.example' }, /https/],
    [
      'one issuer twice',
      { OIDC_ISSUER: CLERK, OIDC_CLIENT_ID: 'x', CLERK_ISSUER: CLERK, CLERK_JWKS_URL: CLERK },
      /same issuer/,
    ],
  ])('the start refuses %s', (_, env, problem) =>
    expect(problemsOf(env)).toEqual([expect.stringMatching(problem)]),
  );

  test('an issuer on this machine may do without TLS', () =>
    expect(problemsOf({ OIDC_ISSUER: 'http://127.0.0.1:4000', OIDC_CLIENT_ID: 'x' })).toEqual([]));

  test('what is half set is told', () => {
    const half = {
      OIDC_CLIENT_SECRET: 's',
      OIDC_NAME: 'n',
      OIDC_AUDIENCE: 'a',
      CLERK_AUDIENCE: 'a',
    };
    const { notes } = load(half);
    for (const name of Object.keys(half))
      expect(notes).toContainEqual(expect.stringContaining(`${name} has no effect`));
  });

  test('the secret of the client is in no message', () =>
    expect(problemsOf({ OIDC_CLIENT_SECRET: 'x'.repeat(3000) }).join()).not.toContain('xxx'));
});
