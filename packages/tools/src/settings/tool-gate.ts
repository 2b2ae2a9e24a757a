import type { ToolApproval, ToolSettings } from '@automatos/contracts';
import type { Capability } from '../definition.ts';
import type { Permit } from '../executor/prepare-call.ts';
import { toolError } from '../tool-error.ts';
import type { ToolSettingsRoom } from './tool-settings.ts';

/** Code of an outcome whose call may be made again after a person consented; its message is the reason. */
export const APPROVAL_REQUIRED = 'tools.approval.required';

const CHANGES: readonly Capability[] = ['write', 'destructive', 'money'];

/**
 * Holds calls against the settings of the workspace: switched on, consent of a person, rate. Throws `tools.tool.disabled`,
 * `tools.approval.required` or `tools.rate.exceeded`; a call that was consented to still needs the other two.
 */
export function createToolGate(
  settings: Pick<ToolSettingsRoom, 'get' | 'environment' | 'countCall'>,
): Permit {
  return async (tool, call, { capabilities }) => {
    const own = await settings.get(call.workspaceId, tool.name);
    if (!own.enabled) {
      throw toolError(
        'tools.tool.disabled',
        'forbidden',
        `Tool "${tool.name}" is switched off in this workspace. An administrator can switch it on in its settings.`,
      );
    }
    if (call.approvedBy === undefined) {
      const reason =
        reasonOf(own, capabilities) ??
        (call.readForeignText === true && couldLeak(capabilities)
          ? await foreignReason(settings, call.workspaceId)
          : null);
      if (reason !== null) {
        throw toolError(
          APPROVAL_REQUIRED,
          'forbidden',
          `Tool "${tool.name}" needs the consent of a person: ${reason}`,
        );
      }
    }
    await keepRate(settings, own, call.workspaceId);
  };
}

function reasonOf(
  { approval }: { approval: ToolApproval },
  capabilities: readonly Capability[],
): string | null {
  if (approval === 'always') return 'the workspace wants to be asked before each of its calls.';
  if (approval === 'never') return null;
  const changes = CHANGES.filter((each) => capabilities.includes(each));
  if (changes.length === 0) return null;
  return `the workspace wants to be asked before calls that change things, and this one may (${changes.join(', ')}).`;
}

/** Calls by which a text of strangers could do harm or carry data away. */
function couldLeak(capabilities: readonly Capability[]): boolean {
  return (
    capabilities.includes('destructive') ||
    capabilities.includes('money') ||
    (capabilities.includes('network') && capabilities.includes('write'))
  );
}

async function foreignReason(
  settings: Pick<ToolSettingsRoom, 'environment'>,
  workspaceId: Parameters<ToolSettingsRoom['environment']>[0],
): Promise<string | null> {
  const { ask_after_foreign_text: ask } = await settings.environment(workspaceId);
  return ask
    ? 'before it, text from files or the network was read, which may hold instructions of strangers.'
    : null;
}

async function keepRate(
  settings: Pick<ToolSettingsRoom, 'countCall'>,
  own: ToolSettings,
  workspaceId: Parameters<ToolSettingsRoom['countCall']>[0],
): Promise<void> {
  const perMinute = own.rate_per_minute;
  if (perMinute === null) return;
  const waitMs = await settings.countCall(workspaceId, own.tool, perMinute);
  if (waitMs === 0) return;
  throw toolError('tools.rate.exceeded', 'limit-reached', {
    message: `Tool "${own.tool}" was called ${perMinute} times in this minute, which is its limit in this workspace. Try again in ${Math.ceil(waitMs / 1000)} s.`,
    retryable: true,
  });
}
