import { isPlatformError } from '@automatos/kernel';
import type { JsonValue } from '@automatos/kernel';
import type { RunContext } from '@automatos/runs';
import type { Blackboard, BoardMessage, BoardNote, BoardScope } from '@automatos/tools';

/** How often a write on a note is repeated on what somebody else wrote meanwhile. */
const REPEATS_MAX = 5;

/**
 * The board as who coordinates uses it: every use is a recorded call, so that a replay sees what was seen. `name` and what is
 * written or sent to must together be unique within the run.
 */
export interface RecordedBoard {
  /** Changes a note by a rule from what it is now; on a conflict the rule is applied again to what is there then. */
  change(
    key: string,
    rule: (now: JsonValue | null) => JsonValue,
    author: string,
  ): Promise<BoardNote>;
  notes(prefix: string): Promise<BoardNote[]>;
  send(message: Pick<BoardMessage, 'from' | 'to' | 'text'>): Promise<void>;
  subscribe(agents: readonly string[], topic: string): Promise<void>;
}

const NOTES_MAX = 200;

export function recordedBoard(
  context: Pick<RunContext, 'step' | 'workspaceId' | 'runId'>,
  board: Blackboard,
  name: string,
): RecordedBoard {
  const scope: BoardScope = { workspaceId: context.workspaceId, runId: context.runId };
  return {
    change: async (key, rule, author) =>
      (await context.step(`board:${name}:change:${key}`, async ({ idempotencyKey }) => {
        const note = await changeNote(board, scope, { key, rule, author, idempotencyKey });
        return note as unknown as JsonValue;
      })) as unknown as BoardNote,
    notes: async (prefix) =>
      (await context.step(
        `board:${name}:notes:${prefix}`,
        async () =>
          (await board.notes(scope, { prefix, limit: NOTES_MAX })) as unknown as JsonValue,
      )) as unknown as BoardNote[],
    send: (message) =>
      context.step(`board:${name}:send:${addressOf(message)}`, async ({ idempotencyKey }) => {
        await board.send(scope, { ...message, writeKey: idempotencyKey });
      }),
    subscribe: (agents, topic) =>
      context.step(`board:${name}:subscribe:${topic}`, async () => {
        for (const agent of agents) await board.subscribe(scope, agent, topic);
      }),
  };
}

async function changeNote(
  board: Blackboard,
  scope: BoardScope,
  {
    key,
    rule,
    author,
    idempotencyKey,
  }: {
    key: string;
    rule: (now: JsonValue | null) => JsonValue;
    author: string;
    idempotencyKey: string;
  },
): Promise<BoardNote> {
  for (let repeats = 0; ; repeats += 1) {
    const now = await board.note(scope, key);
    try {
      return await board.write(scope, {
        key,
        value: rule(now?.value ?? null),
        author,
        expectedVersion: now?.version ?? 0,
        writeKey: idempotencyKey,
      });
    } catch (error) {
      if (!isConflict(error) || repeats >= REPEATS_MAX) throw error;
    }
  }
}

const addressOf = ({ to }: Pick<BoardMessage, 'to'>): string =>
  'topic' in to ? `#${to.topic}` : `@${to.agent}`;

const isConflict = (error: unknown): boolean =>
  isPlatformError(error) && error.code === 'tools.blackboard.version_conflict';
