import type { DiffLine } from '@automatos/sdk';

/** Lines that stay the same and are shown around a change. */
const AROUND = 3;

export type DiffRow =
  | { kind: 'lines'; left: DiffLine | null; right: DiffLine | null }
  | { kind: 'hidden'; count: number };

/** Only what changed with a few lines around; the rest as counts. */
export function withoutDistant(
  lines: readonly DiffLine[],
): (DiffLine | { kind: 'hidden'; count: number })[] {
  const near = new Set<number>();
  for (const [index, { kind }] of lines.entries()) {
    if (kind === 'same') continue;
    for (let at = index - AROUND; at <= index + AROUND; at += 1) near.add(at);
  }
  const shown: (DiffLine | { kind: 'hidden'; count: number })[] = [];
  for (const [index, line] of lines.entries()) {
    const last = shown.at(-1);
    if (near.has(index)) shown.push(line);
    else if (last?.kind === 'hidden') last.count += 1;
    else shown.push({ kind: 'hidden', count: 1 });
  }
  return shown;
}

/** Removed and added lines of one change beside each other. */
export function sideBySide(lines: ReturnType<typeof withoutDistant>): DiffRow[] {
  const rows: DiffRow[] = [];
  let removed: DiffLine[] = [];
  let added: DiffLine[] = [];
  const flush = () => {
    for (let index = 0; index < Math.max(removed.length, added.length); index += 1) {
      rows.push({ kind: 'lines', left: removed[index] ?? null, right: added[index] ?? null });
    }
    removed = [];
    added = [];
  };
  for (const line of lines) {
    if (line.kind === 'removed') removed.push(line);
    else if (line.kind === 'added') added.push(line);
    else {
      flush();
      rows.push(line.kind === 'hidden' ? line : { kind: 'lines', left: line, right: line });
    }
  }
  flush();
  return rows;
}
