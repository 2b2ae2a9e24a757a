import { sql } from 'drizzle-orm';
import type { Database, Tx } from '@automatos/database';
import type { Clock, JsonValue } from '@automatos/kernel';
import { versionConflict } from '@automatos/tools';
import type { Blackboard, BoardMessage, BoardNote, BoardScope, NoteWrite } from '@automatos/tools';

export interface DatabaseBoardDeps {
  database: Pick<Database, 'workspace' | 'workspaceReads'>;
  clock: Pick<Clock, 'now'>;
}

/** Boards in the database; they go with their runs. */
export function createDatabaseBoard({ database, clock }: DatabaseBoardDeps): Blackboard {
  const at = () => new Date(clock.now()).toISOString();
  return {
    notes: ({ workspaceId, runId }, { prefix, limit }) =>
      database.workspaceReads(workspaceId, (tx) => readNotes(tx, runId, { prefix, limit })),
    note: ({ workspaceId, runId }, key) =>
      database.workspaceReads(workspaceId, (tx) => readNote(tx, runId, key)),
    write: (scope, write) =>
      database.workspace(scope.workspaceId, (tx) => writeNote(tx, { ...scope, at: at() }, write)),
    subscribe: (scope, agent, topic) =>
      database.workspace(scope.workspaceId, async (tx) => {
        await lockBoard(tx, scope.runId);
        await tx.execute(sql`
          INSERT INTO blackboard_subscriptions (run_id, agent, topic, workspace_id, after_seq)
          SELECT ${scope.runId}, ${plain(agent)}, ${plain(topic)}, ${scope.workspaceId}, coalesce(max(seq), 0)
          FROM blackboard_messages WHERE run_id = ${scope.runId}
          ON CONFLICT DO NOTHING`);
      }),
    send: (scope, message) =>
      database.workspace(scope.workspaceId, (tx) => send(tx, { ...scope, at: at() }, message)),
    messages: ({ workspaceId, runId }, filter) =>
      database.workspaceReads(workspaceId, (tx) => readMessages(tx, runId, filter)),
  };
}

interface NoteRow {
  key: string;
  value: JsonValue;
  version: number;
  author: string;
  at: Date | string;
}

const toNote = (row: NoteRow): BoardNote => ({ ...row, at: new Date(row.at).toISOString() });

async function readNotes(
  tx: Tx,
  runId: string,
  { prefix, limit }: { prefix: string; limit: number },
): Promise<BoardNote[]> {
  const { rows } = await tx.execute(sql`
    SELECT DISTINCT ON (key COLLATE "C") key, value, version, author, at FROM blackboard_notes
    WHERE run_id = ${runId} AND starts_with(key, ${plain(prefix)}) ORDER BY key COLLATE "C", version DESC LIMIT ${limit}`);
  return (rows as unknown as NoteRow[]).map(toNote);
}

async function readNote(tx: Tx, runId: string, key: string): Promise<BoardNote | null> {
  const { rows } = await tx.execute(sql`
    SELECT key, value, version, author, at FROM blackboard_notes
    WHERE run_id = ${runId} AND key = ${plain(key)} ORDER BY version DESC LIMIT 1`);
  const [row] = rows as unknown as NoteRow[];
  return row === undefined ? null : toNote(row);
}

/** The key of a version can be inserted once: of two who write on the same version one wins, whoever they are. */
async function writeNote(
  tx: Tx,
  { workspaceId, runId, at }: BoardScope & { at: string },
  write: NoteWrite,
): Promise<BoardNote> {
  const newest = await readNote(tx, runId, write.key);
  if ((newest?.version ?? 0) === write.expectedVersion) {
    const { rows } = await tx.execute(sql`
      INSERT INTO blackboard_notes (run_id, key, version, workspace_id, value, author, write_key, at)
      VALUES (${runId}, ${plain(write.key)}, ${write.expectedVersion + 1}, ${workspaceId}, ${storable(write.value)}::jsonb,
        ${plain(write.author)}, ${plain(write.writeKey)}, ${at}::timestamptz)
      ON CONFLICT DO NOTHING RETURNING key, value, version, author, at`);
    const [row] = rows as unknown as NoteRow[];
    if (row !== undefined) return toNote(row);
  }
  const { rows } = await tx.execute(sql`
    SELECT key, value, version, author, at FROM blackboard_notes WHERE run_id = ${runId} AND write_key = ${plain(write.writeKey)}`);
  const [done] = rows as unknown as NoteRow[];
  if (done !== undefined) return toNote(done);
  throw versionConflict(write, (await readNote(tx, runId, write.key))?.version ?? 0);
}

/** Numbers are given one after the other, in the order in which they can be seen. */
async function lockBoard(tx: Tx, runId: string): Promise<void> {
  await tx.execute(
    sql`SELECT pg_advisory_xact_lock(hashtextextended(${`blackboard:${runId}`}, 0))`,
  );
}

interface MessageRow {
  seq: number;
  sender: string;
  channel: 'topic' | 'agent';
  recipient: string;
  body: string;
  at: Date | string;
}

const toMessage = (row: MessageRow): BoardMessage => ({
  id: String(row.seq),
  from: row.sender,
  to: row.channel === 'topic' ? { topic: row.recipient } : { agent: row.recipient },
  text: row.body,
  at: new Date(row.at).toISOString(),
});

async function send(
  tx: Tx,
  { workspaceId, runId, at }: BoardScope & { at: string },
  message: Pick<BoardMessage, 'from' | 'to' | 'text'> & { writeKey: string },
): Promise<BoardMessage> {
  await lockBoard(tx, runId);
  const channel = 'topic' in message.to ? 'topic' : 'agent';
  const recipient = 'topic' in message.to ? message.to.topic : message.to.agent;
  const { rows } = await tx.execute(sql`
    INSERT INTO blackboard_messages (run_id, seq, workspace_id, sender, channel, recipient, body, write_key, at)
    SELECT ${runId}, coalesce(max(seq), 0) + 1, ${workspaceId}, ${plain(message.from)}, ${channel}, ${plain(recipient)},
      ${plain(message.text)}, ${plain(message.writeKey)}, ${at}::timestamptz
    FROM blackboard_messages WHERE run_id = ${runId}
    ON CONFLICT (run_id, write_key) DO UPDATE SET write_key = excluded.write_key
    RETURNING seq, sender, channel, recipient, body, at`);
  return toMessage(rows[0] as unknown as MessageRow);
}

async function readMessages(
  tx: Tx,
  runId: string,
  { agent, after, limit }: { agent: string; after?: string; limit: number },
): Promise<BoardMessage[]> {
  const afterSeq = /^\d{1,9}$/.test(after ?? '') ? Number(after) : 0;
  const { rows } = await tx.execute(sql`
    SELECT m.seq, m.sender, m.channel, m.recipient, m.body, m.at FROM blackboard_messages m
    LEFT JOIN blackboard_subscriptions s
      ON s.run_id = m.run_id AND s.agent = ${plain(agent)} AND s.topic = m.recipient AND m.channel = 'topic'
    WHERE m.run_id = ${runId} AND m.seq > ${afterSeq}
      AND ((m.channel = 'agent' AND m.recipient = ${plain(agent)}) OR m.seq > s.after_seq)
    ORDER BY m.seq LIMIT ${limit}`);
  return (rows as unknown as MessageRow[]).map(toMessage);
}

/** Text that the database takes. */
const plain = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD');

const storable = (value: JsonValue): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'string' ? plain(inner) : inner,
  );
