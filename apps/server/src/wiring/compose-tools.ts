import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
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
  withEffectLedger,
} from '@automatos/tools';
import type {
  ToolExecutor,
  ToolHints,
  ToolInvocation,
  ToolRecords,
  ToolRegistry,
  ToolServices,
  ToolSettingsRoom,
} from '@automatos/tools';
import type { BaseDeps } from './base-deps.ts';

/** Tools with everything around them: settings, consent, rates, effects, records. */
export interface ToolRooms {
  registry: ToolRegistry;
  executor: ToolExecutor;
  toolSettings: ToolSettingsRoom;
  toolHints: ToolHints;
}

export function composeTools(deps: BaseDeps): ToolRooms {
  const { config, logger, clock, metrics, closers, database } = deps;
  const registry = createToolRegistry();
  const toolSettings = createToolSettings({ database, clock });
  const records = createToolRecords({ database, clock, logger });
  const toolHints = createToolHints({ registry, history: records });
  const notes = createToolNotes({ database, clock });
  const folderOf = (workspaceId: WorkspaceId) => join(config.dataDir, 'workspaces', workspaceId);

  function services(call: ToolInvocation): ToolServices {
    const { workspaceId, runId } = call;
    return {
      async workspace() {
        const folder = folderOf(workspaceId);
        await mkdir(folder, { recursive: true });
        const own = await toolSettings.environment(workspaceId);
        return { folder, quotaBytes: own.disk_quota_bytes, networkHosts: own.network_hosts };
      },
      ...(runId === undefined ? {} : { scratchpad: notes.of({ workspaceId, runId }) }),
      async findTools(task, limit) {
        const disabled = await toolSettings.disabled(workspaceId);
        const usable = registry.forGrants(call.grants).map((tool) => tool.name);
        const only = new Set(usable.filter((name) => !disabled.has(name)));
        return toolHints.suggest(workspaceId, task, { limit, only });
      },
    };
  }

  const tools = createToolExecutor({
    registry,
    // The workspace's own folder last: paths that exist elsewhere, and new files, belong to the operator's folders.
    roots: (workspaceId) => [...config.workspaceRoots, folderOf(workspaceId)],
    outboundAllow: [...config.outboundAllow],
    permit: createToolGate(toolSettings),
    services,
    clock,
    metrics,
    logger,
  });
  closers.add('tool records', () => records.flush());
  closers.add('tools', () => tools.close());
  const ledger = createEffectLedger({ database, clock });
  const executor = withRecords(withEffectLedger(tools, { ledger, registry }), {
    records,
    registry,
  });
  return { registry, executor, toolSettings, toolHints };
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
