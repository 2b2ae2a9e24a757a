import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT } from 'jose';
import type { JWTPayload } from 'jose';
import Provider from 'oidc-provider';
import type { IssuerFetch } from './issuer-fetch.ts';

/** What a person of the provider has there. */
export interface ProviderAccount {
  sub: string;
  email?: string;
  email_verified?: boolean;
  name?: string;
}

/** A whole OpenID provider over HTTP on this machine, that signs in whom the test says. */
export interface TestProvider {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Who sits in front of the browser from now on; null refuses. */
  account: ProviderAccount | null;
  /** Requests for its keys so far. */
  jwksRequests(): number;
  /** An ID token of it, e.g. as a bearer. */
  sign(claims: JWTPayload, header?: { kid?: string; alg?: string; typ?: string }): Promise<string>;
  close(): Promise<void>;
}

const CLIENT = { id: 'automatos', secret: 'a-secret-of-the-client' };
const KID = 'provider-key';

export async function startProvider(redirectUri: string): Promise<TestProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  let jwksRequests = 0;
  const self: TestProvider = {
    issuer,
    clientId: CLIENT.id,
    clientSecret: CLIENT.secret,
    account: null,
    jwksRequests: () => jwksRequests,
    sign: (claims, header = {}) =>
      signAs(privateKey, { iss: issuer, aud: CLIENT.id, ...claims }, header),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const provider = createProvider({
    issuer,
    redirectUri,
    privateKey,
    accountOf: () => self.account,
  });
  const callback = provider.callback();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.startsWith('/jwks') === true) jwksRequests += 1;
    if (request.url?.startsWith('/interaction/') === true)
      void interact(provider, self, { request, response });
    else void callback(request, response);
  });
  return self;
}

function signAs(
  key: KeyObject,
  claims: JWTPayload,
  { alg = 'RS256', kid = KID, typ = 'JWT' }: { kid?: string; alg?: string; typ?: string },
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ iat: now, exp: now + 600, ...claims })
    .setProtectedHeader({ alg, kid, typ })
    .sign(key);
}

function createProvider(given: {
  issuer: string;
  redirectUri: string;
  privateKey: KeyObject;
  accountOf: () => ProviderAccount | null;
}) {
  const { issuer, redirectUri, privateKey, accountOf } = given;
  return new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [redirectUri],
      },
    ],
    jwks: {
      keys: [
        { ...privateKey.export({ format: 'jwk' }), kid: KID, alg: 'RS256', use: 'sig' } as never,
      ],
    },
    cookies: { keys: ['key of the cookies of this test'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    pkce: { required: () => true },
    ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
    findAccount: (_, sub) => ({
      accountId: sub,
      claims: () => ({ ...accountOf(), sub }),
    }),
  });
}

/** The person signs in and agrees at once, or refuses. */
async function interact(
  provider: Provider,
  self: TestProvider,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  const { params, grantId } = await provider.interactionDetails(request, response);
  const { account } = self;
  if (account === null)
    return provider.interactionFinished(request, response, { error: 'access_denied' });
  const grant =
    (grantId === undefined ? undefined : await provider.Grant.find(grantId)) ??
    new provider.Grant({ accountId: account.sub, clientId: params['client_id'] as string });
  grant.addOIDCScope('openid email profile');
  return provider.interactionFinished(request, response, {
    login: { accountId: account.sub },
    consent: { grantId: await grant.save() },
  });
}

/** Follows the redirects of the provider, with a fresh set of cookies, until it sends the browser back to `redirectUri`. */
export async function visit(start: string, redirectUri: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let at = start;
  for (let hop = 0; hop < 10; hop += 1) {
    const response = await fetch(at, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/s);
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null) throw new Error(`${response.status}: ${await response.text()}`);
    at = new URL(location, at).href;
    if (at.startsWith(redirectUri)) return new URL(at);
  }
  throw new Error('the provider never sent the browser back');
}

/** The way to issuers without a guard, with what the test makes of the answers. */
export function plainFetch(
  change: (url: string, body: string) => string = (_, body) => body,
): IssuerFetch {
  return async (url, { method, headers, body, signal }) => {
    const response = await fetch(url, {
      method,
      headers,
      redirect: 'manual',
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
    const text = change(url, await response.text());
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: Buffer.from(text),
    };
  };
}
