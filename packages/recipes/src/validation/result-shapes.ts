import { findingSchema } from '@automatos/contracts';
import type { JsonObject } from '@automatos/kernel';
import { z } from 'zod';
import type { DraftStep } from '../definition/parse-recipe.ts';
import { isAgentStep } from '../definition/step-kinds.ts';
import { shapeOf } from './schema-walk.ts';
import type { Shape } from './schema-walk.ts';

const FINDINGS: JsonObject = {
  type: 'array',
  items: withoutDraft(z.toJSONSchema(findingSchema) as JsonObject),
};
const STRING: JsonObject = { type: 'string' };
const INTEGER: JsonObject = { type: 'integer' };
const USAGE_FIELDS = [
  'model_calls',
  'tool_calls',
  'input_tokens',
  'output_tokens',
  'cached_input_tokens',
  'reasoning_tokens',
];

/** Fields of `{{run.…}}`. */
export const RUN_SHAPE: Shape = shapeOf(
  closed({ id: STRING, started_at: { type: 'string', format: 'date-time' }, findings: FINDINGS }),
);

/** What is known of the workspace when shapes are made. */
export interface ShapeFacts {
  /** Output schema of a tool, null when there is no such tool. */
  toolOutput(name: string): JsonObject | null;
  /** Names of the tools that an agent step may use, null when the agent is not known. */
  agentTools(agent: string, narrowed: readonly string[] | undefined): readonly string[] | null;
}

export interface ResultShape {
  value: Shape;
  main: Shape;
}

/** Shapes of the results of all steps by output key: the whole result and the main value. */
export function resultShapes(
  steps: readonly DraftStep[],
  facts: ShapeFacts,
): Map<string, ResultShape> {
  const shapes = new Map<string, ResultShape>();
  // Groups come last, because their shape is made of their children's.
  for (const step of steps) {
    if (step.type !== 'parallel') shapes.set(step.outputKey, leafShape(step, facts));
  }
  for (const group of steps.filter((step) => step.type === 'parallel')) {
    const children = steps.filter((step) => step.parent === group.stepId);
    const inner = (part: 'value' | 'main') =>
      shapeOf(
        closed(
          Object.fromEntries(
            children.map((child) => [
              child.outputKey,
              shapes.get(child.outputKey)?.[part].schema ?? {},
            ]),
          ),
        ),
      );
    shapes.set(group.outputKey, { value: inner('value'), main: inner('main') });
  }
  return shapes;
}

function leafShape({ step }: DraftStep, facts: ShapeFacts): ResultShape {
  if (step === null || step.type === 'parallel') return { value: shapeOf({}), main: shapeOf({}) };
  if (step.type === 'document') {
    const schema = closed({ artifact_id: STRING, title: STRING, format: STRING, content: STRING });
    return { value: shapeOf(schema), main: shapeOf(STRING) };
  }
  if (step.type === 'tool') {
    const output = withoutDraft(step.output_schema ?? facts.toolOutput(step.tool) ?? {});
    const schema = {
      output: inlined(output),
      summary: STRING,
      findings: FINDINGS,
      findings_total: INTEGER,
    };
    return { value: shapeOf(closed(schema)), main: shapeOf(output) };
  }
  if (!isAgentStep(step)) return { value: shapeOf({}), main: shapeOf({}) };
  const object = withoutDraft(step.output_schema ?? { type: 'null' });
  const tools = facts.agentTools(step.agent, step.tools);
  const schema = closed({
    text: STRING,
    object: inlined(object),
    findings: FINDINGS,
    findings_total: INTEGER,
    tools: tools === null ? { type: 'object' } : closed(toolRecords(tools, facts)),
    usage: closed({
      ...Object.fromEntries(USAGE_FIELDS.map((name) => [name, INTEGER])),
      cost_micros: { type: ['integer', 'null'] },
      estimated: { type: 'boolean' },
    }),
    offline: { type: 'boolean' },
    provider: STRING,
    model: STRING,
  });
  return {
    value: shapeOf(schema),
    main: step.output_schema === undefined ? shapeOf(STRING) : shapeOf(object),
  };
}

function toolRecords(tools: readonly string[], facts: ShapeFacts): Record<string, JsonObject> {
  return Object.fromEntries(
    tools.map((name) => {
      const output = inlined(withoutDraft(facts.toolOutput(name) ?? {}));
      return [name, closed({ summary: STRING, output, status: STRING })];
    }),
  );
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
