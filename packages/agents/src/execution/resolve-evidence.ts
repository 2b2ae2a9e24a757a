import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Finding } from '@automatos/contracts';
import { isPlatformError } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import { createWorkspaceRoots, requireText } from '@automatos/tools';
import type { WorkspaceRoots } from '@automatos/tools';

/** Files that are looked at; places in further ones count as unknown. */
const FILES_MAX = 300;

/**
 * For each finding whether its place is there: true when the file below one of the inputs has that line, false when no input
 * has it, null when nothing could be looked at (no place, no folder or file among the inputs, or too many files).
 */
export async function resolveEvidence(
  roots: Pick<WorkspaceRoots, 'resolveInside'>,
  inputs: JsonObject,
  findings: readonly Pick<Finding, 'location'>[],
): Promise<(boolean | null)[]> {
  const places = await placesOf(roots, inputs);
  const lengths = new Map<string, number | null>();
  const results: (boolean | null)[] = [];
  for (const { location } of findings) {
    if (location === undefined || places.length === 0) {
      results.push(null);
      continue;
    }
    const { path, line = 1 } = location;
    if (!lengths.has(path) && lengths.size >= FILES_MAX) {
      results.push(null);
      continue;
    }
    if (!lengths.has(path)) lengths.set(path, await linesOf(places, path));
    const lines = lengths.get(path) ?? null;
    results.push(lines !== null && line <= lines);
  }
  return results;
}

interface Place {
  root: string;
  /** The only file, when the input is one. */
  file: string | null;
}

/** Inputs that name a folder or file that tools may read. */
async function placesOf(
  roots: Pick<WorkspaceRoots, 'resolveInside'>,
  inputs: JsonObject,
): Promise<Place[]> {
  const named = Object.values(inputs).flatMap((value) =>
    Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [value],
  );
  const places: Place[] = [];
  for (const value of new Set(named)) {
    if (typeof value !== 'string' || value === '' || /^[a-z][a-z\d+.-]*:\/\//i.test(value))
      continue;
    const place = await quietly(async () => {
      const real = await roots.resolveInside(value);
      const isFolder = (await stat(real)).isDirectory();
      return isFolder ? { root: real, file: null } : { root: dirname(real), file: basename(real) };
    });
    if (place !== null) places.push(place);
  }
  return places;
}

async function linesOf(places: readonly Place[], path: string): Promise<number | null> {
  for (const { root, file } of places) {
    if (file !== null && basename(path) !== file) continue;
    const lines = await quietly(async () => {
      const real = await createWorkspaceRoots([root]).resolveInside(file ?? path);
      return (await stat(real)).isFile()
        ? (await requireText(real, path)).split(/\r\n|\r|\n/).length
        : null;
    });
    if (lines !== null) return lines;
  }
  return null;
}

/** Null for what is outside, gone, or no text. */
async function quietly<T>(read: () => Promise<T | null>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (isPlatformError(error) || (error as NodeJS.ErrnoException).code !== undefined) return null;
    throw error;
  }
}
