import { versionConflict } from '@automatos/tools';
import type { Blackboard, BoardMessage, BoardNote, BoardScope } from '@automatos/tools';

interface Board {
  notes: Map<string, BoardNote>;
  messages: BoardMessage[];
  subscriptions: Map<string, number>;
  writes: Map<string, BoardNote | BoardMessage>;
}

/** Boards in memory with the rules of the real ones; both pass the same suite. */
export function createMemoryBoard(now: () => number = () => 0): Blackboard {
  const boards = new Map<string, Board>();
  const at = () => new Date(now()).toISOString();
  const boardOf = ({ workspaceId, runId }: BoardScope): Board => {
    const key = `${workspaceId} ${runId}`;
    const board = boards.get(key) ?? {
      notes: new Map(),
      messages: [],
      subscriptions: new Map(),
      writes: new Map(),
    };
    boards.set(key, board);
    return board;
  };
  return {
    async notes(scope, { prefix, limit }) {
      const all = [...boardOf(scope).notes.values()].filter(({ key }) => key.startsWith(prefix));
      return structuredClone(all.toSorted((a, b) => (a.key < b.key ? -1 : 1)).slice(0, limit));
    },
    note: async (scope, key) => structuredClone(boardOf(scope).notes.get(key) ?? null),
    async write(scope, { writeKey, expectedVersion, ...write }) {
      const board = boardOf(scope);
      const done = board.writes.get(writeKey);
      if (done !== undefined) return structuredClone(done as BoardNote);
      const version = board.notes.get(write.key)?.version ?? 0;
      if (version !== expectedVersion)
        throw versionConflict({ key: write.key, expectedVersion }, version);
      const note = { ...structuredClone(write), version: version + 1, at: at() };
      board.notes.set(write.key, note);
      board.writes.set(writeKey, note);
      return structuredClone(note);
    },
    async subscribe(scope, agent, topic) {
      const { subscriptions, messages } = boardOf(scope);
      const key = `${agent} ${topic}`;
      if (!subscriptions.has(key)) subscriptions.set(key, messages.length);
    },
    async send(scope, { writeKey, ...message }) {
      const board = boardOf(scope);
      const done = board.writes.get(writeKey);
      if (done !== undefined) return structuredClone(done as BoardMessage);
      const sent = { ...message, id: String(board.messages.length + 1), at: at() };
      board.messages.push(sent);
      board.writes.set(writeKey, sent);
      return structuredClone(sent);
    },
    async messages(scope, { agent, after, limit }) {
      const { messages, subscriptions } = boardOf(scope);
      const received = messages.filter(({ to, id }) => {
        if (Number(id) <= Number(after ?? 0)) return false;
        if ('agent' in to) return to.agent === agent;
        return Number(id) > (subscriptions.get(`${agent} ${to.topic}`) ?? Infinity);
      });
      return structuredClone(received.slice(0, limit));
    },
  };
}
