import type { PlatformError } from '@automatos/kernel';
import { toolError } from '../tool-error.ts';
import type { NoteWrite } from './blackboard.ts';

/** Somebody else wrote the note since it was read; every board throws this one. */
export function versionConflict(
  { key, expectedVersion }: Pick<NoteWrite, 'key' | 'expectedVersion'>,
  version: number,
): PlatformError {
  return toolError('tools.blackboard.version_conflict', 'conflict', {
    message: `The note "${key}" is at version ${version}, not ${expectedVersion}: it was changed since it was read. Read it again and repeat the change.`,
    details: { version },
  });
}
