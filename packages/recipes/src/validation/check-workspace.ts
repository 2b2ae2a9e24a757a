import type { AgentStatus, WorkspaceFacts } from './workspace-facts.ts';
import type { DraftStep } from '../definition/parse-recipe.ts';
import { fromPointer, toPointer } from '../definition/pointer.ts';
import { isAgentStep } from '../definition/step-kinds.ts';
import { suggest } from '../definition/suggest.ts';
import { parseTemplate } from '../references/parse-template.ts';
import type { ValueType } from '../references/filters.ts';
import { soleReference } from '../references/template.ts';
import { typesOfReference } from './check-references.ts';
import type { ReferenceChecks } from './check-references.ts';
import { compileAt } from './check-schemas.ts';
import { shapeOf, typesOf, walkShape } from './schema-walk.ts';
import { templatesOf } from './templates-of.ts';

const WORKING: readonly AgentStatus[] = ['active', 'busy'];

/** Agents and tools that the recipe names must be there and usable, and tool inputs must fit their schemas. */
export function checkWorkspace(checks: ReferenceChecks, facts: WorkspaceFacts): void {
  for (const step of checks.draft.steps) {
    if (step.step === null) continue;
    if (step.step.type === undefined || step.step.type === 'agent') {
      checkAgentStep(checks, step, facts);
    } else if (step.step.type === 'tool') checkToolStep(checks, step, facts);
  }
}

function checkAgentStep(
  { list }: ReferenceChecks,
  { step, path }: DraftStep,
  facts: WorkspaceFacts,
): void {
  if (step === null || !isAgentStep(step)) return;
  const agent = facts.agent(step.agent);
  if (agent === null) {
    const near = suggest(step.agent, facts.agentNames);
    list.add([...path, 'agent'], `there is no agent "${step.agent}"`, { suggestion: near });
  } else if (!WORKING.includes(agent.status)) {
    const message = `the agent "${step.agent}" is ${agent.status} and takes no work; activate it`;
    list.add([...path, 'agent'], message);
  }
  for (const [index, name] of (step.tools ?? []).entries()) {
    const place = [...path, 'tools', index];
    if (facts.tool(name) === null) {
      const near = suggest(name, facts.toolNames);
      list.add(place, `there is no tool "${name}"`, { suggestion: near });
    } else if (agent !== null && !agent.tools.includes(name)) {
      list.add(place, `the agent "${step.agent}" may not use the tool "${name}"`, {
        suggestion: suggest(name, agent.tools),
      });
    }
  }
}

function checkToolStep(checks: ReferenceChecks, draft: DraftStep, facts: WorkspaceFacts): void {
  const { step, path } = draft;
  if (step?.type !== 'tool') return;
  const tool = facts.tool(step.tool);
  if (tool === null) {
    const near = suggest(step.tool, facts.toolNames);
    checks.list.add([...path, 'tool'], `there is no tool "${step.tool}"`, { suggestion: near });
    return;
  }
  const check = compileAt(tool.input_schema, [...path, 'tool'], checks);
  const dynamic = dynamicPlaces(draft);
  for (const problem of check?.(step.input) ?? []) {
    // What a reference will stand for is not known yet; its type is compared below.
    if ([...dynamic.keys()].some((place) => place === problem.pointer)) continue;
    if (problem.pointer === '' && dynamic.size > 0) continue;
    checks.list.add([...path, 'input', ...fromPointer(problem.pointer)], problem.message, {
      suggestion: problem.suggestion ?? null,
      key: problem.message.startsWith('unknown field'),
    });
  }
  checkDynamicTypes(checks, { draft, schema: tool.input_schema, dynamic });
}

/** Texts of a tool step's input that hold references, by JSON pointer into the input. */
function dynamicPlaces(draft: DraftStep): Map<string, string> {
  const skip = draft.path.length + 1;
  return new Map(
    templatesOf(draft)
      .filter(({ text }) => parseTemplate(text).parts.some((part) => part.kind === 'reference'))
      .map(({ path, text }) => [toPointer(path.slice(skip)), text]),
  );
}

function checkDynamicTypes(
  checks: ReferenceChecks,
  {
    draft,
    schema,
    dynamic,
  }: { draft: DraftStep; schema: Parameters<typeof shapeOf>[0]; dynamic: Map<string, string> },
): void {
  for (const [pointer, text] of dynamic) {
    const segments = fromPointer(pointer);
    const walked = walkShape(
      shapeOf(schema),
      segments.map((part) => {
        const span = { start: 0, end: 0 };
        return /^\d+$/.test(part)
          ? { kind: 'index' as const, index: Number(part), ...span }
          : { kind: 'field' as const, name: part, ...span };
      }),
    );
    const wanted = 'shape' in walked ? typesOf(walked.shape) : null;
    const sole = soleReference(parseTemplate(text));
    const given: Set<ValueType> | null =
      sole === null ? new Set(['string']) : typesOfReference(checks, draft, sole);
    if (wanted === null || given === null || [...given].some((type) => wanted.has(type))) continue;
    const message = `takes ${[...wanted].join(' or ')}, but the reference gives ${[...given].join(' or ')}`;
    checks.list.add([...draft.path, 'input', ...segments], message);
  }
}
