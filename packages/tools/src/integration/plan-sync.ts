import { canonicalJson, isJsonObject } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import { textOf, valueAt, type FileRecord } from './read-records.ts';

export type SyncKind = 'create' | 'update' | 'delete' | 'conflict' | 'same';

export interface SyncStep {
  kind: SyncKind;
  key: string;
  /** Fields that differ. */
  changes: { field: string; from: JsonValue; to: JsonValue }[];
  source: FileRecord | null;
  target: FileRecord | null;
  reason: string;
}

export interface Keyed {
  byKey: Map<string, FileRecord>;
  duplicates: { key: string; record: FileRecord; first: FileRecord }[];
  without: FileRecord[];
}

export function keyBy(records: readonly FileRecord[], key: string): Keyed {
  const keyed: Keyed = { byKey: new Map(), duplicates: [], without: [] };
  for (const record of records) {
    const value = valueAt(record.value, key);
    const text = value === undefined || value === null ? '' : textOf(value).trim();
    const first = keyed.byKey.get(text);
    if (text === '') keyed.without.push(record);
    else if (first === undefined) keyed.byKey.set(text, record);
    else keyed.duplicates.push({ key: text, record, first });
  }
  return keyed;
}

/** The first usual name of a key that both sides have with nearly no repeats; undefined when none has. */
export function guessKey(
  source: readonly FileRecord[],
  target: readonly FileRecord[],
): string | undefined {
  const names = [
    ...new Set([...source, ...target].slice(0, 200).flatMap(({ value }) => Object.keys(value))),
  ];
  const rank = (name: string): number => {
    const usual = ['external_id', 'externalid', 'id', 'key', 'uuid', 'email', 'sku', 'code'];
    const at = usual.indexOf(name.toLowerCase());
    return at === -1 ? (/_?id$/i.test(name) ? usual.length : usual.length + 1) : at;
  };
  const unique = (records: readonly FileRecord[], name: string): boolean => {
    const { byKey, duplicates, without } = keyBy(records, name);
    return (
      byKey.size > 0 && duplicates.length + without.length <= Math.max(2, records.length * 0.1)
    );
  };
  return names
    .filter(
      (name) =>
        rank(name) <= 8 && (target.length === 0 || unique(target, name)) && unique(source, name),
    )
    .toSorted((a, b) => rank(a) - rank(b))[0];
}

const UPDATED = [
  'updated_at',
  'updatedAt',
  'modified_at',
  'modifiedAt',
  'last_modified',
  'SystemModstamp',
];

