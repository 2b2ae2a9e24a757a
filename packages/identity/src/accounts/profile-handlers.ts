import type { Handlers, accountRoutes } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import { invalidInput } from '@automatos/kernel';
import { endOtherSessions } from '../sessions/session-store.ts';
import { findAccount, updateAccount, updatePassword } from './account-store.ts';
import { assertGoodPassword, hashOf } from './passwords.ts';
import { requirePerson } from './person.ts';
import { presentUser } from './present-session.ts';
import { accountGone } from './proofs.ts';
import type { Proofs } from './proofs.ts';
import { emailTaken } from './sign-up.ts';

/** A person's own name, e-mail and password. */
export function createProfileHandlers(deps: {
  database: Database;
  proofs: Proofs;
}): Pick<Handlers<typeof accountRoutes>, 'updateProfile' | 'changePassword'> {
  const { database, proofs } = deps;
  return {
    async updateProfile(call) {
      const person = requirePerson(call);
      const { name, email, password } = call.body;
      if (email !== undefined) await proofs.prove(person, { password, pointer: '/password' }, call);
      const user = await database.system(async (tx) => {
        if (!(await updateAccount(tx, person.userId, { name, email })))
          throw emailTaken('choose another one');
        if (email !== undefined) await endOtherSessions(tx, person.userId, person.sessionId);
        return findAccount(tx, person.userId);
      });
      if (user === null) throw accountGone();
      return { body: presentUser(user) };
    },
    async changePassword(call) {
      const person = requirePerson(call);
      const { current_password: password, new_password: next } = call.body;
      const account = await proofs.prove(person, { password, pointer: '/current_password' }, call);
      const { passwordHash } = account;
      if (passwordHash === null) throw noPassword();
      assertGoodPassword(next, account, '/new_password');
      const to = await hashOf(next);
      await database.system(async (tx) => {
        if (!(await updatePassword(tx, person.userId, { from: passwordHash, to })))
          throw accountGone();
        await endOtherSessions(tx, person.userId, person.sessionId);
      });
      return { status: 204 };
    },
  };
}

function noPassword() {
  return invalidInput(
    'Your account has no password; you sign in at a provider, and change it there.',
    [],
    'identity.password.none',
  );
}
