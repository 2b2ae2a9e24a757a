import {
  agentStepSchema,
  approvalStepSchema,
  branchArmSchema,
  branchStepSchema,
  codeStepSchema,
  documentStepSchema,
  executionSchema,
  loopStepSchema,
  mapStepSchema,
  parallelStepSchema,
  recipeDefinitionSchema,
  recipeStepSchema,
  runEventTriggerSpecSchema,
  toolStepSchema,
  waitStepSchema,
  webhookTriggerSpecSchema,
} from '@automatos/contracts';
import type { FieldError, JsonObject, JsonValue } from '@automatos/kernel';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { toPointer } from '../definition/pointer.ts';
import type { Path } from '../definition/pointer.ts';
import { badValue, fieldPaths, recipeWith, STEPS } from './every-field.fixture.ts';
import { problemsOf, problemsOfJson } from './facts.fixture.ts';

const SHAPES: Record<string, object> = {
  agent: agentStepSchema.shape,
  tool: toolStepSchema.shape,
  code: codeStepSchema.shape,
  document: documentStepSchema.shape,
  recipe: recipeStepSchema.shape,
  approval: approvalStepSchema.shape,
  wait: waitStepSchema.shape,
  parallel: parallelStepSchema.shape,
  map: mapStepSchema.shape,
  branch: branchStepSchema.shape,
  loop: loopStepSchema.shape,
};
const TYPES = Object.keys(STEPS);

function stepOf(type: string): JsonObject {
  return STEPS[type] ?? {};
}

/** The recipe with one field changed, or left out. */
function changed(recipe: JsonObject, path: Path, value: JsonValue | undefined): JsonObject {
  // A structured clone would keep what is shared shared.
  const copy = JSON.parse(JSON.stringify(recipe)) as JsonObject;
  let holder: Record<string, unknown> = copy;
  for (const part of path.slice(0, -1)) holder = holder[String(part)] as Record<string, unknown>;
  const name = String(path.at(-1));
  if (value === undefined) delete holder[name];
  else holder[name] = value;
  return copy;
}

/** Checks that one bad field gives exactly one problem, at the field and its line. */
function onlyProblem(recipe: JsonObject, path: Path): FieldError | undefined {
  const yaml = stringify(recipe, { lineWidth: 0, aliasDuplicateObjects: false });
  const problems = problemsOf(yaml);
  const pointer = toPointer(path);
  expect(problems.map((problem) => problem.pointer.slice(0, pointer.length))).toEqual([pointer]);
  const [problem] = problems;
  const line = yaml.split('\n')[(problem?.line ?? 0) - 1] ?? '';
  // A list begins on the line after its name.
  const above = yaml.split('\n')[(problem?.line ?? 0) - 2] ?? '';
  expect(
    line.includes(`${String(path.at(-1))}:`) || above.includes(`${String(path.at(-1))}:`),
  ).toBe(true);
  expect(problem?.message.length).toBeGreaterThan(5);
  return problem;
}

describe.each(TYPES)('a step of type %s', (type) => {
  const recipe = recipeWith(stepOf(type));

  it('is sound with every field that it may have, as YAML and as JSON', () => {
    expect(problemsOf(stringify(recipe))).toEqual([]);
    expect(problemsOfJson(recipe)).toEqual([]);
    // `wait` has one of three; an approval step asks by itself.
    const left: Record<string, string[]> = { wait: ['for_ms', 'until'], approval: ['approval'] };
    expect([...Object.keys(stepOf(type)), ...(left[type] ?? [])].toSorted()).toEqual(
      Object.keys(SHAPES[type] ?? {}).toSorted(),
    );
  });

  const paths = fieldPaths(stepOf(type), ['steps', 1]);
  it.each(paths.map((path) => [toPointer(path), path] as const))(
    'a bad %s is one problem',
    (_pointer, path) => {
      const bad = badValue(String(path.at(-1)));
      if (bad === undefined) return;
      expect(onlyProblem(changed(recipe, path, bad), path)).toBeDefined();
    },
  );

  it('unknown fields are named with what was meant', () => {
    for (const name of ['step_idd', 'whn', 'on_eror']) {
      const problem = onlyProblem(changed(recipe, ['steps', 1, name], 1), ['steps', 1, name]);
      expect(problem?.suggestion).toBeDefined();
    }
  });

  it('fields of other types say whose they are', () => {
    const foreign = type === 'agent' ? 'input' : 'prompt_template';
    const problem = onlyProblem(changed(recipe, ['steps', 1, foreign], 'x'), ['steps', 1, foreign]);
    expect(problem?.message).toMatch(
      /has no "(input|prompt_template)"; (it belongs to|put it on the steps inside)/,
    );
  });
});

describe('the recipe around the steps', () => {
  const recipe = recipeWith(stepOf('agent'));
  const { steps: _steps, ...head } = recipe;

  it('has every field of the contract in this test', () => {
    expect(Object.keys(recipe).toSorted()).toEqual(
      Object.keys(recipeDefinitionSchema.shape).toSorted(),
    );
    expect(Object.keys(recipe['execution'] as object).toSorted()).toEqual(
      Object.keys(executionSchema.shape).toSorted(),
    );
    const [webhook, runEvent] = recipe['triggers'] as object[];
    expect(Object.keys(webhook ?? {}).toSorted()).toEqual(
      Object.keys(webhookTriggerSpecSchema.shape).toSorted(),
    );
    expect(Object.keys(runEvent ?? {}).toSorted()).toEqual(
      Object.keys(runEventTriggerSpecSchema.shape).toSorted(),
    );
    expect(Object.keys(branchArmSchema.shape)).toEqual(['name', 'when', 'steps']);
  });

  it.each([...fieldPaths(head), ['steps']].map((path) => [toPointer(path), path] as const))(
    'a bad %s is one problem',
    (_pointer, path) => {
      const bad = badValue(String(path.at(-1)));
      if (bad === undefined) return;
      expect(onlyProblem(changed(recipe, path, bad), path)).toBeDefined();
    },
  );

  it.each([
    [['slug']],
    [['name']],
    [['steps']],
    [['steps', 1, 'step_id']],
    [['steps', 1, 'agent']],
    [['steps', 1, 'prompt_template']],
    [['steps', 1, 'approval', 'message']],
    [['steps', 1, 'for_each', 'items']],
    [['triggers', 0, 'type']],
    [['triggers', 0, 'name']],
    [['triggers', 1, 'on']],
  ])('%j is required', (path: Path) => {
    const problems = problemsOf(stringify(changed(recipe, path, undefined)));
    expect(problems.map(({ pointer, message }) => `${pointer} ${message}`)).toEqual([
      `${toPointer(path)} is required`,
    ]);
  });
});
