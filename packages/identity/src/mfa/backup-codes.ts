import { createHmac, randomBytes } from 'node:crypto';

export const BACKUP_CODES = 10;
/** Crockford's: nothing in it looks like another. 32 letters, so that each byte's low five bits pick one evenly. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** Fresh codes of 50 random bits each, as `xxxxx-xxxxx`. */
export function makeBackupCodes(): string[] {
  return Array.from({ length: BACKUP_CODES }, () => {
    const letters = [...randomBytes(10)].map((byte) => ALPHABET.charAt(byte & 31)).join('');
    return `${letters.slice(0, 5)}-${letters.slice(5)}`;
  });
}

/** How a code is kept; what people misread is the same code. */
export function hashBackupCode(pepper: string, code: string): string {
  const plain = code
    .toLowerCase()
    .replaceAll('-', '')
    .replaceAll('o', '0')
    .replaceAll(/[il]/g, '1');
  return createHmac('sha256', Buffer.from(pepper, 'hex')).update(plain).digest('hex');
}
