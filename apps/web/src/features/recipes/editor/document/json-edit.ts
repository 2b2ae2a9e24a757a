import type { JsonValue } from '@automatos/sdk';

/** Changes of plain JSON by path, without changing what was there before. Pure. */

export type Json = JsonValue;
export type JsonObject = { [key: string]: Json };
export type PathPart = string | number;
export type Path = readonly PathPart[];

/** `index` of a move counts in the target list after the item was taken out; `to` is a path before that. */
export type Edit =
  | { kind: 'set'; path: Path; value: Json }
  | { kind: 'remove'; path: Path }
  | { kind: 'insert'; path: Path; index: number; value: Json }
  | { kind: 'move'; from: Path; to: Path; index: number }
  | { kind: 'rename'; path: Path; key: string };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands at `path`; undefined when nothing does. */
export function valueAt(value: Json | undefined, path: Path): Json | undefined {
  let at: Json | undefined = value;
  for (const part of path) {
    if (Array.isArray(at)) at = typeof part === 'number' ? at[part] : undefined;
    else if (isObject(at)) at = Object.hasOwn(at, part) ? at[String(part)] : undefined;
    else return undefined;
  }
  return at;
}

/** Equal by content; the order of keys does not count. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => sameJson(item, b[index]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]))
  );
}

function update(
  value: Json | undefined,
  path: Path,
  change: (at: Json | undefined) => Json | undefined,
): Json | undefined {
  const [part, ...rest] = path;
  if (part === undefined) return change(value);
  if (typeof part === 'number') {
    const list = Array.isArray(value) ? value : [];
    const next = update(list[part], rest, change);
    return next === undefined ? list.toSpliced(part, 1) : list.with(part, next);
  }
  const object = isObject(value) ? value : {};
  const next = update(object[part], rest, change);
  if (next !== undefined) return { ...object, [part]: next };
  const { [part]: _gone, ...others } = object;
  return others;
}

/** `path` as it is once the list item at `removed` is gone. */
export function afterRemoval(path: Path, removed: Path): Path {
  const depth = removed.length - 1;
  const index = removed.at(-1);
  const at = path[depth];
  const under = removed.slice(0, -1).every((part, level) => path[level] === part);
  if (!under || typeof at !== 'number' || typeof index !== 'number' || at <= index) return path;
  return path.with(depth, at - 1);
}

function renamed(object: JsonObject, from: PathPart, to: string): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key === from ? to : key, value]),
  );
}

/** The value after `edit`; what does not lie on its path stays the same object. */
export function applyToValue(value: Json, edit: Edit): Json {
  switch (edit.kind) {
    case 'set':
      return update(value, edit.path, () => edit.value) ?? null;
    case 'remove':
      return update(value, edit.path, () => undefined) ?? null;
    case 'insert':
      return (
        update(value, edit.path, (at) =>
          (Array.isArray(at) ? at : []).toSpliced(edit.index, 0, edit.value),
        ) ?? null
      );
    case 'move': {
      const item = valueAt(value, edit.from);
      if (item === undefined) return value;
      const without = applyToValue(value, { kind: 'remove', path: edit.from });
      const path = afterRemoval(edit.to, edit.from);
      return applyToValue(without, { kind: 'insert', path, index: edit.index, value: item });
    }
    case 'rename': {
      const parent = edit.path.slice(0, -1);
      const key = edit.path.at(-1) ?? '';
      return (
        update(value, parent, (at) => (isObject(at) ? renamed(at, key, edit.key) : at)) ?? null
      );
    }
  }
}

/** The small edits that lead from one value to another, so that what is equal is not touched. Apply them in order. */
export function editsBetween(before: Json | undefined, after: Json, path: Path = []): Edit[] {
  if (before !== undefined && sameJson(before, after)) return [];
  if (isObject(before) && isObject(after) && Object.keys(after).length > 0) {
    const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
    if (gone.length < Object.keys(before).length) {
      return [
        ...gone.map((key): Edit => ({ kind: 'remove', path: [...path, key] })),
        ...Object.entries(after).flatMap(([key, value]) =>
          editsBetween(before[key], value, [...path, key]),
        ),
      ];
    }
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length > 0 && after.length > 0) {
    return listEdits(before, after, path);
  }
  return [{ kind: 'set', path, value: after }];
}

function listEdits(before: Json[], after: Json[], path: Path): Edit[] {
  let head = 0;
  const shorter = Math.min(before.length, after.length);
  while (head < shorter && sameJson(before[head], after[head])) head += 1;
  let tail = 0;
  while (tail < shorter - head && sameJson(before.at(-1 - tail), after.at(-1 - tail))) tail += 1;
  const old = before.slice(head, before.length - tail);
  const fresh = after.slice(head, after.length - tail);
  const both = Math.min(old.length, fresh.length);
  return [
    ...fresh
      .slice(0, both)
      .flatMap((item, index) => editsBetween(old[index], item, [...path, head + index])),
    ...old.slice(both).map((): Edit => ({ kind: 'remove', path: [...path, head + both] })),
    ...fresh.slice(both).map((value, index): Edit => ({
      kind: 'insert',
      path,
      index: head + both + index,
      value,
    })),
  ];
}

/** `/steps/0/name` for a path, by RFC 6901. */
export function toPointer(path: Path): string {
  return path
    .map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

/** Parts of a pointer; numbers stay texts, because only the value knows whether a list or an object is meant. */
export function pointerParts(pointer: string): string[] {
  return pointer
    .replace(/^#/, '')
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}
