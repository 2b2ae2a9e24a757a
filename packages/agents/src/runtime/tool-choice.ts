import type { JsonObject, WorkspaceId } from '@automatos/kernel';
import type { ToolSpec } from '@automatos/providers';
import type { RunContext } from '@automatos/runs';
import type { ToolGrant } from '@automatos/tools';
import { FIND_TOOLS } from '@automatos/tools';
import { agentError } from '../agent-error.ts';
import type { AgentRuntimeDeps, TurnRequest } from './runtime-types.ts';
import type { ToolSelection } from './tool-selection.ts';

/** More tools than these are not shown to a model at once: the few best for the task, and one that finds the others. */
export const SHOWN_TOOLS_MAX = 20;

export interface ChosenTools {
  specs: ToolSpec[];
  grants: ToolGrant[];
  /** Names that the agent may use and that are not shown yet. */
  hidden: ReadonlySet<string>;
}

/**
 * The tools that a turn shows: those of the agent, narrowed to what the request names, without what the workspace switched off. The
 * grants are narrowed too, so that the executor refuses the rest. Recorded, because settings change and a replay must not notice.
 * Throws `agents.tool.not_granted` for a name that the agent does not have or that is switched off.
 */
export async function chooseTools(
  deps: Pick<AgentRuntimeDeps, 'registry' | 'selection'>,
  context: RunContext,
  request: TurnRequest,
): Promise<ChosenTools> {
  const granted: ToolGrant[] = request.agent.tools.map(({ tool, level }) => ({ tool, level }));
  const available = deps.registry.forGrants(granted).map((tool) => tool.name);
  const { selection } = deps;
  if (selection === undefined || available.length === 0) {
    assertAvailable(request, { available, off: new Set() });
    return chosen(deps, granted, { shown: wantedOf(request, available), hidden: [] });
  }
  const body = async (): Promise<JsonObject> => {
    const off = await selection.disabled(context.workspaceId);
    const names = wantedOf(
      request,
      available.filter((name) => !off.has(name)),
    );
    const shown =
      names.length <= SHOWN_TOOLS_MAX
        ? names
        : await theBest(selection, { workspaceId: context.workspaceId, request, names });
    return { off: [...off], shown, hidden: names.filter((name) => !shown.includes(name)) };
  };
  const choice = (await context.step(`tools:${request.stepId}/${request.attempt}`, body, {
    signal: request.signal,
  })) as unknown as { off: string[]; shown: string[]; hidden: string[] };
  assertAvailable(request, { available, off: new Set(choice.off) });
  return chosen(deps, granted, choice);
}

async function theBest(
  selection: ToolSelection,
  {
    workspaceId,
    request,
    names,
  }: { workspaceId: WorkspaceId; request: TurnRequest; names: string[] },
): Promise<string[]> {
  const { prompt } = request;
  const ranked = await selection.rank(workspaceId, prompt, {
    only: new Set(names),
    limit: SHOWN_TOOLS_MAX,
  });
  // Whoever names a tool wants it.
  const named = names.filter((name) => new RegExp(`\\b${name}\\b`).test(prompt));
  const best = [...new Set([...named, ...ranked, ...names])].slice(
    0,
    Math.max(SHOWN_TOOLS_MAX, named.length),
  );
  return names.filter((name) => best.includes(name));
}

function wantedOf({ toolNames }: TurnRequest, names: string[]): string[] {
  return toolNames === undefined ? names : names.filter((name) => toolNames.includes(name));
}

function assertAvailable(
  request: TurnRequest,
  { available, off }: { available: string[]; off: ReadonlySet<string> },
): void {
  const missing = (request.toolNames ?? []).filter(
    (name) => !available.includes(name) || off.has(name),
  );
  if (missing.length === 0) return;
  const list = missing.map((name) => `"${name}"`).join(', ');
  const why = missing.every((name) => off.has(name))
    ? 'which the workspace has switched off. Switch it on in its settings'
    : `which agent "${request.agent.slug}" does not have. Give the agent the tool`;
  throw agentError('agents.tool.not_granted', {
    kind: 'invalid-input',
    message: `Step "${request.stepId}" wants ${list}, ${why}, or take it out of the step's tools. The agent has: ${available.join(', ') || 'none'}.`,
  });
}

function chosen(
  { registry }: Pick<AgentRuntimeDeps, 'registry'>,
  granted: ToolGrant[],
  { shown, hidden }: { shown: string[]; hidden: string[] },
): ChosenTools {
  const usable = new Set([...shown, ...hidden]);
  const grants = granted.filter((grant) => usable.has(grant.tool));
  const specs = shown.map((name) => specOf(registry, name));
  if (hidden.length === 0) return { specs, grants, hidden: new Set() };
  return {
    specs: [...specs, ...(shown.includes(FIND_TOOLS) ? [] : [specOf(registry, FIND_TOOLS)])],
    grants: [...grants, { tool: FIND_TOOLS, level: 'full' }],
    hidden: new Set(hidden),
  };
}

/** Tools that were looked for and found join those that are shown. */
export function revealTools(
  { registry }: Pick<AgentRuntimeDeps, 'registry'>,
  { specs, hidden }: Pick<ChosenTools, 'specs' | 'hidden'>,
  found: readonly string[],
): ToolSpec[] {
  const known = new Set(specs.map((spec) => spec.name));
  const fresh = [...new Set(found)].filter((name) => hidden.has(name) && !known.has(name));
  return [...specs, ...fresh.map((name) => specOf(registry, name))];
}

function specOf(registry: AgentRuntimeDeps['registry'], name: string): ToolSpec {
  const { description, input_schema } = registry.describe(name);
  return { name, description, inputSchema: input_schema };
}
