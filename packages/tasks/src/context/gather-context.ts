import { join } from 'node:path';
import { promptForTask } from '@automatos/agents';
import type { WorkUnit } from '@automatos/agents';
import type { Agent } from '@automatos/contracts';
import { cutText } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import { FIELD_OF } from '../decomposition/vocabulary.ts';
import type { PreparedUnit } from '../pipeline/task-run.ts';
import type { TargetFacts } from '../target/target-facts.ts';

/** Tokens that the material beside a prompt may take. */
export const CONTEXT_TOKENS = 6_000;
/** Tokens of the goal itself, which every unit is told. */
const GOAL_TOKENS = 600;
const CHARACTERS_PER_TOKEN = 4;

export interface ContextRequest {
  goal: string;
  facts: TargetFacts;
  parameters: JsonObject;
  unit: WorkUnit;
  agent: Agent;
  /** What was wrong with an earlier result, in words. */
  defects: readonly string[];
}

/** Puts together what one unit's agent gets beside its instructions, within {@link CONTEXT_TOKENS}, and says where it is from. */
export function gatherContext(request: ContextRequest): PreparedUnit {
  const { unit, agent, facts } = request;
  const { prompt, inputs } = promptForTask(agent, {
    ...taskTypeOf(unit, agent),
    ...(facts.target === null ? {} : { target: facts.target }),
    parameters: { ...partsOfTarget(unit, facts), ...request.parameters },
    prompt: unit.prompt,
  });
  const goal = cutText(request.goal, GOAL_TOKENS * CHARACTERS_PER_TOKEN);
  const parts = [
    { source: 'goal', text: goal === unit.prompt ? '' : `The goal as a whole: ${goal}` },
    { source: 'target', text: facts.summary },
  ].filter(({ text }) => text !== '');
  const contextText = parts.map(({ text }) => text).join('\n\n');
  const left = CONTEXT_TOKENS - tokensOf(contextText);
  const each = unit.dependsOn.length === 0 ? 0 : Math.floor(left / unit.dependsOn.length);
  return {
    unitId: unit.id,
    prompt: withDefects(prompt, request.defects),
    inputs,
    contextText,
    charactersPerUnit: Math.max(0, each * CHARACTERS_PER_TOKEN),
    sources: [
      ...parts.map(({ source, text }) => ({ source, tokens: tokensOf(text) })),
      { source: 'inputs', tokens: tokensOf(JSON.stringify(inputs)) },
      ...unit.dependsOn.map((id) => ({ source: `unit:${id}`, tokens: each })),
      ...(request.defects.length === 0
        ? []
        : [{ source: 'quality', tokens: tokensOf(request.defects.join('\n')) }]),
    ],
  };
}

/** Estimated, as everywhere where no vendor has counted yet. */
export function tokensOf(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}

/** The capability by the name that the agent itself has for it. */
function taskTypeOf(unit: WorkUnit, { capabilities }: Agent): { task_type?: string } {
  for (const need of unit.needs) {
    if (capabilities.includes(need)) return { task_type: need };
    const near = capabilities.find((own) => FIELD_OF[own] === FIELD_OF[need]);
    if (near !== undefined && FIELD_OF[need] !== undefined) return { task_type: near };
  }
  return {};
}

/** Of a folder: the files in it that the work is about. */
function partsOfTarget(unit: WorkUnit, facts: TargetFacts): JsonObject {
  const { target, kind } = facts;
  if (kind !== 'folder' || target === null) return {};
  const fields = new Set(unit.needs.map((need) => FIELD_OF[need]));
  const paths = (files: readonly string[]) => files.map((file) => join(target, file));
  const [description] = facts.apiDescriptions;
  return {
    ...(fields.has('data') && facts.dataFiles.length > 0 ? { files: paths(facts.dataFiles) } : {}),
    ...(fields.has('monitoring') && facts.logFiles.length > 0
      ? { logs: paths(facts.logFiles) }
      : {}),
    ...(fields.has('api') && description !== undefined ? { spec: join(target, description) } : {}),
  };
}

function withDefects(prompt: string, defects: readonly string[]): string {
  if (defects.length === 0) return prompt;
  const list = defects.map((defect) => `- ${defect}`).join('\n');
  return `${prompt}\n\nAn earlier result of this task was not good enough. Do the work again as a whole, without these faults:\n${list}`;
}
