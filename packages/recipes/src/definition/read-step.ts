import {
  agentStepSchema,
  approvalStepSchema,
  branchArmSchema,
  branchStepSchema,
  codeStepSchema,
  CONTAINER_DEPTH_MAX,
  documentStepSchema,
  loopStepSchema,
  mapStepSchema,
  parallelStepSchema,
  recipeStepSchema,
  STEP_TYPES,
  stepIdSchema,
  toolStepSchema,
  waitStepSchema,
} from '@automatos/contracts';
import type { RecipeStep, StepType } from '@automatos/contracts';
import type { FieldError, JsonValue } from '@automatos/kernel';
import { z } from 'zod';
import { nameless } from './draft-step.ts';
import type { DraftStep } from './draft-step.ts';
import { toPointer } from './pointer.ts';
import type { Path } from './pointer.ts';
import { fieldNames, parseShape } from './shape-problems.ts';
import { isDocument } from './source.ts';
import type { LoadedSource } from './source.ts';
import { armName, isContainerType, OTHERWISE } from './step-kinds.ts';
import { suggest } from './suggest.ts';

/** Where a step stands. */
type Place = Pick<DraftStep, 'path' | 'parent' | 'arm' | 'container'> & {
  /** Containers around it. */
  depth?: number;
};

/** What reading a step adds to. */
export interface StepReader {
  steps: DraftStep[];
  problems: FieldError[];
  source: LoadedSource;
}

// Inner steps are read one by one, so that each problem has its own place and one wrong step hides no other.
const inner = () => z.array(z.unknown()).min(1).max(50);
const STEP_SCHEMAS = {
  agent: agentStepSchema,
  tool: toolStepSchema,
  document: documentStepSchema,
  recipe: recipeStepSchema,
  approval: approvalStepSchema,
  wait: waitStepSchema,
  code: codeStepSchema,
  parallel: parallelStepSchema.omit({ steps: true }).extend({ steps: inner() }),
  map: mapStepSchema.omit({ steps: true }).extend({ steps: inner() }),
  branch: branchStepSchema.omit({ branches: true, otherwise: true }).extend({
    branches: z
      .array(branchArmSchema.omit({ steps: true }).extend({ steps: inner() }))
      .min(1)
      .max(20),
    otherwise: inner().optional(),
  }),
  loop: loopStepSchema.omit({ steps: true }).extend({ steps: inner() }),
} as const satisfies Record<StepType, z.ZodType>;

/** Reads one step and, in containers, those inside; null when its own fields are wrong. */
export function readStep(reader: StepReader, value: JsonValue, place: Place): RecipeStep | null {
  const { source, problems } = reader;
  const { path, parent, arm, container, depth = 0 } = place;
  if (!isDocument(value)) {
    const message = 'a step is an object with step_id';
    problems.push({ pointer: toPointer(path), message, ...source.locate(path) });
    return null;
  }
  const type = stepType(reader, value['type'], place);
  const index = reader.steps.length + 1;
  const stepId = nameOf(value['step_id']) ?? nameless(index);
  const own: DraftStep = {
    path,
    index,
    stepId,
    outputKey: nameOf(value['output_key']) ?? stepId,
    type,
    step: null,
    parent,
    arm,
    container,
    dependsOn: Array.isArray(value['depends_on'])
      ? value['depends_on'].filter((id) => typeof id === 'string')
      : undefined,
  };
  reader.steps.push(own);
  if (type === null) return null;
  const shape = parseShape(STEP_SCHEMAS[type], value, {
    path,
    source,
    problems,
    unknownField: (name) => fieldOfOtherType(type, name),
  });
  const bodies = isContainerType(type) ? bodiesAsWritten(type, value) : [];
  const read = bodies.map((body) => ({
    ...body,
    steps: body.items.map((child, index) =>
      readStep(reader, child, {
        path: [...path, ...body.path, index],
        parent: own.stepId,
        arm: body.arm,
        container: isContainerType(type) ? type : null,
        depth: depth + 1,
      }),
    ),
  }));
  if (shape === null) return null;
  own.step = withBodies(shape, read);
  return own.step;
}

