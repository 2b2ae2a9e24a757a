import { newId } from '@automatos/kernel';
import type { Clock } from '@automatos/kernel';
import { sha256 } from '@automatos/kernel/hash';
import { SignJWT, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import type { JWTPayload } from 'jose';
import { tokenExpired, tokenInvalid } from './token-errors.ts';
import { TOKEN_SECONDS } from './signing-keys.ts';
import type { SigningKeys } from './signing-keys.ts';

export const TOKEN_AUDIENCE = 'automatos';
const TOKEN_TYPE = 'at+jwt';
/** How far the clocks of our processes may be apart. */
const LEEWAY_SECONDS = 5;
/** Tokens whose signature is remembered, by hash. */
const VERIFIED_MAX = 5_000;

/** What an access token of ours says. */
export interface AccessClaims {
  userId: string;
  sessionId: string;
  jti: string;
  /** Workspace of requests that name none. */
  workspaceId: string | undefined;
  expiresAt: Date;
}

export interface AccessTokens {
  sign(grant: {
    userId: string;
    sessionId: string;
    workspaceId?: string | undefined;
  }): Promise<string>;
  /**
   * What a token by one of our keys says, which alone proves nothing: its session has to live. Throws `identity.token.expired` and
   * `identity.token.invalid`.
   */
  verify(token: string): Promise<AccessClaims>;
}

export interface AccessTokensDeps {
  keys: Pick<SigningKeys, 'current' | 'find'>;
  /** Name of the installation; a token of another one is not ours. */
  issuer: string;
  clock: Pick<Clock, 'now'>;
}

export function createAccessTokens({ keys, issuer, clock }: AccessTokensDeps): AccessTokens {
  // What a signature has shown once stays so while its key is one of ours; whether the token still counts is asked elsewhere, each time.
  const verified = new Map<string, AccessClaims>();
  return {
    async sign({ userId, sessionId, workspaceId }) {
      const key = await keys.current();
      const now = Math.floor(clock.now() / 1000);
      const named = workspaceId === undefined ? {} : { workspace_id: workspaceId };
      return new SignJWT({ sid: sessionId, ...named })
        .setProtectedHeader({ alg: 'EdDSA', typ: TOKEN_TYPE, kid: key.kid })
        .setIssuer(issuer)
        .setAudience(TOKEN_AUDIENCE)
        .setSubject(userId)
        .setJti(newId(clock.now()))
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(now + TOKEN_SECONDS)
        .sign(key.privateKey);
    },
    async verify(token) {
      const key = await keys.find(kidOf(token));
      if (key === null) throw tokenInvalid();
      const hash = sha256(token);
      const before = verified.get(hash);
      if (before !== undefined && isAlive(before, clock.now())) return before;
      try {
        const { payload } = await jwtVerify(token, key.publicKey, {
          algorithms: ['EdDSA'],
          issuer,
          audience: TOKEN_AUDIENCE,
          typ: TOKEN_TYPE,
          requiredClaims: ['sub', 'sid', 'jti', 'iat', 'nbf', 'exp'],
          clockTolerance: LEEWAY_SECONDS,
          currentDate: new Date(clock.now()),
        });
        const claims = toClaims(payload);
        if (verified.size >= VERIFIED_MAX) verified.clear();
        verified.set(hash, claims);
        return claims;
      } catch (error) {
        if (error instanceof errors.JWTExpired) throw tokenExpired();
        if (error instanceof errors.JOSEError) throw tokenInvalid(error);
        throw error;
      }
    },
  };
}

/** Tokens become valid as they are made, so that only their end can come. */
function isAlive({ expiresAt }: AccessClaims, nowMs: number): boolean {
  return nowMs < expiresAt.getTime() + LEEWAY_SECONDS * 1000;
}

/** Keys come from our table alone: what a header says of keys elsewhere is not read, and extensions that it insists on are refused. */
function kidOf(token: string): string {
  let header: ReturnType<typeof decodeProtectedHeader>;
  try {
    header = decodeProtectedHeader(token);
  } catch (error) {
    throw tokenInvalid(error);
  }
  const { alg, kid } = header;
  const isOurs = alg === 'EdDSA' && typeof kid === 'string' && /^[\w-]{43}$/.test(kid);
  if (!isOurs || header.crit !== undefined) throw tokenInvalid();
  return kid;
}

function toClaims(payload: JWTPayload): AccessClaims {
  const { sub, sid, jti, exp, workspace_id: workspaceId } = payload;
  if (typeof sub !== 'string' || typeof sid !== 'string' || typeof jti !== 'string')
    throw tokenInvalid();
  return {
    userId: sub,
    sessionId: sid,
    jti,
    workspaceId: typeof workspaceId === 'string' ? workspaceId : undefined,
    expiresAt: new Date((exp ?? 0) * 1000),
  };
}
