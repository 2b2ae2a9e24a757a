import type { WorkspaceId } from '@automatos/kernel';
import type { ToolExecutor, ToolInvocation } from '../../definition.ts';

/**
 * Keeps tools of the host out of a workspace's folder while commands run in it: a command could change a folder into a link between a
 * tool's look at a path and its use of it. A tool that began before sees the folder to its end, and commands wait for that; one that
 * begins during a command does not see it. Commands of one workspace may run side by side.
 */
export interface WorkspaceFolders {
  /** The folder for a call that may see it, as a list of roots. */
  rootsOf(call: ToolInvocation): string[];
  /** An executor whose calls keep to that. */
  guard(executor: ToolExecutor): ToolExecutor;
}

interface Place {
  /** Calls that see the folder. */
  lookers: number;
  /** Commands that run, or wait until nobody looks. */
  commands: number;
  /** Of commands that wait. */
  free: (() => void)[];
}

export function createWorkspaceFolders(deps: {
  folderOf: (workspaceId: WorkspaceId) => string;
  /** Name of the tool that runs commands. */
  commandTool: string;
}): WorkspaceFolders {
  const places = new Map<WorkspaceId, Place>();
  const looking = new WeakSet<ToolInvocation>();

  function placeOf(workspaceId: WorkspaceId): Place {
    const known = places.get(workspaceId) ?? { lookers: 0, commands: 0, free: [] };
    places.set(workspaceId, known);
    return known;
  }

  function leave(workspaceId: WorkspaceId, place: Place): void {
    if (place.lookers === 0) for (const go of place.free.splice(0)) go();
    if (place.lookers === 0 && place.commands === 0) places.delete(workspaceId);
  }

  async function look<T>(call: ToolInvocation, work: () => Promise<T>): Promise<T> {
    const place = placeOf(call.workspaceId);
    if (place.commands > 0) return work();
    place.lookers += 1;
    looking.add(call);
    try {
      return await work();
    } finally {
      looking.delete(call);
      place.lookers -= 1;
      leave(call.workspaceId, place);
    }
  }

  async function command<T>(call: ToolInvocation, work: () => Promise<T>): Promise<T> {
    const place = placeOf(call.workspaceId);
    place.commands += 1;
    try {
      if (place.lookers > 0) await nobodyLooks(place, call.signal);
      return await work();
    } finally {
      place.commands -= 1;
      leave(call.workspaceId, place);
    }
  }

  return {
    rootsOf: (call) => (looking.has(call) ? [deps.folderOf(call.workspaceId)] : []),
    guard: (executor) => ({
      execute: (call) => {
        const enter = call.tool === deps.commandTool ? command : look;
        return enter(call, () => executor.execute(call));
      },
    }),
  };
}

function nobodyLooks(place: Place, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    place.free.push(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
  });
}