interface Body<T> {
  arm: string | null;
  /** From the container. */
  path: Path;
  items: JsonValue[];
  steps: T[];
}

/** The lists of steps of a container, whatever else is wrong with it. */
function bodiesAsWritten(
  type: StepType,
  value: { [key: string]: JsonValue },
): Omit<Body<never>, 'steps'>[] {
  if (type !== 'branch') return [{ arm: null, path: ['steps'], items: listOf(value['steps']) }];
  const arms = listOf(value['branches']).map((arm, index) => {
    const fields = isDocument(arm) ? arm : {};
    const name = nameOf(fields['name']) ?? undefined;
    return {
      arm: armName({ name }, index),
      path: ['branches', index, 'steps'],
      items: listOf(fields['steps']),
    };
  });
  return [...arms, { arm: OTHERWISE, path: ['otherwise'], items: listOf(value['otherwise']) }];
}

/** A container with a wrong step is still known as one; the definition as a whole is refused anyway. */
function withBodies(shape: object, bodies: readonly Body<RecipeStep | null>[]): RecipeStep {
  const stepsOf = (body: Body<RecipeStep | null> | undefined) =>
    (body?.steps ?? []).filter((step) => step !== null);
  if ('branches' in shape && Array.isArray(shape.branches)) {
    const arms: object[] = shape.branches;
    const branches = arms.map((arm, index) => ({ ...arm, steps: stepsOf(bodies[index]) }));
    const otherwise = 'otherwise' in shape ? { otherwise: stepsOf(bodies.at(-1)) } : {};
    return { ...shape, branches, ...otherwise } as unknown as RecipeStep;
  }
  const own = bodies[0];
  return (own === undefined ? shape : { ...shape, steps: stepsOf(own) }) as RecipeStep;
}

function listOf(value: JsonValue | undefined): JsonValue[] {
  return Array.isArray(value) ? value : [];
}

function nameOf(value: JsonValue | undefined): string | null {
  return stepIdSchema.safeParse(value).success ? (value as string) : null;
}

/** What to say of a field that steps of this type do not have, but others do; null when none does. */
function fieldOfOtherType(type: StepType, name: string): string | null {
  const owners = STEP_TYPES.filter((other) => fieldNames(STEP_SCHEMAS[other]).includes(name));
  if (owners.length === 0) return null;
  const kind = `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type} step`;
  if (isContainerType(type) && owners.some((other) => !isContainerType(other))) {
    return `${kind} has no "${name}"; put it on the steps inside`;
  }
  return `${kind} has no "${name}"; it belongs to ${owners.join(', ')}`;
}

function stepType(
  reader: StepReader,
  value: JsonValue | undefined,
  { path, depth = 0 }: Place,
): StepType | null {
  const type = value ?? 'agent';
  const place = [...path, 'type'];
  const problem = (message: string, suggestion?: string | null) => {
    reader.problems.push({
      pointer: toPointer(place),
      message,
      ...reader.source.locate(place),
      ...(suggestion === null || suggestion === undefined ? {} : { suggestion }),
    });
    return null;
  };
  if (typeof type !== 'string') return problem(`must be one of ${STEP_TYPES.join(', ')}`);
  if (isContainerType(type) && depth >= CONTAINER_DEPTH_MAX) {
    return problem(
      `containers stand at most ${CONTAINER_DEPTH_MAX} deep inside each other; use a recipe step for what is inside`,
    );
  }
  if ((STEP_TYPES as readonly string[]).includes(type)) return type as StepType;
  const near = suggest(type, STEP_TYPES);
  return problem(
    `unknown step type "${type}"${near === null ? `; known are ${STEP_TYPES.join(', ')}` : `; did you mean "${near}"?`}`,
    near,
  );
}
