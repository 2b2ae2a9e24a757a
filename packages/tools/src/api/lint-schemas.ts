import type { ApiProblem } from './api-finding.ts';
import type { SchemaChecker } from './json-schema.ts';
import type { Linted } from './lint-structure.ts';
import { isJsonType, nameOf } from './operations.ts';
import type { Content, Operation } from './operations.ts';
import { childOf, entriesOf, isRecord, itemsOf, rootOf } from './spec-document.ts';
import type { Place, Spec } from './spec-document.ts';

/** Keywords that say something about a value; a schema without any of them accepts everything. */
const TELLING = [
  '$ref',
  'type',
  'enum',
  'const',
  'properties',
  'items',
  'allOf',
  'anyOf',
  'oneOf',
  'not',
  'required',
  'additionalProperties',
  'patternProperties',
  'format',
  'pattern',
  'prefixItems',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'if',
];
const OBJECT_TELLING = [
  'properties',
  'additionalProperties',
  'patternProperties',
  'allOf',
  'anyOf',
  'oneOf',
  'propertyNames',
  'enum',
  'const',
  'maxProperties',
  '$ref',
  'unevaluatedProperties',
];

function acceptsEverything(schema: Place): string | undefined {
  const { value } = schema;
  if (value === true) return 'accepts every value';
  if (!isRecord(value)) return undefined;
  if (!TELLING.some((keyword) => keyword in value)) return 'accepts every value';
  if (value['type'] === 'object' && !OBJECT_TELLING.some((keyword) => keyword in value))
    return 'accepts every object';
  if (value['type'] === 'array' && !('items' in value) && !('prefixItems' in value))
    return 'accepts lists of anything';
  return undefined;
}

const INNER = ['items', 'additionalProperties', 'not'];
const INNER_LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];

/** The schema and all schemas inside of it, without those it refers to. */
function schemasIn(schema: Place): Place[] {
  if (!isRecord(schema.value)) return [schema];
  return [
    schema,
    ...INNER.map((key) => childOf(schema, key))
      .filter(({ value }) => isRecord(value))
      .flatMap(schemasIn),
    ...INNER_LISTS.flatMap((key) => itemsOf(childOf(schema, key)).flatMap(schemasIn)),
    ...entriesOf(childOf(schema, 'properties')).flatMap(([, property]) => schemasIn(property)),
  ];
}

function schemaRoots({ spec, operations }: Linted): Place[] {
  const root = rootOf(spec.main);
  const named = entriesOf(
    spec.version === '2.0' ? childOf(root, 'definitions') : childOf(root, 'components', 'schemas'),
  );
  const inline = operations.flatMap((operation) => [
    ...operation.parameters.map(({ schema }) => schema),
    ...(operation.body?.content ?? []).map(({ schema }) => schema),
    ...operation.responses.flatMap(({ content }) => content.map(({ schema }) => schema)),
  ]);
  const all = [
    ...named.map(([, place]) => place),
    ...inline.filter((place) => place !== undefined),
  ].flatMap(schemasIn);
  return [
    ...new Map(
      all.map((place) => [`${place.doc.absolute}#${place.keys.join('/')}`, place]),
    ).values(),
  ];
}

function boundsProblem(schema: Place): ApiProblem[] {
  const value = isRecord(schema.value) ? schema.value : {};
  const pairs = [
    ['minimum', 'maximum'],
    ['minLength', 'maxLength'],
    ['minItems', 'maxItems'],
    ['minProperties', 'maxProperties'],
  ] as const;
  return pairs.flatMap(([low, high]): ApiProblem[] => {
    const [from, to] = [value[low], value[high]];
    return typeof from === 'number' && typeof to === 'number' && from > to
      ? [
          {
            rule: 'schema_impossible',
            severity: 'high',
            message: `No value can fit: ${low} ${from} is above ${high} ${to}.`,
            at: childOf(schema, low),
            fix: 'Swap or correct the bounds.',
          },
        ]
      : [];
  });
}

function requiredProblem(schema: Place): ApiProblem[] {
  const value = isRecord(schema.value) ? schema.value : {};
  if (
    !isRecord(value['properties']) ||
    ['allOf', 'anyOf', 'oneOf', '$ref'].some((key) => key in value)
  )
    return [];
  const properties = value['properties'];
  return itemsOf(childOf(schema, 'required'))
    .filter((item) => typeof item.value === 'string' && !Object.hasOwn(properties, item.value))
    .map((at): ApiProblem => ({
      rule: 'required_undeclared',
      severity: 'medium',
      message: `"${String(at.value)}" is required but not among the properties.`,
      at,
      fix: 'Describe the property, or correct its name.',
    }));
}

