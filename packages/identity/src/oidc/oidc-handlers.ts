import type { Call, Handlers, SetCookie, tokenRoutes } from '@automatos/contracts';
import { isPlatformError } from '@automatos/kernel';
import type { Metrics } from '@automatos/kernel';
import { sha256 } from '@automatos/kernel/hash';
import { requirePerson, requireSession } from '../accounts/person.ts';
import { PROOF_MS } from '../accounts/proofs.ts';
import type { SignInStep } from '../accounts/sign-ins.ts';
import { cookieOf, sessionCookie } from '../authentication/session-cookie.ts';
import { verifiedAt } from '../sessions/session-store.ts';
import { linkWith, signInWith, takeOwnSignIn } from './finish-oidc.ts';
import type { BrowserProof, FinishDeps } from './finish-oidc.ts';
import {
  identityUnknown,
  lastWayIn,
  passwordStays,
  proofTooOld,
  providerUnknown,
} from './oidc-errors.ts';
import { newBrowserSecret, stateOf } from './oidc-provider.ts';
import type { OidcProvider } from './oidc-provider.ts';
import { deleteIdentity, holdPerson, insertSignIn, listIdentities } from './oidc-store.ts';
import type { IdentityRow } from './oidc-store.ts';
import { safePath } from './safe-path.ts';

/** Of the browser that begins: its secret, and the invitation that it came with. */
export const OIDC_COOKIE = 'automatos_oidc';
const UNDER_WAY_SECONDS = 600;
/** Where people see their ways to sign in. */
const LINK_PAGE = '/settings';
const BY_PASSWORD = 'credential';

export interface OidcDeps extends FinishDeps {
  providers: readonly OidcProvider[];
  metrics: Metrics;
}

type OidcHandlers = Pick<
  Handlers<typeof tokenRoutes>,
  'startOidc' | 'linkOidc' | 'finishOidc' | 'listIdentities' | 'deleteIdentity'
>;

/** Sign-in at OpenID providers, and which of them a person has connected. */
export function createOidcHandlers(deps: OidcDeps): OidcHandlers {
  return {
    async startOidc({ params, query }) {
      const invitationToken = query.invitation_token;
      try {
        const provider = providerOf(deps, params.provider_id);
        const begun = await begin(deps, provider, {
          nextPath: safePath(query.next),
          invitationToken,
        });
        return redirect(begun.url, [begun.cookie]);
      } catch (error) {
        return redirect(signInPage(error));
      }
    },
    async linkOidc(call) {
      const { userId, sessionId } = requireSession(call);
      const provider = providerOf(deps, call.params.provider_id);
      await assertRecent(deps, { userId, sessionId });
      const { url, cookie } = await begin(deps, provider, {
        nextPath: LINK_PAGE,
        link: { userId, sessionId },
      });
      return { body: { url }, cookies: [cookie], headers: { 'cache-control': 'no-store' } };
    },
    finishOidc: (call) => finish(deps, call),
    async listIdentities(call) {
      const { userId } = requirePerson(call);
      const rows = await deps.database.system((tx) => listIdentities(tx, userId));
      return { body: { items: rows.map((row) => present(deps, row)) } };
    },
    async deleteIdentity(call) {
      await disconnect(deps, requirePerson(call).userId, call.params.identity_id);
      return { status: 204 };
    },
  };
}

/** Another way in outlives the session, so a session that was left open must not be enough for it. */
async function assertRecent(
  { database, clock }: OidcDeps,
  { userId, sessionId }: { userId: string; sessionId: string },
): Promise<void> {
  const at = await database.system((tx) => verifiedAt(tx, userId, sessionId));
  if (at === null || clock.now() - at > PROOF_MS) throw proofTooOld();
}

/** What `getAuthStatus` tells of providers. */
export function presentProviders(providers: readonly OidcProvider[]) {
  return providers.map(({ id, name }) => ({ id, name }));
}

async function begin(
  { database, clock }: OidcDeps,
  provider: OidcProvider,
  wanted: {
    nextPath: string;
    invitationToken?: string | undefined;
    link?: { userId: string; sessionId: string };
  },
): Promise<{ url: string; cookie: SetCookie }> {
  const secret = newBrowserSecret();
  const url = await provider.authorizationUrl(secret);
  const now = clock.now();
  const { nextPath, link, invitationToken } = wanted;
  const signIn = {
    stateHash: sha256(stateOf(secret)),
    providerId: provider.id,
    nextPath,
    linkUserId: link?.userId ?? null,
    linkSessionId: link?.sessionId ?? null,
    expiresAt: new Date(now + UNDER_WAY_SECONDS * 1000),
  };
  await database.system((tx) => insertSignIn(tx, signIn, new Date(now)));
  const kept = invitationToken === undefined ? secret : `${secret}.${invitationToken}`;
  return { url, cookie: oidcCookie(kept, UNDER_WAY_SECONDS) };
}

