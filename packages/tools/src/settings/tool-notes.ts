import type { Database } from '@automatos/database';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { sql } from 'drizzle-orm';
import { toolError } from '../tool-error.ts';
import type { Scratchpad } from '../tool-services.ts';

/** Notes of one run. */
const NOTES_MAX = 200;
const CHARS_MAX = 1_000_000;
/** They stay so long after the end of their run. */
const KEPT_AFTER_END = sql`interval '1 hour'`;

export interface ToolNotes {
  of(scope: { workspaceId: WorkspaceId; runId: string }): Scratchpad;
  /** Deletes the notes of all runs that ended more than an hour ago. */
  sweep(): Promise<number>;
}

interface NotesDeps {
  database: Pick<Database, 'system' | 'workspace' | 'workspaceReads'>;
  clock: Clock;
}

export function createToolNotes(deps: NotesDeps): ToolNotes {
  return {
    sweep: () =>
      deps.database.system(async (tx) => {
        const gone = await tx.execute(sql`
          DELETE FROM tool_notes n USING runs r
          WHERE r.id = n.run_id AND r.finished_at < now() - ${KEPT_AFTER_END} RETURNING n.key`);
        return gone.rows.length;
      }),
    of: (scope) => scratchpadOf(deps, scope),
  };
}

function scratchpadOf(
  { database, clock }: NotesDeps,
  { workspaceId, runId }: { workspaceId: WorkspaceId; runId: string },
): Scratchpad {
  return {
    read: (key) =>
      database.workspaceReads(workspaceId, async (tx) => {
        const found = await tx.execute(
          sql`SELECT text, updated_at FROM tool_notes WHERE run_id = ${runId} AND key = ${key}`,
        );
        const row = found.rows[0] as { text: string; updated_at: Date | string } | undefined;
        if (row === undefined) return null;
        return { text: row.text, updatedAt: new Date(row.updated_at).toISOString() };
      }),
    list: () =>
      database.workspaceReads(workspaceId, async (tx) => {
        const found = await tx.execute(
          sql`SELECT key, length(text) AS chars, updated_at FROM tool_notes WHERE run_id = ${runId} ORDER BY key`,
        );
        const rows = found.rows as { key: string; chars: number; updated_at: Date | string }[];
        return rows.map(({ key, chars, updated_at: at }) => ({
          key,
          chars: Number(chars),
          updatedAt: new Date(at).toISOString(),
        }));
      }),
    async write(key, text) {
      await database.workspace(workspaceId, async (tx) => {
        if (text === '') {
          await tx.execute(sql`DELETE FROM tool_notes WHERE run_id = ${runId} AND key = ${key}`);
          return;
        }
        await tx.execute(sql`
          INSERT INTO tool_notes (run_id, key, workspace_id, text, updated_at)
          VALUES (${runId}, ${key}, ${workspaceId}, ${text}, ${new Date(clock.now()).toISOString()}::timestamptz)
          ON CONFLICT (run_id, key) DO UPDATE SET text = excluded.text, updated_at = excluded.updated_at`);
        const found = await tx.execute(
          sql`SELECT count(*) AS notes, sum(length(text)) AS chars FROM tool_notes WHERE run_id = ${runId}`,
        );
        const all = found.rows[0] as { notes: string; chars: string };
        if (Number(all.notes) <= NOTES_MAX && Number(all.chars) <= CHARS_MAX) return;
        // Throwing takes the note back.
        throw toolError(
          'tools.scratchpad.full',
          'limit-reached',
          `The scratchpad of a run holds at most ${NOTES_MAX} notes and ${CHARS_MAX} characters. Delete a note by writing an empty text.`,
        );
      });
    },
  };
}
