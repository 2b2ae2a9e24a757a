import type { Database, Tx } from '@automatos/database';
import type { WorkspaceId } from '@automatos/kernel';
import { sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import { NO_HASH, personalHash, rowHash } from './audit-hash.ts';
import { selectRows } from './audit-store.ts';
import type { AuditRow } from './audit-types.ts';

/** Rows per transaction; hashing one takes about 10 µs. */
const ROWS_PER_READ = 1_000;
/** How far a row may have been moved by renumbering and still be recognised. */
const SHIFT_MAX = 100;

export type AuditBreakKind =
  /** The contents are not those that were hashed. */
  | 'changed'
  /** One row or several are gone from here. */
  | 'missing'
  /** This row belongs elsewhere in the chain. */
  | 'reordered'
  /** A row stands here that does not belong to the chain. */
  | 'inserted'
  /** The chain does not hold the head that was written down outside. */
  | 'anchor';

export interface AuditBreak {
  kind: AuditBreakKind;
  /** Where it was noticed. */
  sequence: number;
  detail: string;
}

export interface AuditVerification {
  /** No break among the rows checked. */
  ok: boolean;
  /** Rows checked in this call. */
  checked: number;
  /** Rows of them whose personal data were erased. */
  erased: number;
  from: number;
  /** Last sequence checked; 0 when there was nothing. */
  to: number;
  /** Hash of that row. */
  headHash: string;
  /** True when the end of the chain was reached; else go on from `to + 1`. */
  complete: boolean;
  firstBreak: AuditBreak | null;
}

/** Looks into the stored chain; only asked once something is wrong. */
export interface ChainLookup {
  /** Sequence of the row with this hash. */
  byHash(hash: string): Promise<number | null>;
  /** Sequence of a row other than `except` that says to follow this hash. */
  byPrevHash(hash: string, except: number): Promise<number | null>;
}

interface Place {
  sequence: number;
  hash: string;
}

/** The first thing wrong with `row` as the follower of `last`; null when it is the true next one. */
export async function checkRow(
  row: AuditRow,
  last: Place,
  lookup: ChainLookup,
): Promise<AuditBreak | null> {
  const expected = last.sequence + 1;
  const { sequence } = row;
  if (sequence !== expected) {
    const gone =
      sequence - 1 === expected ? `Row ${expected} is` : `Rows ${expected} to ${sequence - 1} are`;
    return { kind: 'missing', sequence: expected, detail: `${gone} gone.` };
  }
  const isOwn = rowHash(row) === row.hash;
  const follows = row.prevHash === last.hash;
  if (isOwn && follows) return checkPersonal(row);
  const moved = follows ? null : await explainMove(row, last, lookup);
  if (moved !== null) return moved;
  const rightful = await lookup.byPrevHash(last.hash, sequence);
  if (rightful !== null) {
    const detail = `Row ${sequence} stands where row ${rightful} belongs.`;
    return { kind: 'inserted', sequence, detail };
  }
  return { kind: 'changed', sequence, detail: `Row ${sequence} does not hold what was hashed.` };
}

function checkPersonal(row: AuditRow): AuditBreak | null {
  if (row.version > 1 && row.target.name !== (row.personal?.target_name ?? '')) {
    const detail = `The name of the target of row ${row.sequence} is not the one that was hashed.`;
    return { kind: 'changed', sequence: row.sequence, detail };
  }
  if (row.personal === null || personalHash(row.personal) === row.personalHash) return null;
  const detail = `The personal data of row ${row.sequence} are not those that were hashed.`;
  return { kind: 'changed', sequence: row.sequence, detail };
}

/** What was done when a row follows another one than `last`: rows taken out or put in with the rest renumbered, or rows exchanged. */
async function explainMove(
  row: AuditRow,
  last: Place,
  lookup: ChainLookup,
): Promise<AuditBreak | null> {
  const { sequence } = row;
  const before = row.prevHash === NO_HASH ? 0 : await lookup.byHash(row.prevHash);
  const shift = shiftOf(row);
  if (before === null) {
    if (shift === null || shift < 0) return null;
    const detail = `${shift === 1 ? 'A row' : `${shift} rows`} before row ${sequence} are gone; the rest was renumbered.`;
    return { kind: 'missing', sequence, detail };
  }
  if (before < last.sequence && shift === before - last.sequence) {
    const detail = `Row ${before + 1} was put into the chain; the rest was renumbered.`;
    return { kind: 'inserted', sequence: before + 1, detail };
  }
  return { kind: 'reordered', sequence, detail: `Row ${sequence} belongs behind row ${before}.` };
}

/** What has to be added to the sequence of a row to get its hash; null when nothing near does. */
function shiftOf(row: AuditRow): number | null {
  for (let shift = 1; shift <= SHIFT_MAX; shift++) {
    for (const signed of [shift, -shift]) {
      if (rowHash({ ...row, sequence: row.sequence + signed }) === row.hash) return signed;
    }
  }
  return null;
}

export interface VerifyOptions {
  /** First row to check; the one before it is believed. Default 1. */
  from?: number | undefined;
  /** Rows at most. */
  rowsMax: number;
  /** A head written down earlier, outside of the database. */
  anchor?: Place | undefined;
  signal?: AbortSignal | undefined;
}

/** Checks the stored chain of a workspace from `from` on, in short transactions; stops at the first break. */
export async function verifyChain(
  database: Pick<Database, 'workspace'>,
  workspaceId: WorkspaceId,
  options: VerifyOptions,
): Promise<AuditVerification> {
  const read = <T>(work: (tx: Tx) => Promise<T>) => database.workspace(workspaceId, work);
  const lookup = createLookup(read);
  const from = options.from ?? 1;
  let last: Place =
    from === 1 ? { sequence: 0, hash: NO_HASH } : await read((tx) => placeBefore(tx, from));
  const result = { checked: 0, erased: 0, from };
  const end = (firstBreak: AuditBreak | null, complete: boolean): AuditVerification => ({
    ...result,
    ok: firstBreak === null,
    to: last.sequence,
    headHash: last.hash,
    complete,
    firstBreak,
  });
  for (;;) {
    options.signal?.throwIfAborted();
    const limit = Math.min(ROWS_PER_READ, options.rowsMax - result.checked);
    if (limit <= 0) return end(null, false);
    const after = last.sequence;
    const rows = await read((tx) =>
      selectRows(
        tx,
        sql`WHERE workspace_id = ${workspaceId} AND sequence > ${after} ORDER BY sequence LIMIT ${limit}`,
      ),
    );
    for (const row of rows) {
      const found = (await checkRow(row, last, lookup)) ?? checkAnchor(row, options.anchor);
      if (found !== null) return end(found, false);
      last = row;
      result.checked += 1;
      if (row.personal === null) result.erased += 1;
    }
    if (rows.length < limit) return end(missingAnchor(last, options.anchor), true);
  }
}

function checkAnchor(row: AuditRow, anchor: Place | undefined): AuditBreak | null {
  if (anchor === undefined || row.sequence !== anchor.sequence || row.hash === anchor.hash)
    return null;
  const detail = `Row ${row.sequence} has another hash than the anchor: the chain was rewritten.`;
  return { kind: 'anchor', sequence: row.sequence, detail };
}

function missingAnchor(last: Place, anchor: Place | undefined): AuditBreak | null {
  if (anchor === undefined || anchor.sequence <= last.sequence) return null;
  const detail = `The chain ends at row ${last.sequence}, before the anchor at row ${anchor.sequence}: its tail was cut.`;
  return { kind: 'anchor', sequence: last.sequence + 1, detail };
}

async function placeBefore(tx: Tx, from: number): Promise<Place> {
  const [row] = await selectRows(tx, sql`WHERE sequence < ${from} ORDER BY sequence DESC LIMIT 1`);
  return row ?? { sequence: 0, hash: NO_HASH };
}

/** Reads the whole chain if it must: breaks are rare. */
function createLookup(read: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>): ChainLookup {
  const find = (condition: SQL) =>
    read(async (tx) => {
      const found = await tx.execute<{ sequence: string | number }>(
        sql`SELECT sequence FROM audit_log WHERE ${condition} ORDER BY sequence LIMIT 1`,
      );
      const sequence = found.rows[0]?.sequence;
      return sequence === undefined ? null : Number(sequence);
    });
  return {
    byHash: (hash) => find(sql`hash = ${hash}`),
    byPrevHash: (hash, except) => find(sql`prev_hash = ${hash} AND sequence <> ${except}`),
  };
}
