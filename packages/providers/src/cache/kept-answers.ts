import type { WorkspaceId } from '@automatos/kernel';
import type { ModelResult } from '../calls/model-call.ts';

/** An answer with the time it was given, in ms. */
export interface KeptAnswer {
  result: ModelResult;
  keptAt: number;
}

/** Answers in the memory of this process. */
export interface KeptAnswers {
  get(workspaceId: WorkspaceId, key: string): KeptAnswer | undefined;
  /** Keeps an answer, and lets those go that were not asked for the longest time once all are larger than allowed. */
  set(workspaceId: WorkspaceId, key: string, answer: KeptAnswer): void;
  remove(workspaceId: WorkspaceId, key: string): void;
  /** Forgets those of a workspace; returns how many there were. */
  clear(workspaceId: WorkspaceId): number;
  count(workspaceId: WorkspaceId): number;
  /** Of all workspaces together, as counted. */
  bytes(): number;
}

/** Two bytes per character of its JSON, and what the entry itself takes. */
export function answerBytes(answer: KeptAnswer): number {
  return JSON.stringify(answer.result).length * 2 + 500;
}

/** Creates the store; an answer above `answerBytesMax` is not kept. */
export function createKeptAnswers(bounds: {
  bytesMax: number;
  answerBytesMax: number;
  /** An answer had to leave for another. */
  onEvicted?: () => void;
}): KeptAnswers {
  const entries = new Map<
    string,
    { answer: KeptAnswer; bytes: number; workspaceId: WorkspaceId }
  >();
  const counts = new Map<WorkspaceId, number>();
  let total = 0;

  function drop(id: string): void {
    const entry = entries.get(id);
    if (entry === undefined) return;
    entries.delete(id);
    total -= entry.bytes;
    const left = (counts.get(entry.workspaceId) ?? 1) - 1;
    if (left === 0) counts.delete(entry.workspaceId);
    else counts.set(entry.workspaceId, left);
  }

  return {
    get(workspaceId, key) {
      const id = idOf(workspaceId, key);
      const entry = entries.get(id);
      if (entry === undefined) return undefined;
      // Moved to the end: the order of a map is that of insertion.
      entries.delete(id);
      entries.set(id, entry);
      return entry.answer;
    },
    set(workspaceId, key, answer) {
      const id = idOf(workspaceId, key);
      drop(id);
      const bytes = answerBytes(answer);
      if (bytes > bounds.answerBytesMax) return;
      entries.set(id, { answer, bytes, workspaceId });
      counts.set(workspaceId, (counts.get(workspaceId) ?? 0) + 1);
      total += bytes;
      for (const oldest of entries.keys()) {
        if (total <= bounds.bytesMax) break;
        drop(oldest);
        bounds.onEvicted?.();
      }
    },
    remove: (workspaceId, key) => drop(idOf(workspaceId, key)),
    clear(workspaceId) {
      const ids = [...entries]
        .filter(([, entry]) => entry.workspaceId === workspaceId)
        .map(([id]) => id);
      for (const id of ids) drop(id);
      return ids.length;
    },
    count: (workspaceId) => counts.get(workspaceId) ?? 0,
    bytes: () => total,
  };
}

function idOf(workspaceId: WorkspaceId, key: string): string {
  return `${workspaceId}/${key}`;
}
