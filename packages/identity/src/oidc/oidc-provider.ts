import { createHash, createHmac, randomBytes } from 'node:crypto';
import { isPlatformError } from '@automatos/kernel';
import type { Clock } from '@automatos/kernel';
import * as oidc from 'openid-client';
import { toStandardFetch } from './issuer-fetch.ts';
import type { IssuerFetch } from './issuer-fetch.ts';
import { denied, exchangeFailed, issuerUnavailable } from './oidc-errors.ts';
import { bare } from './outside-issuers.ts';
import { toOutsidePerson } from './outside-person.ts';
import type { OutsidePerson } from './outside-person.ts';

export interface OidcProviderOptions {
  /** In our addresses. */
  id: string;
  /** For people. */
  name: string;
  issuer: string;
  clientId: string;
  /** Undefined for public clients. */
  clientSecret: string | undefined;
}

/** One OpenID provider that people sign in with. */
export interface OidcProvider {
  id: string;
  name: string;
  /** Without a slash at the end. */
  issuer: string;
  /** Where to send the browser. Throws `identity.issuer.unavailable`. */
  authorizationUrl(secret: string): Promise<string>;
  /**
   * Who came back, once state, issuer (RFC 9207), code, nonce and signature were checked. Throws `identity.oidc.denied`,
   * `identity.oidc.rejected` and `identity.issuer.unavailable`.
   */
  finish(secret: string, answer: OidcAnswer): Promise<OutsidePerson>;
}

/** What the provider put into the address that the browser came back with. */
export interface OidcAnswer {
  code?: string | undefined;
  state?: string | undefined;
  iss?: string | undefined;
  error?: string | undefined;
}

export interface OidcProviderDeps {
  fetch: IssuerFetch;
  clock: Pick<Clock, 'now'>;
  /** Without a slash at the end. */
  publicUrl: string;
}

const SCOPE = 'openid profile email';
/** Addresses and algorithms of a provider change seldom; its keys are fetched anew when an unknown one is named. */
const FRESH_MS = 3_600_000;
const RETRY_MS = 5_000;

/** A secret that stays in the cookie of the browser which begins. All that has to match at the end is derived from it. */
export const newBrowserSecret = () => randomBytes(32).toString('base64url');

/** What goes to the provider as `state`; it gives the secret not away. */
export const stateOf = (secret: string) => derive(secret, 'state');

function derive(secret: string, purpose: 'state' | 'nonce' | 'verifier'): string {
  return createHmac('sha256', secret).update(`automatos oidc ${purpose}`).digest('base64url');
}

export function createOidcProvider(
  options: OidcProviderOptions,
  deps: OidcProviderDeps,
): OidcProvider {
  const { id, name } = options;
  const issuer = bare(options.issuer);
  const redirectUri = `${deps.publicUrl}/api/auth/oidc/${id}/callback`;
  const configuration = createDiscovery(options, deps);
  return {
    id,
    name,
    issuer,
    async authorizationUrl(secret) {
      const url = oidc.buildAuthorizationUrl(await configuration(), {
        redirect_uri: redirectUri,
        scope: SCOPE,
        state: stateOf(secret),
        nonce: derive(secret, 'nonce'),
        code_challenge: createHash('sha256').update(derive(secret, 'verifier')).digest('base64url'),
        code_challenge_method: 'S256',
      });
      return url.href;
    },
    async finish(secret, answer) {
      const config = await configuration();
      try {
        return await exchange(config, { redirectUri, secret, answer, issuer });
      } catch (error) {
        throw translate(error);
      }
    },
  };
}

async function exchange(
  config: oidc.Configuration,
  given: { redirectUri: string; secret: string; answer: OidcAnswer; issuer: string },
): Promise<OutsidePerson> {
  const { secret, answer, issuer } = given;
  const cameBack = new URL(given.redirectUri);
  for (const [key, value] of Object.entries(answer)) {
    if (value !== undefined) cameBack.searchParams.set(key, value);
  }
  const tokens = await oidc.authorizationCodeGrant(config, cameBack, {
    expectedState: stateOf(secret),
    expectedNonce: derive(secret, 'nonce'),
    pkceCodeVerifier: derive(secret, 'verifier'),
    idTokenExpected: true,
  });
  const claims = tokens.claims();
  if (claims === undefined) throw new Error('the answer holds no ID token');
  const person = toOutsidePerson(issuer, claims);
  if (person.email !== undefined || config.serverMetadata().userinfo_endpoint === undefined)
    return person;
  const more = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
  return toOutsidePerson(issuer, { ...more, ...claims });
}

function translate(error: unknown): unknown {
  if (error instanceof oidc.AuthorizationResponseError) return denied(error.error);
  const { cause } = error as { cause?: unknown };
  // What the way to the provider threw, as it is or as the library wrapped it.
  return [error, cause].find(isPlatformError) ?? exchangeFailed(error);
}

/** What the provider says of itself, read at the first need. */
function createDiscovery(options: OidcProviderOptions, deps: OidcProviderDeps) {
  const { issuer, clientId, clientSecret } = options;
  const send = toStandardFetch(deps.fetch);
  const authentication = clientSecret === undefined ? oidc.None() : bySecret(clientSecret);
  let found: { config: Promise<oidc.Configuration>; untilMs: number } | undefined;

  async function discover(): Promise<oidc.Configuration> {
    try {
      return await oidc.discovery(new URL(issuer), clientId, undefined, authentication, {
        // The signature of ID tokens is checked too, though they come straight from the provider.
        execute: [
          oidc.enableNonRepudiationChecks,
          // Settings allow this for issuers on this machine alone.
          ...(issuer.startsWith('http://') ? [oidc.allowInsecureRequests] : []),
        ],
        [oidc.customFetch]: (url, init) => send(url, init),
      });
    } catch (error) {
      throw issuerUnavailable(bare(issuer), error);
    }
  }

  return (): Promise<oidc.Configuration> => {
    const now = deps.clock.now();
    if (found === undefined || now >= found.untilMs) {
      const entry = { config: discover(), untilMs: now + FRESH_MS };
      // A failure is told for a while without asking again.
      entry.config.catch(() => (entry.untilMs = now + RETRY_MS));
      found = entry;
    }
    return found.config;
  };
}

/** In the header, as every provider that says nothing else takes it. */
function bySecret(secret: string): oidc.ClientAuth {
  const inHeader = oidc.ClientSecretBasic(secret);
  const inBody = oidc.ClientSecretPost(secret);
  return (...given) => {
    const methods = given[0].token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    return (methods.includes('client_secret_basic') ? inHeader : inBody)(...given);
  };
}
