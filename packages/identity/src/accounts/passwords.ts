import { hashPassword, verifyPassword } from '@better-auth/utils/password';
import { invalidInput } from '@automatos/kernel';
import { COMMON_PASSWORDS } from './common-passwords.ts';

/** Of the form of a hash, and of no password: checking against it costs what any other check does. */
const OF_NOBODY = `${'0'.repeat(32)}:${'0'.repeat(128)}`;

/** scrypt, in the threads of the runtime. */
export function hashOf(password: string): Promise<string> {
  return hashPassword(password);
}

/** Whether the password is the one of the hash; takes as long when there is none. */
export async function isPassword(hash: string | null, password: string): Promise<boolean> {
  const fits = await verifyPassword(hash ?? OF_NOBODY, password);
  return fits && hash !== null;
}

/** Throws `identity.password.weak` for passwords that are tried first; `pointer` names the field. */
export function assertGoodPassword(
  password: string,
  person: { email: string; name: string },
  pointer: string,
): void {
  const reason = weaknessOf(password, person);
  if (reason === null) return;
  throw invalidInput(
    `Choose another password: this one ${reason}.`,
    [{ pointer, message: reason }],
    'identity.password.weak',
  );
}

function weaknessOf(password: string, person: { email: string; name: string }): string | null {
  const plain = password.toLowerCase().trim();
  const bare = letters(plain);
  const local = person.email.toLowerCase().split('@')[0] ?? '';
  if (plain === person.email.toLowerCase() || isRepeated(plain, local)) return 'is your e-mail';
  if (isRepeated(bare, letters(person.name.toLowerCase()))) return 'is your name';
  if (COMMON_PASSWORDS.has(plain) || isRepeated(bare, 'automatos'))
    return 'is one of those that are tried first';
  if (new Set(plain).size < 4) return 'repeats few characters';
  return null;
}

/** True when the text is the word, once or several times, with or without digits behind. */
function isRepeated(text: string, word: string): boolean {
  if (word.length < 3) return text === word && word !== '';
  return text.replaceAll(word, '').replace(/\d*[!.?]*$/, '') === '' && text.includes(word);
}

const letters = (text: string): string => text.replaceAll(/[\s._-]+/g, '');
