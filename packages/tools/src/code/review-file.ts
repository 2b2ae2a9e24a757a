import { SEVERITIES, type Finding } from '@automatos/contracts';
import { readFileAt, type DiffFile } from '../git/read-diff.ts';
import { createSecretFinder } from '../security/find-secrets.ts';
import { runSast, sastLanguageOf } from '../security/run-sast.ts';
import { isGenerated } from '../workspace/scan-files.ts';
import { compareText } from '../workspace/walk.ts';
import { reviewFunctions } from './review-functions.ts';
import { reviewLines } from './review-lines.ts';
import type { ChangedFile, ReviewContext } from './review-types.ts';

/** What secret scan and static analysis say of the lines that were written. */
async function securityOf(file: ChangedFile): Promise<Finding[]> {
  const text = { path: file.path, absolute: file.path, size: 0, modifiedMs: 0, text: file.after };
  const secrets = await createSecretFinder()(text);
  const insecure = sastLanguageOf(file.path, file.after) === undefined ? [] : runSast(text);
  return [...secrets, ...insecure]
    .filter(({ location }) => file.added.has(location?.line ?? 0))
    .map((finding) => ({ ...finding, tool: 'diff_review' }));
}

/** Reviews one file; undefined for those that are deleted, binary or written by a program. */
export async function reviewFile(
  file: DiffFile,
  context: ReviewContext,
): Promise<Finding[] | undefined> {
  if (file.status === 'deleted' || file.binary) return undefined;
  const { folder, diff, signal } = context;
  const [before, after] = await Promise.all([
    readFileAt(folder, { commit: diff.from, path: file.oldPath }, signal),
    readFileAt(folder, { commit: diff.to, path: file.path }, signal),
  ]);
  if (after === undefined || isGenerated(file.path, after)) return undefined;
  const added = file.hunks.flat().filter(({ kind }) => kind === 'added');
  const changed: ChangedFile = {
    path: file.path,
    before,
    after,
    added: new Set(added.map(({ line }) => line)),
    hunks: file.hunks,
  };
  return [
    ...reviewLines(changed),
    ...(await reviewFunctions(changed, context)),
    ...(await securityOf(changed)),
  ];
}

/** Worst first, then by place. */
export function worstFirst(findings: readonly Finding[]): Finding[] {
  return findings.toSorted(
    (a, b) =>
      SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) ||
      compareText(a.location?.path ?? '', b.location?.path ?? '') ||
      (a.location?.line ?? 0) - (b.location?.line ?? 0),
  );
}
