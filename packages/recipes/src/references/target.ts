import type { PathSegment, Reference } from './template.ts';

/** Names a template may use, by the place it stands in. */
export interface Names {
  /** Every output key of the recipe. */
  keys: ReadonlySet<string>;
  /** Output keys of the steps of the first level in declaration order, for `step_N_output`. */
  byPosition: readonly string[];
  /** Output key of the step before, null when there is none or more than one. */
  previous: string | null;
  /** Names that only hold here: the item of a map, `each`, `loop`; for triggers the roots of what came in. */
  locals: ReadonlySet<string>;
  /** True where a template sees its locals and nothing of a run, as in triggers. */
  rooted?: boolean;
}

/** What a reference points at. `main` = the seeds' forms, which mean a step's main value and not its whole result. */
export type Target =
  | { kind: 'inputs'; path: PathSegment[] }
  | { kind: 'run'; path: PathSegment[] }
  | { kind: 'local'; name: string; path: PathSegment[] }
  | { kind: 'step'; key: string; main: boolean; path: PathSegment[] }
  | { kind: 'previous'; main: boolean; path: PathSegment[] }
  | { kind: 'position'; position: number; path: PathSegment[] }
  /** `{{steps}}` without a key. */
  | { kind: 'steps' }
  /** A plain name in single braces that no step carries: text. */
  | { kind: 'text' }
  | { kind: 'unknown' };

const POSITION = /^step_(\d{1,4})_output$/;

/** Decides what a reference points at, without looking at values. */
export function targetOf(reference: Reference, names: Names): Target {
  const { root, path, form } = reference;
  if (names.rooted === true) {
    if (form === 'single') return { kind: 'text' };
    return names.locals.has(root) ? { kind: 'local', name: root, path } : { kind: 'unknown' };
  }
  const position = POSITION.exec(root)?.[1];
  if (position !== undefined) return { kind: 'position', position: Number(position), path };
  if (root === 'previous_output') return { kind: 'previous', main: true, path };
  if (form === 'single') {
    if ((root === 'input' || root === 'inputs') && path.length > 0) return { kind: 'inputs', path };
    return names.keys.has(root) ? { kind: 'step', key: root, main: true, path } : { kind: 'text' };
  }
  if (root === 'inputs' || root === 'input') return { kind: 'inputs', path };
  if (root === 'run') return { kind: 'run', path };
  if (root === 'previous') return { kind: 'previous', main: false, path };
  if (root !== 'steps') {
    return names.locals.has(root) ? { kind: 'local', name: root, path } : { kind: 'unknown' };
  }
  const [key, ...rest] = path;
  if (key === undefined) return { kind: 'steps' };
  if (key.kind === 'index') return { kind: 'unknown' };
  return { kind: 'step', key: key.name, main: false, path: rest };
}