async function finish(deps: OidcDeps, call: Call<typeof tokenRoutes.finishOidc>) {
  let page: string | undefined;
  try {
    const provider = providerOf(deps, call.params.provider_id);
    const proof = proofOf(call.headers);
    const begun = await takeOwnSignIn(deps, { provider, proof, state: call.query.state });
    const { linkUserId } = begun;
    if (linkUserId !== null) page = begun.nextPath;
    const { code, state, iss, error } = call.query;
    const { secret } = proof as BrowserProof;
    const person = await provider.finish(secret, { code, state, iss, error });
    if (linkUserId !== null) {
      await linkWith(deps, call, { begun: { ...begun, linkUserId }, person });
      return redirect(begun.nextPath, [oidcCookie('', 0)]);
    }
    const signedIn = { provider, person, proof: proof as BrowserProof };
    const step = await signInWith(deps, call, signedIn);
    if (step.kind === 'challenge')
      return redirect(challengePage(step, begun.nextPath), [oidcCookie('', 0)]);
    const { session } = step;
    deps.metrics.count('amas_user_logins_total', { status: 'success' });
    const cookie = sessionCookie(session.token, session.maxAgeSeconds);
    return redirect(begun.nextPath, [cookie, oidcCookie('', 0)]);
  } catch (error) {
    deps.metrics.count('amas_user_logins_total', { status: 'failed' });
    return redirect(signInPage(error, page), [oidcCookie('', 0)]);
  }
}

function proofOf(headers: Readonly<Record<string, string | undefined>>): BrowserProof | null {
  const kept = cookieOf(headers, OIDC_COOKIE);
  const [, secret, invitationToken] = /^([\w-]{43})(?:\.(.{1,200}))?$/.exec(kept ?? '') ?? [];
  return secret === undefined ? null : { secret, invitationToken };
}

function providerOf({ providers }: OidcDeps, id: string): OidcProvider {
  const provider = providers.find((each) => each.id === id);
  if (provider === undefined) throw providerUnknown();
  return provider;
}

/** The page that tells a person what failed, by its code. What nobody foresaw is no page's business. */
function signInPage(error: unknown, page = '/sign-in'): string {
  if (!isPlatformError(error) || error.kind === 'internal') throw error;
  return `${page}?error=${encodeURIComponent(error.code)}`;
}

/** The sign-in page, with what it needs to ask for the second factor; behind the #, which no log of a server holds. */
function challengePage(step: SignInStep & { kind: 'challenge' }, nextPath: string): string {
  const { challenge, methods, expiresAt } = step;
  const given = new URLSearchParams({
    challenge,
    methods: methods.join(','),
    expires_at: expiresAt.toISOString(),
  });
  return `/sign-in?next=${encodeURIComponent(nextPath)}#${given.toString()}`;
}

function redirect(location: string, cookies: SetCookie[] = []) {
  return { headers: { location, 'cache-control': 'no-store' }, cookies };
}

/** Comes back with the provider's answer, because that is a visit of a page and no request of another site's script. */
function oidcCookie(value: string, maxAge: number): SetCookie {
  return { name: OIDC_COOKIE, value, maxAge, httpOnly: true };
}

async function disconnect({ database, providers }: OidcDeps, userId: string, id: string) {
  await database.system(async (tx) => {
    await holdPerson(tx, userId);
    const rows = await listIdentities(tx, userId);
    const row = rows.find((each) => each.id === id);
    if (row === undefined) throw identityUnknown();
    if (row.provider_id === BY_PASSWORD) throw passwordStays();
    // A provider that is set up here no more lets nobody in.
    const leads = ({ provider_id: issuer }: IdentityRow) =>
      issuer === BY_PASSWORD || providers.some((provider) => provider.issuer === issuer);
    if (!rows.some((each) => each.id !== id && leads(each))) throw lastWayIn();
    await deleteIdentity(tx, id);
  });
}

function present({ providers }: OidcDeps, row: IdentityRow) {
  const { id, provider_id: issuer, created_at: createdAt } = row;
  const created_at = new Date(createdAt).toISOString();
  if (issuer === BY_PASSWORD) return { id, provider: 'password', name: 'Password', created_at };
  const provider = providers.find((each) => each.issuer === issuer);
  return { id, provider: provider?.id ?? issuer, name: provider?.name ?? issuer, created_at };
}
