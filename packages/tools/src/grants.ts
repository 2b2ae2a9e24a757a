import {
  CAPABILITIES,
  type Capability,
  type ToolDefinition,
  type ToolGrant,
  type ToolLevel,
} from './definition.ts';
import { toolError } from './tool-error.ts';

/** What a tool needs for one concrete action. */
interface Need {
  action: string | undefined;
  capabilities: readonly Capability[];
}

const READ_ONLY: readonly Capability[] = ['read', 'network'];

function isWithin(needed: readonly Capability[], allowed: readonly Capability[]): boolean {
  return needed.every((capability) => allowed.includes(capability));
}

function levelPermits(level: ToolLevel, need: Need): boolean {
  if (level === 'full') return true;
  if (level === 'read_only') return isWithin(need.capabilities, READ_ONLY);
  return need.action !== undefined && level.actions.includes(need.action);
}

/** All actions of a tool as needs; a tool without actions is one unnamed action. */
function needsOf(tool: ToolDefinition): Need[] {
  if (tool.actions === undefined) return [{ action: undefined, capabilities: tool.capabilities }];
  return Object.entries(tool.actions).map(([action, capabilities]) => ({ action, capabilities }));
}

/** What one call needs, decided by its arguments. */
export function needOf(tool: ToolDefinition, input: unknown): Need {
  if (tool.actions === undefined || tool.actionOf === undefined)
    return { action: undefined, capabilities: tool.capabilities };
  const action = tool.actionOf(input);
  const capabilities = Object.hasOwn(tool.actions, action) ? tool.actions[action] : undefined;
  // An action that the table does not know needs everything: fail closed.
  return { action, capabilities: capabilities ?? CAPABILITIES };
}

/** True when at least one action of the tool may be used under these grants: whether to offer it at all. */
export function isOffered(tool: ToolDefinition, grants: ToolGrant[] | 'all'): boolean {
  if (grants === 'all') return true;
  return grants.some(
    (grant) =>
      grant.tool === tool.name && needsOf(tool).some((need) => levelPermits(grant.level, need)),
  );
}

/** Throws `tools.tool.not_granted` for a tool of which no action may be used; needs no input yet. */
export function assertOffered(tool: ToolDefinition, grants: ToolGrant[] | 'all'): void {
  if (!isOffered(tool, grants)) {
    throw toolError(
      'tools.tool.not_granted',
      'forbidden',
      `Tool "${tool.name}" may not be used: it was not given to this agent. Give it on the agent's tools page.`,
    );
  }
}

/**
 * Throws `tools.tool.not_granted` or `tools.capability.not_allowed` unless this very call is permitted.
 * Runs again at execution, because grants may have changed since the tool was offered.
 */
export function assertPermitted(
  tool: ToolDefinition,
  input: unknown,
  rights: { grants: ToolGrant[] | 'all'; allowedCapabilities?: Capability[] | undefined },
): void {
  const need = needOf(tool, input);
  const action = need.action === undefined ? '' : ` (action "${need.action}")`;
  if (rights.grants !== 'all') {
    const own = rights.grants.filter((grant) => grant.tool === tool.name);
    if (!own.some((grant) => levelPermits(grant.level, need))) {
      const why =
        own.length === 0
          ? 'it was not given to this agent'
          : 'the level it was given at does not cover this';
      throw toolError(
        'tools.tool.not_granted',
        'forbidden',
        `Tool "${tool.name}"${action} may not be used: ${why}. Give it on the agent's tools page.`,
      );
    }
  }
  const allowed = rights.allowedCapabilities;
  if (allowed !== undefined && !isWithin(need.capabilities, allowed)) {
    const missing = need.capabilities.filter((capability) => !allowed.includes(capability));
    throw toolError(
      'tools.capability.not_allowed',
      'forbidden',
      `Tool "${tool.name}"${action} needs "${missing.join('", "')}", but this step allows only: ${allowed.join(', ') || 'nothing'}.`,
    );
  }
}