function enumProblem(schema: Place): ApiProblem[] {
  const items = itemsOf(childOf(schema, 'enum'));
  const texts = items.map(({ value }) => JSON.stringify(value));
  return items
    .filter((_, index) => texts.indexOf(texts[index] ?? '') !== index)
    .map((at): ApiProblem => ({
      rule: 'enum_duplicate',
      severity: 'low',
      message: `The value ${JSON.stringify(at.value)} stands twice in the enum.`,
      at,
      fix: 'Remove one.',
    }));
}

/** Schemas that say nothing, that nothing can fit, or that contradict themselves. */
export function schemaProblems(linted: Linted, check: SchemaChecker): ApiProblem[] {
  return schemaRoots(linted).flatMap((schema): ApiProblem[] => {
    const loose = acceptsEverything(schema);
    const standard = childOf(schema, 'default');
    const misfits = standard.value === undefined ? [] : check(schema, standard.value, 'response');
    return [
      ...(loose === undefined
        ? []
        : [
            {
              rule: 'schema_accepts_everything',
              severity: 'medium' as const,
              message: `The schema ${shortPath(schema)} ${loose}.`,
              at: schema,
              fix: 'Describe type and properties; free-form objects say so with "additionalProperties: true".',
            },
          ]),
      ...boundsProblem(schema),
      ...requiredProblem(schema),
      ...enumProblem(schema),
      ...misfits.slice(0, 1).map((why): ApiProblem => ({
        rule: 'default_mismatch',
        severity: 'medium',
        message: `The default of ${shortPath(schema)} does not fit its schema: ${why}.`,
        at: standard,
        fix: 'Correct the default or the schema.',
      })),
    ];
  });
}

function shortPath(place: Place): string {
  return place.keys.slice(-4).join('/');
}

function contentExamples(content: Content, direction: 'request' | 'response', what: string) {
  if (!isJsonType(content.type) || content.schema === undefined) return [];
  const { schema } = content;
  return content.examples.map((example) => ({ schema, example, direction, what }));
}

function examplesOfOperation(operation: Operation) {
  const name = nameOf(operation);
  return [
    ...operation.parameters.flatMap(({ schema, examples, name: parameter }) =>
      schema === undefined
        ? []
        : examples
            .filter((one) => one.keys.join() !== [...schema.keys, 'example'].join())
            .map((example) => ({
              schema,
              example,
              direction: 'request' as const,
              what: `parameter "${parameter}" of ${name}`,
            })),
    ),
    ...(operation.body?.content ?? []).flatMap((content) =>
      contentExamples(content, 'request', `body of ${name}`),
    ),
    ...operation.responses.flatMap(({ status, content }) =>
      content.flatMap((one) => contentExamples(one, 'response', `answer ${status} of ${name}`)),
    ),
  ];
}

function resolvedExample(spec: Spec, example: Place): Place | undefined {
  const holder: Place = { ...example, keys: example.keys.slice(0, -1) };
  return isRecord(example.value) && '$ref' in example.value
    ? spec.follow(example)
    : { ...holder, keys: example.keys };
}

/** Examples that their own schema refuses. */
export function exampleProblems(linted: Linted, check: SchemaChecker): ApiProblem[] {
  const inSchemas = schemaRoots(linted).flatMap((schema) => {
    const several = itemsOf(childOf(schema, 'examples'));
    return [childOf(schema, 'example'), ...several]
      .filter(({ value }) => value !== undefined)
      .map((example) => ({
        schema,
        example,
        direction: 'response' as const,
        what: `schema ${shortPath(schema)}`,
      }));
  });
  const all = [...linted.operations.flatMap(examplesOfOperation), ...inSchemas];
  const seen = new Set<string>();
  return all.flatMap(({ schema, example, direction, what }): ApiProblem[] => {
    const key = `${example.doc.absolute}#${example.keys.join('/')}`;
    const resolved = resolvedExample(linted.spec, example);
    if (resolved === undefined || seen.has(key)) return [];
    seen.add(key);
    const [why] = check(schema, resolved.value, direction);
    return why === undefined
      ? []
      : [
          {
            rule: 'example_mismatch',
            severity: 'medium',
            message: `The example of the ${what} does not fit its schema: ${why}.`,
            at: example,
            fix: 'Correct the example or the schema.',
          },
        ];
  });
}
