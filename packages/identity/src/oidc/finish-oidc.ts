import type { Call, tokenRoutes } from '@automatos/contracts';
import type { Database, Tx } from '@automatos/database';
import { newId } from '@automatos/kernel';
import type { Clock } from '@automatos/kernel';
import { sha256 } from '@automatos/kernel/hash';
import type { InvitationPort } from '../accounts/account-ports.ts';
import type { AuditLog } from '../audit/index.ts';
import type { SignInStep, SignIns } from '../accounts/sign-ins.ts';
import { accountLocked, linkedElsewhere, stateMismatch } from './oidc-errors.ts';
import { stateOf } from './oidc-provider.ts';
import type { OidcProvider } from './oidc-provider.ts';
import { findPerson, holdSubject, insertIdentity, takeSignIn } from './oidc-store.ts';
import type { KnownPerson, OidcSignIn } from './oidc-store.ts';
import type { OutsidePeople } from './outside-people.ts';
import type { OutsidePerson } from './outside-person.ts';

export interface FinishDeps {
  database: Database;
  clock: Clock;
  audit: Pick<AuditLog, 'append'>;
  people: OutsidePeople;
  invitations: Pick<InvitationPort, 'redeem'>;
  signIns: Pick<SignIns, 'begin'>;
}

/** What the browser that began has kept. */
export interface BrowserProof {
  secret: string;
  invitationToken: string | undefined;
}

type FinishCall = Call<typeof tokenRoutes.finishOidc>;

/** Takes the sign-in away that belongs to this browser. Throws `identity.oidc.state_mismatch`. */
export async function takeOwnSignIn(
  { database, clock }: FinishDeps,
  given: { provider: OidcProvider; proof: BrowserProof | null; state: string | undefined },
): Promise<OidcSignIn> {
  const { provider, proof, state } = given;
  // The cookie binds the answer to the browser that asked: else somebody could be signed in to an account of another's choice.
  if (proof === null || state === undefined || state !== stateOf(proof.secret))
    throw stateMismatch();
  const now = new Date(clock.now());
  const begun = await database.system((tx) => takeSignIn(tx, sha256(state), now));
  if (begun === null || begun.providerId !== provider.id) throw stateMismatch();
  return begun;
}

/** Begins a session for whom the provider proved, or asks for their second factor; strangers join where they may. */
export async function signInWith(
  deps: FinishDeps,
  call: FinishCall,
  given: { provider: OidcProvider; person: OutsidePerson; proof: BrowserProof },
): Promise<SignInStep> {
  const { provider, person, proof } = given;
  const { invitationToken } = proof;
  const before = await deps.people.find(person);
  const known = before ?? (await deps.people.join(person, { ...arrivalOf(call), invitationToken }));
  if (known.isDisabled) throw accountLocked();
  return deps.database.system(async (tx) => {
    await acceptAlso(deps, tx, { known: before, person, invitationToken });
    const method = provider.id;
    const step = await deps.signIns.begin(
      tx,
      { userId: known.id, method, mfa: person.mfa },
      { ipAddress: call.remoteAddress, userAgent: call.headers['user-agent'] },
    );
    // Whoever has to show a second factor yet is not signed in; that step is recorded by itself.
    if (step.kind === 'session')
      await record(deps, tx, { call, known, action: 'auth.sign_in', method });
    return step;
  });
}

/** Somebody who has an account already may come with an invitation too; who is in that workspace needs none. */
async function acceptAlso(
  { invitations }: FinishDeps,
  tx: Tx,
  given: {
    known: KnownPerson | null;
    person: OutsidePerson;
    invitationToken: string | undefined;
  },
): Promise<void> {
  const { known, invitationToken: token } = given;
  if (known === null || token === undefined) return;
  await invitations.redeem(tx, { token, userId: known.id, email: known.email });
}

/** Connects the account at the provider with the person who began, in the session in which they did. */
export async function linkWith(
  deps: FinishDeps,
  call: FinishCall,
  given: { begun: OidcSignIn & { linkUserId: string }; person: OutsidePerson },
): Promise<void> {
  const { begun, person } = given;
  const { linkUserId: userId, providerId: method } = begun;
  if (call.principal?.id !== userId || call.sessionId !== begun.linkSessionId)
    throw stateMismatch();
  const { issuer, subject } = person;
  await deps.database.system(async (tx) => {
    await holdSubject(tx, person);
    const owner = await findPerson(tx, person);
    if (owner !== null && owner.id !== userId) throw linkedElsewhere();
    if (owner !== null) return;
    await insertIdentity(tx, { issuer, subject, userId, now: new Date(deps.clock.now()) });
    const known = await findPerson(tx, person);
    if (known !== null) await record(deps, tx, { call, known, action: 'auth.link', method });
  });
}

export function arrivalOf(call: Pick<FinishCall, 'headers' | 'remoteAddress' | 'requestId'>) {
  return {
    remoteAddress: call.remoteAddress,
    headers: { ...call.headers, 'x-request-id': call.requestId },
  };
}

async function record(
  { audit, clock }: FinishDeps,
  tx: Tx,
  entry: { call: FinishCall; known: KnownPerson; action: string; method: string },
): Promise<void> {
  const { call, known, action, method } = entry;
  const [workspace] = known.memberships;
  if (workspace === undefined) return;
  const { remoteAddress: ip, headers } = call;
  await audit.append(tx, {
    id: newId(clock.now()),
    workspaceId: workspace.id,
    actor: { kind: 'user', id: known.id, name: known.name, ip, userAgent: headers['user-agent'] },
    action,
    target: { type: 'user', id: known.id, name: '' },
    outcome: 'success',
    requestId: call.requestId,
    details: { method },
  });
}
