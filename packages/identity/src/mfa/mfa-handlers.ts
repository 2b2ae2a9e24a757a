import type { Call, Handlers, accountRoutes } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import { invalidInput } from '@automatos/kernel';
import type { Clock } from '@automatos/kernel';
import { requirePerson, requireSession } from '../accounts/person.ts';
import { PROOF_MS, proofUnavailable } from '../accounts/proofs.ts';
import type { Proofs } from '../accounts/proofs.ts';
import { endOtherSessions, noteVerified } from '../sessions/session-store.ts';
import type { SecondFactors } from './second-factors.ts';

export interface MfaDeps {
  database: Database;
  clock: Clock;
  factors: SecondFactors;
  proofs: Proofs;
}

type MfaHandlers = Pick<
  Handlers<typeof accountRoutes>,
  'mfaStatus' | 'enrolMfa' | 'confirmMfa' | 'renewBackupCodes' | 'disableMfa' | 'stepUp'
>;

/** A person's own second factor. */
export function createMfaHandlers(deps: MfaDeps): MfaHandlers {
  const { database, clock, factors, proofs } = deps;
  return {
    async mfaStatus(call) {
      const { userId } = requirePerson(call);
      const { enabledAt, backupCodesLeft } = await factors.status(userId);
      return {
        body: {
          enabled: enabledAt !== null,
          enabled_at: enabledAt?.toISOString() ?? null,
          backup_codes_left: backupCodesLeft,
        },
      };
    },
    async enrolMfa(call) {
      const { password } = call.body;
      const account = await proofs.prove(
        requirePerson(call),
        { password, pointer: '/password' },
        call,
      );
      const { secret, otpauthUri, expiresAt } = await factors.enrol(account);
      return {
        body: { secret, otpauth_uri: otpauthUri, expires_at: expiresAt.toISOString() },
      };
    },
    async confirmMfa(call) {
      const { userId, sessionId } = requirePerson(call);
      const { code } = call.body;
      const codes = await factors.confirm(userId, { code, attempt: call }, async (tx) => {
        await endOtherSessions(tx, userId, sessionId);
        if (sessionId !== undefined)
          await noteVerified(tx, { userId, sessionId, mfa: true }, clock.now());
      });
      return { body: { backup_codes: codes } };
    },
    async renewBackupCodes(call) {
      const { userId } = requirePerson(call);
      const right = await factors.check(userId, { code: call.body.code, attempt: call });
      return { body: { backup_codes: await factors.renewBackupCodes(right) } };
    },
    async disableMfa(call) {
      const person = requirePerson(call);
      const { password, code } = call.body;
      await proofs.prove(person, { password, pointer: '/password' }, call);
      const right = await factors.check(person.userId, { code, attempt: call });
      const { forget } = await database.system(async (tx) => {
        await factors.use(tx, right);
        return factors.remove(tx, person.userId);
      });
      await forget();
      return { status: 204 };
    },
    stepUp: (call) => stepUp(deps, call),
  };
}

async function stepUp(
  { database, clock, factors, proofs }: MfaDeps,
  call: Call<typeof accountRoutes.stepUp>,
) {
  const person = requireSession(call);
  const { userId, sessionId } = person;
  const { code, password } = call.body;
  const { enabledAt } = await factors.status(userId);
  if (enabledAt === null) {
    const account = await proofs.prove(person, { password, pointer: '/password' }, call);
    // A sign-in that is fresh enough by itself must not make itself fresher.
    if (account.passwordHash === null) throw proofUnavailable();
    await database.system((tx) => noteVerified(tx, { userId, sessionId, mfa: false }, clock.now()));
  } else {
    if (code === undefined) throw missingCode();
    const right = await factors.check(userId, { code, attempt: call });
    await database.system(async (tx) => {
      await factors.use(tx, right);
      await noteVerified(tx, { userId, sessionId, mfa: true }, clock.now());
    });
  }
  return { body: { verified_until: new Date(clock.now() + PROOF_MS).toISOString() } };
}

function missingCode() {
  return invalidInput(
    'Give a code of your authenticator, or a backup code.',
    [{ pointer: '/code', message: 'is needed' }],
    'identity.mfa.code_missing',
  );
}
