import { readFile, readdir, lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

const PAGE_BYTES = 4096;
const MEMORY_EVERY_MS = 50;
const FOLDER_EVERY_MS = 250;
/** A folder with more entries is too full whatever they weigh. */
const ENTRIES_MAX = 500_000;

/** Resident bytes of a process and all below it; those that end meanwhile count nothing. */
export async function residentBytes(pid: number): Promise<number> {
  try {
    const [statm, children] = await Promise.all([
      readFile(`/proc/${pid}/statm`, 'utf8'),
      readFile(`/proc/${pid}/task/${pid}/children`, 'utf8'),
    ]);
    const own = Number(statm.split(' ')[1] ?? 0) * PAGE_BYTES;
    const below = await Promise.all(
      children
        .split(' ')
        .filter((text) => text.trim() !== '')
        .map((text) => residentBytes(Number(text))),
    );
    return own + below.reduce((sum, bytes) => sum + bytes, 0);
  } catch {
    return 0; // ended between two looks
  }
}

/** Bytes on disk of a folder, links not followed; infinite when it holds more entries than anybody should make. */
export async function folderBytes(folder: string): Promise<number> {
  let bytes = 0;
  let entries = 0;
  const pending = [folder];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    // Folders come and go under a running command.
    const names = await readdir(path, { withFileTypes: true }).catch(() => []);
    for (const entry of names) {
      entries += 1;
      if (entries > ENTRIES_MAX) return Number.POSITIVE_INFINITY;
      const inner = join(path, entry.name);
      if (entry.isDirectory()) pending.push(inner);
      const stats = await lstat(inner).catch(() => null);
      bytes += (stats?.blocks ?? 0) * 512;
    }
  }
  return bytes;
}

/** Looks again and again until `stop` is called; each look begins when the one before has ended. */
function every(ms: number, look: () => Promise<void>): { stop(): void } {
  let pauseMs = ms;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const again = () => {
    timer = setTimeout(() => {
      const startedAt = performance.now();
      void look().finally(() => {
        // A look at a large folder takes its time; it must not take a processor.
        pauseMs = Math.max(ms, 2 * (performance.now() - startedAt));
        if (!stopped) again();
      });
    }, pauseMs);
  };
  again();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

/** Calls `over` when the processes below `pid` or the folder take more than they may. */
export function watchUsage(
  what: { pid: number; folder: string; memoryBytes: number; folderBytes: number },
  over: (reason: 'memory' | 'folder') => void,
): { stop(): void } {
  const memory = every(MEMORY_EVERY_MS, async () => {
    if ((await residentBytes(what.pid)) > what.memoryBytes) over('memory');
  });
  const folder = every(FOLDER_EVERY_MS, async () => {
    if ((await folderBytes(what.folder)) > what.folderBytes) over('folder');
  });
  return {
    stop() {
      memory.stop();
      folder.stop();
    },
  };
}
