import { stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute } from 'node:path';
import type { Run } from '@automatos/contracts';
import { isPlatformError, PlatformError } from '@automatos/kernel';
import { createWorkspaceRoots, requireText, type WorkspaceRoots } from '@automatos/tools';

export interface SourceExcerpt {
  path: string;
  start_line: number;
  lines: string[];
  total_lines: number;
}

/** Input names that hold paths even when they are relative. */
const PATH_NAMES: ReadonlySet<string> = new Set([
  'path',
  'folder',
  'directory',
  'file',
  'root',
  'target',
]);
const LINE_CHARS_MAX = 2000;

/**
 * Returns the lines around `line` of a file below one of the run's own input folders, or of an input file itself. The
 * folders must still be inside the operator's allowed roots. Throws `run.source.not_available` for everything else, so
 * that nobody learns what exists elsewhere.
 */
export async function readRunSource(
  roots: WorkspaceRoots,
  run: Pick<Run, 'inputs'>,
  wanted: { path: string; line: number; context: number },
): Promise<SourceExcerpt> {
  if (isAbsolute(wanted.path)) throw notAvailable(wanted.path);
  for (const input of pathInputs(run)) {
    const file = await locate(roots, input, wanted.path);
    if (file !== undefined) return excerpt(await requireText(file, wanted.path), wanted);
  }
  throw notAvailable(wanted.path);
}

function pathInputs(run: Pick<Run, 'inputs'>): string[] {
  return Object.entries(run.inputs).flatMap(([name, value]) =>
    typeof value === 'string' && (isAbsolute(value) || PATH_NAMES.has(name)) ? [value] : [],
  );
}

/** Real path of the wanted file, or undefined when it is not below this input. */
async function locate(
  roots: WorkspaceRoots,
  input: string,
  path: string,
): Promise<string | undefined> {
  try {
    const real = await roots.resolveInside(input);
    const isFolder = (await stat(real)).isDirectory();
    if (!isFolder && path !== basename(real)) return undefined;
    const file = await createWorkspaceRoots([isFolder ? real : dirname(real)]).resolveInside(path);
    return (await stat(file)).isFile() ? file : undefined;
  } catch (error) {
    // Outside, gone or unreadable: for the caller it is not there.
    if (isPlatformError(error) || (error as NodeJS.ErrnoException).code !== undefined)
      return undefined;
    throw error;
  }
}

function excerpt(
  text: string,
  wanted: { path: string; line: number; context: number },
): SourceExcerpt {
  const lines = text.split(/\r\n|\r|\n/);
  const start = Math.max(1, Math.min(wanted.line, lines.length) - wanted.context);
  const shown = lines.slice(start - 1, wanted.line + wanted.context);
  return {
    path: wanted.path,
    start_line: start,
    lines: shown.map((line) =>
      line.length > LINE_CHARS_MAX ? `${line.slice(0, LINE_CHARS_MAX)}…` : line,
    ),
    total_lines: lines.length,
  };
}

function notAvailable(path: string): PlatformError {
  return new PlatformError({
    code: 'run.source.not_available',
    kind: 'not-found',
    message: `"${path}" is not below the input folders of this run, or is gone.`,
  });
}
