import {
  isPlatformError,
  toPlatformError,
  type Logger,
  type PlatformError,
} from '@automatos/kernel';
import type { Capability, ToolDefinition, ToolInvocation } from '../definition.ts';
import { assertOffered, assertPermitted, needOf } from '../grants.ts';
import { unknownTool, type ToolRegistry } from '../registry.ts';
import { toolError } from '../tool-error.ts';
import { assertSafeArguments, parseArguments } from './check-arguments.ts';
import type { ExecutorLimits } from './limits.ts';

/** A call that passed every check, with its arguments completed by defaults. */
export interface PreparedCall {
  tool: ToolDefinition;
  input: unknown;
  timeoutMs: number;
}

/** More checks before a run (settings of the workspace, consent of people, rates); throwing refuses the call. */
export type Permit = (
  tool: ToolDefinition,
  call: ToolInvocation,
  /** What this very call needs, with its arguments completed. */
  need: { input: unknown; capabilities: readonly Capability[] },
) => void | Promise<void>;

export interface PrepareDeps {
  registry: ToolRegistry;
  permit?: Permit | undefined;
  limits: ExecutorLimits;
  logger: Logger;
}

/** A call that may go on, or why not: refused by permission, or by its arguments. */
export type Preparation =
  | { kind: 'ready'; call: PreparedCall }
  | { kind: 'refused'; status: 'denied' | 'error'; error: PlatformError };

async function checkCall(call: ToolInvocation, deps: PrepareDeps): Promise<Preparation> {
  const tool = deps.registry.get(call.tool);
  if (tool === undefined) {
    const offered = deps.registry.forGrants(call.grants).map((known) => known.name);
    return { kind: 'refused', status: 'denied', error: unknownTool(call.tool, offered) };
  }
  assertOffered(tool, call.grants);
  assertSafeArguments(call.input, deps.limits.inputBytesMax);
  const input = parseArguments(tool, call.input);
  assertPermitted(tool, input, {
    grants: call.grants,
    allowedCapabilities: call.allowedCapabilities,
  });
  const { capabilities } = needOf(tool, input);
  await deps.permit?.(tool, call, { input, capabilities });
  return {
    kind: 'ready',
    call: {
      tool,
      input,
      timeoutMs: Math.min(call.timeoutMs ?? tool.timeoutMs, deps.limits.timeoutMsMax),
    },
  };
}

/** Resolves, permits and validates; whatever goes wrong in a check refuses the call, never lets it pass. */
export async function prepareCall(call: ToolInvocation, deps: PrepareDeps): Promise<Preparation> {
  try {
    return await checkCall(call, deps);
  } catch (error) {
    if (isPlatformError(error))
      return {
        kind: 'refused',
        status: error.kind === 'invalid-input' ? 'error' : 'denied',
        error,
      };
    deps.logger.error(
      { error: toPlatformError(error).internalMessage },
      'a permission check failed',
    );
    const message = 'The permission check failed, so the tool was not run.';
    return {
      kind: 'refused',
      status: 'denied',
      error: toolError('tools.permission.check_failed', 'forbidden', { message, cause: error }),
    };
  }
}
