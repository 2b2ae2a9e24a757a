import type { Call } from '@automatos/contracts';
import { PlatformError } from '@automatos/kernel';

/** Somebody who asks for their own account. */
export interface Person {
  userId: string;
  /** Undefined for people that an issuer elsewhere vouches for. */
  sessionId: string | undefined;
}

type Asking = Pick<Call, 'principal' | 'sessionId'>;

/** The person who asks; throws `auth.person.required` for keys and the operator. */
export function requirePerson({ principal, sessionId }: Asking): Person {
  if (principal?.kind === 'user') return { userId: principal.id, sessionId };
  throw new PlatformError({
    code: 'auth.person.required',
    kind: 'forbidden',
    message: 'This belongs to the account of a person; API keys and the operator have none.',
  });
}

/** The same with a session of ours; throws `identity.session.required` without. */
export function requireSession(call: Asking): Person & { sessionId: string } {
  const { userId, sessionId } = requirePerson(call);
  if (sessionId !== undefined) return { userId, sessionId };
  throw new PlatformError({
    code: 'identity.session.required',
    kind: 'forbidden',
    message: 'This needs a session of this installation; sign in here.',
  });
}
