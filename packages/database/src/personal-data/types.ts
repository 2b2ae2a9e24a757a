import type { WorkspaceId } from '@automatos/kernel';
import type { SQL } from 'drizzle-orm';
import type { Tx } from '../transaction.ts';

/** The person that a search, an export or an erasure is about. */
export interface PersonalSubject {
  userId: string;
  /** Every address and every name that are known of the person, the newest first. */
  emails: readonly string[];
  names: readonly string[];
  /** Workspaces whose rows count. */
  workspaces: readonly WorkspaceId[];
  /** Whether the account itself counts too: what belongs to no workspace, or follows the person through all of them. */
  account: boolean;
}

/**
 * What a table says of people, column by column. Every column that can hold words, ids or documents stands in exactly one of
 * these lists; a test compares them with the database, so that no column is forgotten.
 */
export interface PersonalTable {
  /** Default `public`. */
  schema?: string;
  table: string;
  /** What the rows are, for the report of a person and for the record of processing. */
  category: string;
  /** Columns that identify a row, and its order; all of them are told apart from the lists below. */
  key: readonly string[];
  /** Column of the workspace, or a condition that keeps to rows of these workspaces; null: the table belongs to none. */
  workspace: string | null | ((workspaces: readonly WorkspaceId[]) => SQL);
  /** `account`: rows follow the person through all workspaces and count only when the account does. Default `workspace`. */
  reach?: 'workspace' | 'account';
  /** `delete`: a row that tells of the person goes as a whole. `elsewhere`: its room erases it in a way of its own. Default: the person is taken out of it. */
  erase?: 'rewrite' | 'delete' | 'elsewhere';
  /** Ids of people, e.g. `created_by`. */
  people?: readonly string[];
  /** Columns that hold nothing but the name of a person. */
  names?: readonly string[];
  /** Words, also JSON as text; identifiers are replaced in them. */
  texts?: readonly string[];
  json?: readonly string[];
  /** Files; those that are text are rewritten, of others the holder takes care. */
  bytes?: readonly string[];
  /** Columns that a person filled in, with the column that says who: given to them for portability. */
  provided?: { by: string; columns: readonly string[] };
  /** Reviewed: hold nothing of a person, or only what nobody can read back (hashes of random values, encrypted secrets of services). */
  plain?: readonly string[];
  /** Never shown, not even to the person: hashes of passwords and tokens. Rows that hold them go with the person. */
  secret?: readonly string[];
  /** Texts that differ between rows: after a change the row's first key is put behind. */
  distinct?: readonly string[];
  /** Columns that follow from others, computed again after those changed. */
  derive?: (row: Readonly<Record<string, unknown>>) => Record<string, unknown>;
}

/** A row that tells of the person. */
export interface PersonalItem {
  holder: string;
  category: string;
  table: string;
  /** Values of the key columns. */
  key: Record<string, unknown>;
  /** What of the row tells of the person: all of it where it is theirs, else the words around each place where they occur. */
  data: Record<string, unknown>;
}

export interface ErasedRows {
  /** Rows changed or deleted, by table. */
  rows: Record<string, number>;
}

/** What of a person replaces what: the marker on erasure, the right words on rectification. */
export interface TextRewriter {
  /** Substrings of lower-case ASCII of which a row has at least one when it has to be looked into. */
  readonly needles: readonly string[];
  /** Whether it leaves markers, which are the same in many rows. */
  readonly marks: boolean;
  text(value: string): string;
  /** `isName`: the value is the name of somebody and nothing else. */
  value(value: string, isName: boolean): string;
  json(value: unknown): unknown;
  /** Where the person occurs in a value, each with the words around it; at most five. */
  occurrences(value: unknown): string[];
  /** Of a file: null when it is no text. */
  bytes(value: Uint8Array): Uint8Array | null;
}

/** What one room keeps about people. Filled by every room that does; the room of privacy works with all of them. */
export interface PersonalDataHolder {
  /** Name of the room. */
  readonly name: string;
  describe(): readonly PersonalTable[];
  /** Rows that tell of the person, at most `limit` per table. */
  find(tx: Tx, subject: PersonalSubject, limit: number): Promise<PersonalItem[]>;
  /** What the person gave themselves, at most `limit` rows per table. */
  provided(tx: Tx, subject: PersonalSubject, limit: number): Promise<PersonalItem[]>;
  /** Rewrites what is there, in transactions of its own; may be repeated. */
  rewrite(
    run: RunTransaction,
    subject: PersonalSubject,
    rewriter: TextRewriter,
  ): Promise<ErasedRows>;
  /** Takes the person out of everything, in transactions of its own; may be repeated. */
  erase(run: RunTransaction, subject: PersonalSubject): Promise<ErasedRows>;
  /** What is kept outside of tables, e.g. caches; called when the rows are done. */
  forget?(subject: PersonalSubject): Promise<Record<string, number>>;
}

export type RunTransaction = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
