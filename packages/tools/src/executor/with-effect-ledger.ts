import { isPlatformError, serializeError } from '@automatos/kernel';
import type { JsonValue } from '@automatos/kernel';
import type { EffectLedger } from '@automatos/runs';
import type { ToolDefinition, ToolExecutor, ToolInvocation, ToolOutcome } from '../definition.ts';
import type { ToolRegistry } from '../registry.ts';

/** Carries an outcome that took no effect out of the ledger, which then lets the action be tried again. */
class NoEffect extends Error {
  readonly outcome: ToolOutcome;
  constructor(outcome: ToolOutcome) {
    super('the call took no effect');
    this.outcome = outcome;
  }
}

const EFFECTS = new Set(['write', 'destructive', 'network', 'money']);

function hasEffects(tool: ToolDefinition): boolean {
  return tool.capabilities.some((capability) => EFFECTS.has(capability));
}

/**
 * Passes calls that change the world through the effect ledger: an effect that is recorded is answered from the record,
 * and one whose outcome a crash hid is repeated only where repeating is harmless.
 */
export function withEffectLedger<Executor extends ToolExecutor>(
  executor: Executor,
  deps: { ledger: EffectLedger; registry: Pick<ToolRegistry, 'get'> },
): Executor {
  async function execute(call: ToolInvocation): Promise<ToolOutcome> {
    const tool = deps.registry.get(call.tool);
    if (!tool || !hasEffects(tool)) return executor.execute(call);
    const startedAt = performance.now();
    const effect = {
      workspaceId: call.workspaceId,
      key: call.idempotencyKey,
      kind: call.tool,
      request: (call.input ?? null) as JsonValue,
      repeatable: tool.repeatable?.(call.input) ?? tool.idempotent,
      ...(call.runId === undefined ? {} : { runId: call.runId }),
    };
    try {
      const outcome = await deps.ledger.perform(effect, async () => {
        const made = await executor.execute(call);
        if (made.status === 'denied' || made.status === 'error') throw new NoEffect(made);
        return made as unknown as JsonValue;
      });
      return outcome as unknown as ToolOutcome;
    } catch (error) {
      if (error instanceof NoEffect) return error.outcome;
      // Cancelling is the one thing that callers hear as a rejection.
      if (call.signal.aborted) throw call.signal.reason;
      if (!isPlatformError(error)) throw error;
      const durationMs = Math.round(performance.now() - startedAt);
      return {
        status: 'error',
        output: null,
        summary: error.message,
        findings: [],
        findingsTotal: 0,
        error: serializeError(error),
        truncated: false,
        outputBytes: 0,
        durationMs,
        tainted: false,
      };
    }
  }
  return { ...executor, execute };
}
