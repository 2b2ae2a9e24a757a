import type { Database } from '@automatos/database';
import { newId } from '@automatos/kernel';
import type { Logger, WorkspaceId } from '@automatos/kernel';
import type { ModelRef } from '../../catalogue/catalogue-types.ts';
import { recordUsage } from '../../usage/usage-store.ts';
import type { UsageRow } from '../../usage/usage-store.ts';
import type { LoggedCall } from './call-log.ts';

export interface FailedUsageDeps {
  database: Pick<Database, 'workspace'>;
  logger: Logger;
  priceVersionOf: (workspaceId: WorkspaceId, ref: ModelRef) => string;
}

/** Writes rows for attempts that failed and cost something all the same; who is answered writes its own. */
export interface FailedUsage {
  add(call: LoggedCall): void;
  /** Resolves when everything added so far is written or given up. */
  close(): Promise<void>;
}

/** Creates the writer. Such attempts are rare, so each is written by itself, beside the call. */
export function createFailedUsage(deps: FailedUsageDeps): FailedUsage {
  const writing = new Set<Promise<void>>();
  return {
    add(call) {
      if (!isOwed(call)) return;
      const write = deps.database
        .workspace(call.owner.workspaceId, async (tx) => {
          await recordUsage(tx, [rowOf(call, deps)]);
        })
        .catch((error: unknown) => {
          const { owner, ref, costMicros } = call;
          const row = { ...ref, call_id: owner.callId, cost_micros: costMicros };
          deps.logger.error(
            { ...row, error: String(error) },
            'a failed attempt that cost money has no usage row',
          );
        })
        .finally(() => writing.delete(write));
      writing.add(write);
    },
    async close() {
      await Promise.all(writing);
    },
  };
}

/** A turn whose time is over, or that was stopped, tells by its own event what the call has cost until then. */
function isOwed({ status, costMicros, owner }: LoggedCall): boolean {
  if (status === 'success' || costMicros === 0) return false;
  const tellsItself = owner.source === 'run' || owner.source === 'judge';
  return !(status === 'cancelled' && tellsItself);
}

function rowOf(call: LoggedCall, { priceVersionOf }: FailedUsageDeps): UsageRow {
  const { owner, ref } = call;
  return {
    workspaceId: owner.workspaceId,
    runId: owner.runId ?? null,
    callKey: `${owner.callId}/failed/${newId()}`,
    agentSlug: owner.agent ?? null,
    ...ref,
    inputTokens: call.inputTokens,
    outputTokens: call.outputTokens,
    cachedInputTokens: 0,
    reasoningTokens: 0,
    costMicros: call.costMicros,
    priceVersion: priceVersionOf(owner.workspaceId, ref),
    estimated: true,
    offline: false,
    kind: call.kind,
    source: owner.source,
    status: call.status,
    durationMs: Math.max(0, Math.round(call.durationMs)),
    at: new Date(call.at),
  };
}
