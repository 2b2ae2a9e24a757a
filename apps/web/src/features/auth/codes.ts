/** Codes of a second factor, as people type and paste them. Pure. */

const BACKUP_CHARACTERS = 10;

/** What was typed or pasted, in the spelling of backup codes: `xxxxx-xxxxx`. */
export function spelledBackupCode(text: string): string {
  const characters = text.replace(/[^A-Za-z0-9]/g, '').slice(0, BACKUP_CHARACTERS);
  return characters.length > 5 ? `${characters.slice(0, 5)}-${characters.slice(5)}` : characters;
}

/** Six digits, or a whole backup code. */
export function isCode(text: string): boolean {
  return /^(?:\d{6}|[A-Za-z0-9]{5}-[A-Za-z0-9]{5})$/.test(text);
}

/** The file of backup codes that people take along. */
export function backupCodesFile(
  codes: readonly string[],
  about: { account: string; site: string; made: Date },
): string {
  return [
    `Backup codes of ${about.account} at ${about.site}`,
    `Made ${about.made.toISOString().slice(0, 10)}. Each counts once.`,
    '',
    ...codes,
    '',
  ].join('\n');
}
