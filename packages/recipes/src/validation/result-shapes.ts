import { findingSchema } from '@automatos/contracts';
import type { LeafStep, RecipeStep } from '@automatos/contracts';
import type { JsonObject } from '@automatos/kernel';
import { z } from 'zod';
import type { DraftStep } from '../definition/draft-step.ts';
import { isAgentStep, OTHERWISE } from '../definition/step-kinds.ts';
import type { AgentStep, StepOf } from '../definition/step-kinds.ts';
import { repetitionOf } from './names.ts';
import { shapeOf } from './schema-walk.ts';
import type { Shape } from './schema-walk.ts';

const FINDINGS: JsonObject = {
  type: 'array',
  items: withoutDraft(z.toJSONSchema(findingSchema) as JsonObject),
};
const STRING: JsonObject = { type: 'string' };
const TEXT_OR_NULL: JsonObject = { type: ['string', 'null'] };
const INTEGER: JsonObject = { type: 'integer' };
const BOOLEAN: JsonObject = { type: 'boolean' };
const USAGE: JsonObject = closed({
  model_calls: INTEGER,
  tool_calls: INTEGER,
  input_tokens: INTEGER,
  output_tokens: INTEGER,
  cached_input_tokens: INTEGER,
  reasoning_tokens: INTEGER,
  cost_micros: { type: ['integer', 'null'] },
  estimated: BOOLEAN,
});

/** Fields of `{{run.…}}`. */
export const RUN_SHAPE: Shape = shapeOf(
  closed({ id: STRING, started_at: { type: 'string', format: 'date-time' }, findings: FINDINGS }),
);
/** Fields of `{{each.…}}`. */
export const EACH_SHAPE: Shape = shapeOf(
  closed({ index: INTEGER, number: INTEGER, total: INTEGER }),
);

/** What is known of the workspace when shapes are made. */
export interface ShapeFacts {
  /** Output schema of a tool, null when there is no such tool. */
  toolOutput(name: string): JsonObject | null;
  /** Names of the tools that an agent step may use, null when the agent is not known. */
  agentTools(agent: string, narrowed: readonly string[] | undefined): readonly string[] | null;
  /** Names of the outputs of another recipe, null when it is not known. */
  recipeOutputs(ref: string, version: number | undefined): readonly string[] | null;
}

/** Shape of a step's whole result, and of its main value, which the seeds' forms mean. */
export interface ResultShape {
  value: Shape;
  main: Shape;
}
type Part = keyof ResultShape;
type Schemas = Record<Part, JsonObject>;

const UNKNOWN: Schemas = { value: {}, main: {} };

/** Shapes of the results of all steps by output key. */
export function resultShapes(
  steps: readonly DraftStep[],
  facts: ShapeFacts,
): Map<string, ResultShape> {
  const schemas = new Map<string, Schemas>();
  // Steps inside a container come after it, and its shape is made of theirs.
  for (const step of steps.toReversed()) {
    const children = steps.filter((child) => child.parent === step.stepId);
    const inner = (part: Part) => innerSchemas(children, schemas, part);
    schemas.set(step.outputKey, schemasOf(step, facts, inner));
  }
  return new Map(
    [...schemas].map(([key, { value, main }]) => [
      key,
      { value: shapeOf(value), main: shapeOf(main) },
    ]),
  );
}

/** Shape of `{{loop.…}}` inside of a loop. */
export function loopShape(
  steps: readonly DraftStep[],
  loop: DraftStep,
  shapes: ReadonlyMap<string, ResultShape>,
): Shape {
  const inside = steps.filter((step) => step.parent === loop.stepId);
  const previous = Object.fromEntries(
    inside.map(({ outputKey }) => [outputKey, shapes.get(outputKey)?.value.schema ?? {}]),
  );
  return shapeOf(closed({ iteration: INTEGER, max: INTEGER, previous: closed(previous) }));
}

function innerSchemas(
  children: readonly DraftStep[],
  known: ReadonlyMap<string, Schemas>,
  part: Part,
): Record<string, JsonObject> {
  return Object.fromEntries(
    children.map(({ outputKey }) => [outputKey, inlined(known.get(outputKey)?.[part] ?? {})]),
  );
}

function schemasOf(
  draft: DraftStep,
  facts: ShapeFacts,
  inner: (part: Part) => Record<string, JsonObject>,
): Schemas {
  const { step } = draft;
  if (step === null) return UNKNOWN;
  const own = both((part) => ownSchema(step, { facts, part, inner: inner(part) }));
  if (step.type === 'map' || repetitionOf(draft) === null) return own;
  const items = both((part) => listOfItems(inlined(own[part]), 'skip'));
  return { value: collected(items.value), main: items.main };
}