function updatedMs(record: JsonObject): number | null {
  const text = UPDATED.map((name) => record[name]).find((value) => typeof value === 'string');
  const ms = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

function flatten(value: JsonObject, prefix = ''): Map<string, JsonValue> {
  const flat = new Map<string, JsonValue>();
  for (const [name, item] of Object.entries(value)) {
    if (isJsonObject(item))
      for (const [path, inner] of flatten(item as JsonObject, `${prefix}${name}.`))
        flat.set(path, inner);
    else flat.set(`${prefix}${name}`, item);
  }
  return flat;
}

/** Fields of `to` that differ in `from`; what `to` does not have is left alone, as are times of change. */
export function changesOf(from: JsonObject, to: JsonObject): SyncStep['changes'] {
  const had = flatten(from);
  return [...flatten(to)].flatMap(([field, value]) => {
    const before = had.get(field) ?? null;
    return UPDATED.includes(field) || canonicalJson(before) === canonicalJson(value)
      ? []
      : [{ field, from: before, to: value }];
  });
}

interface Pair {
  key: string;
  source: FileRecord;
  target: FileRecord;
  base: FileRecord | undefined;
}

/** With a common ancestor both sides may have changed the same field; without one the newer target is not overwritten. */
function decide({ key, source, target, base }: Pair): SyncStep {
  const changes = changesOf(target.value, source.value);
  const step = (kind: SyncKind, reason: string, fields = changes): SyncStep => ({
    kind,
    key,
    changes: fields,
    source,
    target,
    reason,
  });
  if (changes.length === 0) return step('same', 'both are equal');
  if (base !== undefined) {
    const ours = new Set(changesOf(base.value, source.value).map(({ field }) => field));
    const theirs = new Set(changesOf(base.value, target.value).map(({ field }) => field));
    const both = changes.filter(({ field }) => ours.has(field) && theirs.has(field));
    const own = changes.filter(({ field }) => ours.has(field) && !theirs.has(field));
    if (both.length > 0)
      return step(
        'conflict',
        `both sides changed ${both.map(({ field }) => field).join(', ')}`,
        both,
      );
    return own.length === 0
      ? step('same', 'only the target changed', [])
      : step('update', 'only the source changed', own);
  }
  const ours = updatedMs(source.value);
  const theirs = updatedMs(target.value);
  return ours !== null && theirs !== null && theirs > ours
    ? step('conflict', 'the target was changed later than the source')
    : step('update', 'the source differs');
}

const PARENT = /^(?:parent|parent_id|parentId|manager_id|account_id|company_id)$/;

/** Parents before children; else in order of key. */
function inOrder(steps: readonly SyncStep[]): SyncStep[] {
  const pending = new Map(
    steps.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map((step) => [step.key, step]),
  );
  const done: SyncStep[] = [];
  const open = new Set<string>();
  const visit = (step: SyncStep): void => {
    if (!pending.has(step.key) || open.has(step.key)) return;
    open.add(step.key);
    const parents = Object.entries(step.source?.value ?? {}).filter(([name]) => PARENT.test(name));
    for (const [, parent] of parents) {
      const before = pending.get(textOf(parent));
      if (before !== undefined) visit(before);
    }
    pending.delete(step.key);
    done.push(step);
  };
  for (const step of pending.values()) visit(step);
  return done;
}

export interface SyncSides {
  source: Map<string, FileRecord>;
  target: Map<string, FileRecord>;
  base: Map<string, FileRecord> | null;
  removes: boolean;
}

function withoutSource(key: string, target: FileRecord, { base, removes }: SyncSides): SyncStep {
  const known = base?.get(key);
  const step = (kind: SyncKind, reason: string): SyncStep => ({
    kind,
    key,
    changes: [],
    source: null,
    target,
    reason,
  });
  if (base !== null && known === undefined) return step('same', 'it is new in the target');
  if (known !== undefined && changesOf(known.value, target.value).length > 0)
    return step('conflict', 'the source deleted it, the target changed it');
  return removes
    ? step('delete', 'the source does not have it')
    : step('same', 'deleting was not asked for');
}

/** Steps that bring the target to the source: creates (parents first), updates, deletes (children first); then what stays and what a person must decide. */
export function planSync(sides: SyncSides): SyncStep[] {
  const { source, target, base } = sides;
  const steps: SyncStep[] = [];
  for (const [key, record] of source) {
    const there = target.get(key);
    if (there === undefined)
      steps.push({
        kind: 'create',
        key,
        changes: [],
        source: record,
        target: null,
        reason: 'the target does not have it',
      });
    else steps.push(decide({ key, source: record, target: there, base: base?.get(key) }));
  }
  for (const [key, record] of target)
    if (!source.has(key)) steps.push(withoutSource(key, record, sides));
  const of = (kind: SyncKind): SyncStep[] => steps.filter((step) => step.kind === kind);
  const deletes = inOrder(of('delete').map((step) => ({ ...step, source: step.target }))).map(
    (step) => ({ ...step, source: null }),
  );
  return [
    ...inOrder(of('create')),
    ...inOrder(of('update')),
    ...deletes.toReversed(),
    ...inOrder(of('conflict')),
    ...inOrder(of('same')),
  ];
}
