import type { PersonalTable, TextRewriter } from './types.ts';

type Row = Readonly<Record<string, unknown>>;

/** Columns in which the person may occur. */
export function searchedColumns(table: PersonalTable): string[] {
  return [
    ...(table.people ?? []),
    ...(table.names ?? []),
    ...(table.texts ?? []),
    ...(table.json ?? []),
    ...(table.bytes ?? []),
  ];
}

/** All columns that the table's description speaks of. */
export function declaredColumns(table: PersonalTable): string[] {
  const { workspace } = table;
  return [
    ...table.key,
    ...(typeof workspace === 'string' ? [workspace] : []),
    ...searchedColumns(table),
    ...(table.plain ?? []),
    ...(table.secret ?? []),
  ];
}

/** Columns of a row that is the person's own: all but secrets and what the search added. */
export function ownColumns(table: PersonalTable, row: Row, added: string): string[] {
  return Object.keys(row).filter(
    (name) => !name.startsWith(added) && table.secret?.includes(name) !== true,
  );
}

/** New values of the columns in which the person occurs; null when they occur in none. */
export function changesOf(
  table: PersonalTable,
  row: Row,
  rewriter: TextRewriter,
): Record<string, unknown> | null {
  const changes: Record<string, unknown> = {};
  for (const name of new Set(searchedColumns(table))) {
    const value = row[name];
    if (value === null || value === undefined) continue;
    const changed = rewrite(table, { name, value }, rewriter);
    if (changed !== undefined) changes[name] = changed;
  }
  if (Object.keys(changes).length === 0) return null;
  for (const name of table.distinct ?? []) {
    if (rewriter.marks && name in changes)
      changes[name] = `${String(changes[name])} ${String(row[table.key[0] ?? ''])}`;
  }
  return { ...changes, ...table.derive?.({ ...row, ...changes }) };
}

export function matchingColumns(table: PersonalTable, row: Row, rewriter: TextRewriter): string[] {
  const changes = changesOf({ ...table, derive: () => ({}) }, row, rewriter);
  return Object.keys(changes ?? {});
}

/** Undefined when nothing of it changes. */
function rewrite(
  table: PersonalTable,
  { name, value }: { name: string; value: unknown },
  rewriter: TextRewriter,
): unknown {
  if (table.json?.includes(name) === true) {
    const changed = rewriter.json(value);
    return JSON.stringify(changed) === JSON.stringify(value) ? undefined : changed;
  }
  if (value instanceof Uint8Array) {
    const changed = rewriter.bytes(value);
    return changed === null || Buffer.from(value).equals(changed) ? undefined : changed;
  }
  const isName = table.names?.includes(name) === true;
  if (Array.isArray(value)) {
    const changed = value.map((each) => rewriter.value(String(each), isName));
    return changed.join('\n') === value.join('\n') ? undefined : changed;
  }
  const changed = rewriter.value(String(value), isName);
  return changed === value ? undefined : changed;
}