function ownSchema(
  step: RecipeStep,
  at: { facts: ShapeFacts; part: Part; inner: Record<string, JsonObject> },
): JsonObject {
  const { inner, part } = at;
  switch (step.type) {
    case 'parallel':
      return closed(inner);
    case 'map': {
      const items = listOfItems(closed(inner), step.on_item_error);
      return part === 'main' ? items : collected(items);
    }
    case 'branch':
      return closed({ ...inner, taken: { type: ['string', 'null'], enum: armNames(step) } });
    case 'loop':
      return closed({ ...inner, iterations: INTEGER, met: BOOLEAN });
    default:
      return leafSchemas(step, at.facts)[part];
  }
}

function armNames(step: StepOf<'branch'>): (string | null)[] {
  const names = step.branches.map((arm, index) => arm.name ?? `branch_${index + 1}`);
  return [...names, step.otherwise === undefined ? null : OTHERWISE];
}

/** Items in the order of the list; failed ones are null where they may fail. */
function listOfItems(item: JsonObject, onItemError: 'stop' | 'skip' | undefined): JsonObject {
  const items = onItemError === 'skip' ? { anyOf: [item, { type: 'null' }] } : item;
  return { type: 'array', items };
}

function collected(items: JsonObject): JsonObject {
  const failed = closed({ index: INTEGER, error: { type: 'object' } });
  return closed({
    items,
    failed: { type: 'array', items: failed },
    total: INTEGER,
    succeeded: INTEGER,
  });
}

function leafSchemas(step: LeafStep, facts: ShapeFacts): Schemas {
  if (isAgentStep(step)) return agentSchemas(step, facts);
  switch (step.type) {
    case 'document':
      return {
        value: closed({ artifact_id: STRING, title: STRING, format: STRING, content: STRING }),
        main: STRING,
      };
    case 'tool': {
      const output = withoutDraft(step.output_schema ?? facts.toolOutput(step.tool) ?? {});
      const value = { output: inlined(output), summary: STRING, ...findingFields() };
      return { value: closed(value), main: output };
    }
    case 'code': {
      const output = withoutDraft(step.output_schema ?? {});
      return { value: closed({ output: inlined(output), log: STRING }), main: output };
    }
    case 'recipe':
      return recipeSchemas(step, facts);
    case 'approval':
      return approvalSchemas(step);
    case 'wait': {
      const event = step.event === undefined ? { type: 'null' } : {};
      return { value: closed({ waited_ms: INTEGER, event, timed_out: BOOLEAN }), main: event };
    }
    default:
      return UNKNOWN;
  }
}

function agentSchemas(step: AgentStep, facts: ShapeFacts): Schemas {
  const object = withoutDraft(step.output_schema ?? { type: 'null' });
  const tools = facts.agentTools(step.agent, step.tools);
  const value = closed({
    text: STRING,
    object: inlined(object),
    ...findingFields(),
    tools: tools === null ? { type: 'object' } : closed(toolRecords(tools, facts)),
    usage: USAGE,
    offline: BOOLEAN,
    provider: STRING,
    model: STRING,
  });
  return { value, main: step.output_schema === undefined ? STRING : object };
}

function recipeSchemas(step: StepOf<'recipe'>, facts: ShapeFacts): Schemas {
  const names = facts.recipeOutputs(step.recipe, step.version);
  const known =
    names === null ? { type: 'object' } : closed(Object.fromEntries(names.map((key) => [key, {}])));
  const outputs = withoutDraft(step.output_schema ?? known);
  const value = closed({
    run_id: STRING,
    status: STRING,
    outputs: inlined(outputs),
    usage: USAGE,
    findings_total: INTEGER,
  });
  return { value, main: outputs };
}

function approvalSchemas(step: StepOf<'approval'>): Schemas {
  const decision = { type: 'string', enum: ['approved', 'rejected'] };
  const values = step.fields === undefined ? { type: 'object' } : inlined(step.fields);
  const value = closed({
    decision,
    by: TEXT_OR_NULL,
    comment: TEXT_OR_NULL,
    values: { anyOf: [values, { type: 'null' }] },
    decided_at: STRING,
  });
  return { value, main: decision };
}

function findingFields() {
  return { findings: FINDINGS, findings_total: INTEGER };
}

function toolRecords(tools: readonly string[], facts: ShapeFacts): Record<string, JsonObject> {
  return Object.fromEntries(
    tools.map((name) => {
      const output = inlined(withoutDraft(facts.toolOutput(name) ?? {}));
      return [name, closed({ summary: STRING, output, status: STRING })];
    }),
  );
}

function both(make: (part: Part) => JsonObject): Schemas {
  return { value: make('value'), main: make('main') };
}

function closed(properties: Record<string, JsonObject>): JsonObject {
  return { type: 'object', properties, additionalProperties: false };
}

function withoutDraft({ $schema: _draft, ...schema }: JsonObject): JsonObject {
  return schema;
}

/** A schema that stands inside another one: its own references would point into the wrong document, so they say nothing. */
function inlined(schema: JsonObject): JsonObject {
  return JSON.parse(
    JSON.stringify(schema, (_key, value: unknown) =>
      typeof value === 'object' && value !== null && '$ref' in value ? {} : value,
    ),
  ) as JsonObject;
}
