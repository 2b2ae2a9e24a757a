import type { Agent, AgentTool } from '@automatos/contracts';
import type { Capability, ToolRegistry } from '@automatos/tools';

const CHANGING: readonly Capability[] = ['write', 'destructive', 'network', 'money'];

/** What the grants of an agent mean here; a tool that is gone is named and gives nothing. */
export function describeGrants(
  registry: Pick<ToolRegistry, 'get'>,
  grants: Agent['tools'],
): AgentTool[] {
  return grants.map(({ tool: name, level }) => {
    const tool = registry.get(name);
    return {
      tool: name,
      level,
      description: tool?.description ?? '',
      capabilities: [...(tool?.capabilities ?? [])],
      read_only: tool !== undefined && !tool.capabilities.some((one) => CHANGING.includes(one)),
      actions: Object.keys(tool?.actions ?? {}),
      available: tool !== undefined,
    };
  });
}
