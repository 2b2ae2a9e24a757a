import type { Database, Tx } from '@automatos/database';
import { DEFAULT_WORKSPACE_ID, newId } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import type { InvitationPort } from '../accounts/account-ports.ts';
import { findAccountByEmail, insertAccount } from '../accounts/account-store.ts';
import type { AuditLog } from '../audit/index.ts';
import { claimDefaultWorkspace, createPersonalWorkspace, needsOwner } from '../identity-store.ts';
import { acceptInvitation, joinWorkspace } from '../workspaces/invitation-store.ts';
import { emailMissing, emailTaken, notInvited } from './oidc-errors.ts';
import { findOpenInvitation, findPerson, holdSubject, insertIdentity } from './oidc-store.ts';
import type { KnownPerson } from './oidc-store.ts';
import type { OutsidePerson } from './outside-person.ts';

/** How somebody comes here. */
export interface Arrival {
  remoteAddress?: string | undefined;
  headers: Readonly<Record<string, string | undefined>>;
  /** Names one invitation; without it the newest for the verified address counts. */
  invitationToken?: string | undefined;
}

/** People that other issuers vouch for. */
export interface OutsidePeople {
  /** By issuer and subject, never by the e-mail address; null for strangers. */
  find(person: OutsidePerson): Promise<KnownPerson | null>;
  /**
   * Makes an account for a stranger: while nobody owns the installation, by an invitation for an address that the issuer has
   * verified, or where sign-up is open. Throws `identity.issuer.email_missing`, `.email_taken` and `.not_invited`.
   */
  join(person: OutsidePerson, arrival: Arrival): Promise<KnownPerson>;
}

export interface OutsidePeopleDeps {
  database: Database;
  clock: Clock;
  audit: Pick<AuditLog, 'append'>;
  invitations: Pick<InvitationPort, 'redeem'>;
  signUpOpen: boolean;
  /** What the first person owns; absent: the first workspace. */
  defaultTenantId?: WorkspaceId | undefined;
  onWorkspaceCreated: (workspaceId: WorkspaceId) => Promise<void>;
}

export function createOutsidePeople(deps: OutsidePeopleDeps): OutsidePeople {
  const { database } = deps;
  const find = (person: OutsidePerson) => database.systemStatements((tx) => findPerson(tx, person));
  return {
    find,
    async join(person, arrival) {
      const { known, created } = await database.system(async (tx) => {
        await holdSubject(tx, person);
        const before = await findPerson(tx, person);
        if (before !== null) return { known: before, created: null };
        const way = await admit(deps, tx, { person, invitationToken: arrival.invitationToken });
        await record(deps, tx, { person, arrival, ...way });
        const joined = await findPerson(tx, person);
        return { known: joined, created: way.created ? way.workspaceId : null };
      });
      if (created !== null) await deps.onWorkspaceCreated(created);
      if (known === null) throw notInvited();
      return known;
    },
  };
}

interface Admission {
  userId: string;
  workspaceId: WorkspaceId;
  /** Whether the workspace is a new one, to be filled. */
  created: boolean;
  by: 'first_owner' | 'invitation' | 'open_sign_up';
}

/** All or nothing: a refusal ends the transaction, and with it the account. */
async function admit(
  deps: OutsidePeopleDeps,
  tx: Tx,
  { person, invitationToken }: { person: OutsidePerson; invitationToken: string | undefined },
): Promise<Admission> {
  const { issuer, subject, email, isEmailVerified } = person;
  const nowMs = deps.clock.now();
  if (email === undefined) throw emailMissing();
  // Who may not join anyway, and has not even shown that the address is theirs, learns nothing of whose it is.
  if ((await findAccountByEmail(tx, email)) !== null)
    throw isEmailVerified || deps.signUpOpen ? emailTaken() : notInvited();
  const isFirst = await needsOwner(tx);
  const invitation = isEmailVerified
    ? await findInvitation(deps, tx, { email, token: invitationToken })
    : null;
  if (!isFirst && invitation === null && !deps.signUpOpen) throw notInvited();
  const name = person.name ?? email.slice(0, email.indexOf('@'));
  const fresh = { email, name, passwordHash: null, emailVerified: isEmailVerified };
  const userId = await insertAccount(tx, fresh, nowMs);
  if (userId === null) throw emailTaken();
  await insertIdentity(tx, { issuer, subject, userId, now: new Date(nowMs) });
  const tenant = deps.defaultTenantId ?? DEFAULT_WORKSPACE_ID;
  if (isFirst && (await claimDefaultWorkspace(tx, userId, tenant)))
    return { userId, workspaceId: tenant, created: false, by: 'first_owner' };
  if (invitation !== null)
    return { userId, workspaceId: await invitation(userId), created: false, by: 'invitation' };
  if (!deps.signUpOpen) throw notInvited();
  const workspaceId = await createPersonalWorkspace(tx, { id: userId, name });
  return { userId, workspaceId, created: true, by: 'open_sign_up' };
}

/** How to use up the invitation that waits for a verified address; null when there is none. */
async function findInvitation(
  { clock, invitations }: OutsidePeopleDeps,
  tx: Tx,
  { email, token }: { email: string; token: string | undefined },
): Promise<((userId: string) => Promise<WorkspaceId>) | null> {
  if (token !== undefined) return (userId) => invitations.redeem(tx, { token, userId, email });
  const open = await findOpenInvitation(tx, email, clock.now());
  if (open === null) return null;
  const { workspaceId, role, id } = open;
  return async (userId) => {
    await joinWorkspace(tx, { workspaceId, userId, role });
    await acceptInvitation(tx, id, { userId, nowMs: clock.now() });
    return workspaceId;
  };
}

async function record(
  { audit, clock }: OutsidePeopleDeps,
  tx: Tx,
  { person, arrival, ...way }: Admission & { person: OutsidePerson; arrival: Arrival },
): Promise<void> {
  const { userId, workspaceId, by } = way;
  const { headers, remoteAddress: ip } = arrival;
  const name = person.name ?? '';
  await audit.append(tx, {
    id: newId(clock.now()),
    workspaceId,
    actor: { kind: 'user', id: userId, name, ip, userAgent: headers['user-agent'] },
    action: 'auth.sign_up',
    target: { type: 'user', id: userId, name: '' },
    outcome: 'success',
    requestId: headers['x-request-id'] ?? '',
    details: { issuer: person.issuer, by },
  });
}
