import type { Clock } from '@automatos/kernel';
import {
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  jwtVerify,
} from 'jose';
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { issuerUnknown, tokenExpired, tokenInvalid } from '../tokens/token-errors.ts';
import { toStandardFetch } from './issuer-fetch.ts';
import type { IssuerFetch } from './issuer-fetch.ts';
import { issuerUnavailable } from './oidc-errors.ts';
import type { OutsidePerson } from './outside-person.ts';
import { toOutsidePerson } from './outside-person.ts';

export interface OutsideIssuer {
  issuer: string;
  /** Where its keys are; absent: its discovery document says. */
  jwksUrl?: string | undefined;
  /** Of its tokens one has to count here, as `aud`, or as `azp` where `azpCounts`. Empty: all do. */
  audiences: readonly string[];
  azpCounts: boolean;
}

export interface OutsideIssuers {
  /**
   * Who a token of another issuer speaks of, once all of it was checked. Throws `identity.token.*`, and
   * `identity.issuer.unavailable` when its keys cannot be fetched.
   */
  verify(token: string): Promise<OutsidePerson>;
}

export interface OutsideIssuersDeps {
  issuers: readonly OutsideIssuer[];
  fetch: IssuerFetch;
  clock: Pick<Clock, 'now'>;
  /** An unknown key id makes the keys be fetched again at most so often; default 30 s. */
  cooldownMs?: number | undefined;
}

/** By the kind of key: RSA, P-256, Ed25519. Keys for shared secrets sign nothing here. */
const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];
/** Other kinds of JWT (logout, proofs of possession, events) are no tokens of access. */
const TYPES: ReadonlySet<unknown> = new Set([undefined, 'jwt', 'at+jwt', 'application/at+jwt']);
const LEEWAY_SECONDS = 30;
/** After a failed discovery the issuer is left alone for so long. */
const RETRY_MS = 5_000;

export function createOutsideIssuers(deps: OutsideIssuersDeps): OutsideIssuers {
  const known = new Map(
    deps.issuers.map((issuer) => [bare(issuer.issuer), createVerifier(deps, issuer)]),
  );
  return {
    async verify(token) {
      const verify = known.get(bare(issuerOf(token) ?? ''));
      if (verify === undefined) throw issuerUnknown();
      return verify(token);
    },
  };
}

/** What a token says of its issuer, which nothing proves yet. Throws `identity.token.invalid` for what is none. */
export function issuerOf(token: string): string | undefined {
  try {
    const { iss } = decodeJwt(token);
    return typeof iss === 'string' ? iss : undefined;
  } catch (error) {
    throw tokenInvalid(error);
  }
}

/** Operators write issuers with and without the slash at the end; who people are must not hang on it. */
export function bare(issuer: string): string {
  return issuer.replace(/\/+$/, '');
}

function createVerifier(deps: OutsideIssuersDeps, issuer: OutsideIssuer) {
  const { clock } = deps;
  const name = bare(issuer.issuer);
  const keys = createKeySource(deps, issuer);
  return async (token: string): Promise<OutsidePerson> => {
    assertHeader(token);
    try {
      const { payload } = await jwtVerify(token, await keys(), {
        algorithms: ALGORITHMS,
        issuer: [name, `${name}/`],
        requiredClaims: ['sub', 'iat', 'exp'],
        clockTolerance: LEEWAY_SECONDS,
        currentDate: new Date(clock.now()),
      });
      if (!isForUs(issuer, payload)) throw tokenInvalid();
      return toOutsidePerson(name, payload);
    } catch (error) {
      throw translate(name, error);
    }
  };
}

/** What headers say of keys elsewhere is not read; extensions that they insist on are refused. */
function assertHeader(token: string): void {
  let header: ReturnType<typeof decodeProtectedHeader>;
  try {
    header = decodeProtectedHeader(token);
  } catch (error) {
    throw tokenInvalid(error);
  }
  if (header.crit !== undefined || typeof header.kid !== 'string') throw tokenInvalid();
  if (!TYPES.has(header.typ?.toLowerCase())) throw tokenInvalid();
}

function isForUs({ audiences, azpCounts }: OutsideIssuer, payload: JWTPayload): boolean {
  if (audiences.length === 0) return true;
  const named = [payload.aud ?? [], azpCounts ? (payload['azp'] ?? []) : []].flat();
  return named.some((name) => typeof name === 'string' && audiences.includes(name));
}

function translate(issuer: string, error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return tokenExpired();
  const isAway =
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    (error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC');
  if (isAway) return issuerUnavailable(issuer, error);
  return error instanceof errors.JOSEError ? tokenInvalid(error) : error;
}

const discoverySchema = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }) });

/** Keys at a known address, else at the one in the discovery document, which is read at the first need. */
function createKeySource(deps: OutsideIssuersDeps, issuer: OutsideIssuer) {
  const name = bare(issuer.issuer);
  const fetch = toStandardFetch(deps.fetch);
  const at = (url: string) =>
    createRemoteJWKSet(new URL(url), {
      [customFetch]: fetch,
      ...(deps.cooldownMs === undefined ? {} : { cooldownDuration: deps.cooldownMs }),
    });
  let found: Promise<JWTVerifyGetKey> | undefined;
  let failed: { error: unknown; untilMs: number } | undefined;

  async function discover(): Promise<JWTVerifyGetKey> {
    const url = `${name}/.well-known/openid-configuration`;
    const response = await fetch(url, { headers: { accept: 'application/json' } });
    if (response.status !== 200) throw issuerUnavailable(name, new Error(`${response.status}`));
    const document = discoverySchema.safeParse(await response.json().catch(() => null));
    if (!document.success || bare(document.data.issuer) !== name)
      throw issuerUnavailable(name, new Error('its discovery document is of another issuer'));
    return at(document.data.jwks_uri);
  }

  return (): Promise<JWTVerifyGetKey> => {
    const now = deps.clock.now();
    if (failed !== undefined && now < failed.untilMs) return Promise.reject(failed.error);
    found ??= issuer.jwksUrl === undefined ? discover() : Promise.resolve(at(issuer.jwksUrl));
    return found.catch((error: unknown) => {
      found = undefined;
      failed = { error, untilMs: now + RETRY_MS };
      throw error;
    });
  };
}
