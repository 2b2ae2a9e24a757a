import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ToolSelection } from '@automatos/agents';
import type { CredentialRoom } from '@automatos/identity';
import type { WorkspaceId } from '@automatos/kernel';
import { createEffectLedger } from '@automatos/runs';
import {
  createToolExecutor,
  createToolGate,
  createToolHints,
  createToolNotes,
  createToolRecords,
  createToolRegistry,
  createToolSettings,
  createWorkspaceFolders,
  RUN_COMMAND,
  withEffectLedger,
} from '@automatos/tools';
import type {
  ToolExecutor,
  ToolHints,
  ToolInvocation,
  ToolNotes,
  ToolRecords,
  ToolRegistry,
  ToolServices,
  ToolSettingsRoom,
} from '@automatos/tools';
import type { BaseDeps } from './base-deps.ts';
import { createBoardService } from './compose-coordination.ts';

/** Tools with everything around them: settings, consent, rates, effects, records. */
export interface ToolRooms {
  registry: ToolRegistry;
  executor: ToolExecutor;
  toolSettings: ToolSettingsRoom;
  toolHints: ToolHints;
  /** For agents: what is switched off, and what serves a task. */
  selection: ToolSelection;
}

export function composeTools(
  deps: BaseDeps & { credentials: Pick<CredentialRoom, 'use'> },
): ToolRooms {
  const { config, logger, clock, metrics, closers, database, credentials } = deps;
  const registry = createToolRegistry();
  const toolSettings = createToolSettings({ database, clock });
  const records = createToolRecords({ database, clock, logger });
  const toolHints = createToolHints({ registry, history: records });
  const notes = createToolNotes({ database, clock });
  if (config.roles.worker) closers.add('notes of runs', sweepNotes({ notes, clock, logger }));
  const folderOf = (workspaceId: WorkspaceId) => join(config.dataDir, 'workspaces', workspaceId);
  const services = createServices({
    registry,
    toolSettings,
    toolHints,
    notes,
    boardOf: createBoardService({ database, clock }),
    folderOf,
    credentials,
  });
  const folders = createWorkspaceFolders({ folderOf, commandTool: RUN_COMMAND });
  const tools = createToolExecutor({
    registry,
    // The workspace's own folder last: paths that exist elsewhere, and new files, belong to the operator's folders.
    roots: (_workspaceId, call) => [...config.workspaceRoots, ...folders.rootsOf(call)],
    outboundAllow: [...config.outboundAllow],
    permit: createToolGate(toolSettings),
    services,
    clock,
    metrics,
    logger,
  });
  closers.add('tool records', () => records.flush());
  closers.add('tools', () => tools.close());
  const guarded = folders.guard(tools);
  const ledger = createEffectLedger({ database, clock });
  const executor = withRecords(withEffectLedger(guarded, { ledger, registry }), {
    records,
    registry,
  });
  const selection: ToolSelection = {
    disabled: (workspaceId) => toolSettings.disabled(workspaceId),
    rank: async (workspaceId, task, options) =>
      (await toolHints.suggest(workspaceId, task, options)).map(({ tool }) => tool),
  };
  return { registry, executor, toolSettings, toolHints, selection };
}

const SWEEP_EVERY_MS = 600_000;

/** Deletes notes whose time is over, again and again; returns what ends that. */
function sweepNotes({
  notes,
  clock,
  logger,
}: Pick<BaseDeps, 'clock' | 'logger'> & { notes: ToolNotes }): () => Promise<void> {
  const stopping = new AbortController();
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      await notes
        .sweep()
        .catch((error: unknown) =>
          logger.warn({ error: String(error) }, 'notes are deleted later'),
        );
      // The sleep rejects when it is aborted, which is how this loop ends.
      await clock.sleep(SWEEP_EVERY_MS, stopping.signal).catch(() => undefined);
    }
  })();
  return async () => {
    stopping.abort();
    await loop;
  };
}

/** What the tools of one call get beside files and network. */
function createServices({
  registry,
  toolSettings,
  toolHints,
  notes,
  boardOf,
  folderOf,
  credentials,
}: Pick<ToolRooms, 'registry' | 'toolSettings' | 'toolHints'> & {
  notes: ToolNotes;
  boardOf: ReturnType<typeof createBoardService>;
  folderOf: (workspaceId: WorkspaceId) => string;
  credentials: Pick<CredentialRoom, 'use'>;
}): (call: ToolInvocation) => ToolServices {
  return (call) => {
    const { workspaceId, runId } = call;
    return {
      async workspace() {
        const folder = folderOf(workspaceId);
        await mkdir(folder, { recursive: true });
        const own = await toolSettings.environment(workspaceId);
        return { folder, quotaBytes: own.disk_quota_bytes, networkHosts: own.network_hosts };
      },
      ...boardOf(call),
      ...(runId === undefined ? {} : { scratchpad: notes.of({ workspaceId, runId }) }),
      async secret(name) {
        const { command_secrets: known } = await toolSettings.environment(workspaceId);
        const entry = known.find((one) => one.name === name);
        if (entry === undefined) return null;
        const used = await credentials.use(workspaceId, entry.credential_id, 'tool run_command');
        return used.secrets[entry.field] ?? null;
      },
      async findTools(task, limit) {
        const disabled = await toolSettings.disabled(workspaceId);
        const usable = registry.forGrants(call.grants).map((tool) => tool.name);
        const only = new Set(usable.filter((name) => !disabled.has(name)));
        return toolHints.suggest(workspaceId, task, { limit, only });
      },
    };
  };
}

function withRecords(
  executor: ToolExecutor,
  { records, registry }: { records: ToolRecords; registry: Pick<ToolRegistry, 'get'> },
): ToolExecutor {
  return {
    async execute(call) {
      const outcome = await executor.execute(call);
      if (registry.get(call.tool) !== undefined)
        records.note(call.workspaceId, call.tool, outcome.status);
      return outcome;
    },
  };
}
