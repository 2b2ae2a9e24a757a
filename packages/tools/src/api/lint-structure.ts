import type { ApiProblem } from './api-finding.ts';
import { METHODS, nameOf, templateNames } from './operations.ts';
import type { Operation } from './operations.ts';
import {
  childOf,
  entriesOf,
  isRecord,
  isRemoteRef,
  itemsOf,
  rootOf,
  textOf,
} from './spec-document.ts';
import type { Place, Spec } from './spec-document.ts';

/** A description with what the rules need of it. */
export interface Linted {
  spec: Spec;
  operations: readonly Operation[];
}

const OPERATION_FIELDS = new Set([
  'tags',
  'summary',
  'description',
  'externalDocs',
  'operationId',
  'parameters',
  'requestBody',
  'responses',
  'callbacks',
  'deprecated',
  'security',
  'servers',
  'consumes',
  'produces',
  'schemes',
]);
const ITEM_FIELDS = new Set([
  ...METHODS,
  '$ref',
  'summary',
  'description',
  'servers',
  'parameters',
]);
const ROOT_FIELDS = new Set([
  'openapi',
  'swagger',
  'info',
  'servers',
  'paths',
  'webhooks',
  'components',
  'security',
  'tags',
  'externalDocs',
  'jsonSchemaDialect',
  'host',
  'basePath',
  'schemes',
  'consumes',
  'produces',
  'definitions',
  'parameters',
  'responses',
  'securityDefinitions',
  '$self',
]);

function unknownFields(place: Place, known: ReadonlySet<string>, what: string): ApiProblem[] {
  return entriesOf(place)
    .filter(([name]) => !known.has(name) && !name.startsWith('x-'))
    .map(([name, at]) => ({
      rule: 'unknown_field',
      severity: 'medium',
      message: `"${name}" is no field of ${what}; tools ignore it.`,
      at,
      fix: 'Correct the spelling, or begin the name with "x-".',
    }));
}

/** What the document itself lacks or has too much. */
export function documentProblems({ spec }: Linted): ApiProblem[] {
  const root = rootOf(spec.main);
  const found: ApiProblem[] = unknownFields(root, ROOT_FIELDS, 'an OpenAPI document');
  for (const field of ['title', 'version'])
    if (textOf(childOf(root, 'info', field)) === undefined)
      found.push({
        rule: 'info_missing',
        severity: 'medium',
        message: `"info.${field}" is missing or no text.`,
        at: childOf(root, 'info'),
        fix: `Add info.${field}.`,
      });
  const hasWebhooks = entriesOf(childOf(root, 'webhooks')).length > 0;
  if (entriesOf(childOf(root, 'paths')).length === 0 && !hasWebhooks)
    found.push({
      rule: 'paths_missing',
      severity: 'high',
      message: 'The description has no paths.',
      at: childOf(root, 'paths'),
      fix: 'Describe at least one operation.',
    });
  for (const [path, place] of entriesOf(childOf(root, 'paths'))) {
    if (path.startsWith('x-')) continue;
    if (!path.startsWith('/'))
      found.push({
        rule: 'path_invalid',
        severity: 'high',
        message: `The path "${path}" does not begin with a slash.`,
        at: place,
        fix: `Write "/${path}".`,
      });
    found.push(...unknownFields(place, ITEM_FIELDS, `the path ${path}`));
    for (const method of METHODS)
      found.push(
        ...unknownFields(
          childOf(place, method),
          OPERATION_FIELDS,
          `the operation ${method.toUpperCase()} ${path}`,
        ),
      );
  }
  return [...found, ...serverProblems(root)];
}

function serverProblems(root: Place): ApiProblem[] {
  return itemsOf(childOf(root, 'servers')).flatMap((server): ApiProblem[] => {
    const url = textOf(childOf(server, 'url')) ?? '';
    return /^http:\/\/(?!localhost|127\.|\[::1\]|[^/]*\.local\b)/i.test(url)
      ? [
          {
            rule: 'server_insecure',
            severity: 'medium',
            message: `The server ${url} is not encrypted.`,
            at: childOf(server, 'url'),
            fix: 'Use https.',
          },
        ]
      : [];
  });
}

/** True for examples, defaults and choices: what they hold is a value, in which `$ref` means nothing. */
function isValue({ keys }: Place): boolean {
  const [last, parent] = [keys.at(-1), keys.at(-2)];
  // `default` is also the name of an answer, and properties may be called anything.
  if (parent === 'properties' || parent === 'responses') return false;
  return (
    last === 'example' ||
    last === 'default' ||
    last === 'enum' ||
    (last === 'value' && keys.at(-3) === 'examples')
  );
}

/** All `$ref`s of all files with where they stand. */
function refsOf(spec: Spec): { at: Place; ref: string }[] {
  const found: { at: Place; ref: string }[] = [];
  const visit = (place: Place): void => {
    if (isValue(place)) return;
    const ref = isRecord(place.value) ? place.value['$ref'] : undefined;
    if (typeof ref === 'string') found.push({ at: place, ref });
    for (const [, inner] of entriesOf(place)) visit(inner);
    for (const inner of itemsOf(place)) visit(inner);
  };
  for (const doc of spec.documents.values()) visit(rootOf(doc));
  return found;
}

const COMPONENT_GROUPS: Readonly<Record<Spec['version'], readonly string[][]>> = {
  '2.0': [['definitions'], ['parameters'], ['responses']],
  '3.0': [
    'schemas',
    'parameters',
    'responses',
    'requestBodies',
    'headers',
    'examples',
    'links',
    'callbacks',
  ].map((name) => ['components', name]),
  '3.1': [
    'schemas',
    'parameters',
    'responses',
    'requestBodies',
    'headers',
    'examples',
    'links',
    'callbacks',
    'pathItems',
  ].map((name) => ['components', name]),
};

/** Where a `$ref` leads without following further ones; several files have their own roots. */
function keyOf(place: Place): string {
  return `${place.doc.absolute}#${place.keys.join('/')}`;
}

/** References that lead nowhere, and components that nobody refers to. */
export function referenceProblems({ spec }: Linted): ApiProblem[] {
  const found: ApiProblem[] = [];
  const used = new Set<string>();
  for (const { at, ref } of refsOf(spec)) {
    if (isRemoteRef(ref)) {
      found.push({
        rule: 'ref_remote',
        severity: 'info',
        message: `"${ref}" is on another server and was not looked at.`,
        at: childOf(at, '$ref'),
      });
      continue;
    }
    const target = spec.follow(at);
    if (target === undefined)
      found.push({
        rule: 'ref_unresolved',
        severity: 'high',
        message: `"${ref}" leads nowhere.`,
        at: childOf(at, '$ref'),
        fix: 'Add what it names, or correct the reference.',
      });
    const fragment = ref.split('#')[1] ?? '';
    const keys = fragment
      .split('/')
      .slice(1)
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    // Within a file the first hop counts: a component that only another unused one names is still named.
    if (ref.startsWith('#')) used.add(keyOf({ doc: at.doc, keys, value: undefined }));
    if (target !== undefined) used.add(keyOf(target));
  }
  for (const mapped of mappedNames(spec)) used.add(mapped);
  for (const group of COMPONENT_GROUPS[spec.version])
    for (const [name, place] of entriesOf(childOf(rootOf(spec.main), ...group)))
      if (!used.has(keyOf(place)))
        found.push({
          rule: 'component_unused',
          severity: 'low',
          message: `The component ${[...group, name].join('/')} is used nowhere.`,
          at: place,
          fix: 'Remove it, or refer to it.',
        });
  return found;
}

/** Schemas that a discriminator names: by reference or by their bare name. */
function mappedNames(spec: Spec): string[] {
  const found: string[] = [];
  const visit = (place: Place): void => {
    for (const [name, inner] of entriesOf(place)) {
      if (name === 'mapping')
        for (const [, target] of entriesOf(inner))
          found.push(
            keyOf({
              doc: place.doc,
              keys: (textOf(target) ?? '').replace(/^#\//, '').split('/'),
              value: undefined,
            }),
          );
      visit(inner);
    }
    for (const inner of itemsOf(place)) visit(inner);
  };
  visit(rootOf(spec.main));
  return found.flatMap((key) => [key, key.replace(/#(?=[^/]+$)/, '#components/schemas/')]);
}

/** Names of operations that are missing or stand twice, and paths that mean the same. */
export function identityProblems({ spec, operations }: Linted): ApiProblem[] {
  const found: ApiProblem[] = [];
  const ids = new Map<string, Operation>();
  for (const operation of operations) {
    if (operation.id === undefined) {
      found.push({
        rule: 'operation_id_missing',
        severity: 'low',
        message: `${nameOf(operation)} has no operationId; generated clients need one.`,
        at: operation.place,
        fix: 'Give it a name that is unique in the description.',
      });
      continue;
    }
    const first = ids.get(operation.id);
    if (first === undefined) ids.set(operation.id, operation);
    else
      found.push({
        rule: 'operation_id_duplicate',
        severity: 'high',
        message: `operationId "${operation.id}" of ${nameOf(operation)} is also that of ${nameOf(first)}.`,
        at: childOf(operation.place, 'operationId'),
        fix: 'Give each operation its own name.',
      });
  }
  const templates = new Map<string, string>();
  for (const [path, place] of entriesOf(childOf(rootOf(spec.main), 'paths'))) {
    const template = path.replaceAll(/\{[^}]*\}/g, '{}');
    const first = templates.get(template);
    if (first === undefined) templates.set(template, path);
    else
      found.push({
        rule: 'path_duplicate',
        severity: 'high',
        message: `"${path}" means the same requests as "${first}".`,
        at: place,
        fix: 'Join both.',
      });
  }
  return found;
}

/** Parameters that do not fit their path, stand twice or cannot be optional. */
export function parameterProblems({ operations }: Linted): ApiProblem[] {
  return operations.flatMap((operation): ApiProblem[] => {
    const inPath = operation.parameters.filter((one) => one.in === 'path');
    const names = templateNames(operation.path);
    const name = nameOf(operation);
    const seen = new Set<string>();
    return [
      ...names
        .filter((wanted) => !inPath.some((one) => one.name === wanted))
        .map((wanted): ApiProblem => ({
          rule: 'path_param_undeclared',
          severity: 'high',
          message: `${name} does not declare the path parameter "${wanted}".`,
          at: operation.place,
          fix: `Add a parameter "${wanted}" with "in: path".`,
        })),
      ...inPath
        .filter((one) => !names.includes(one.name))
        .map((one): ApiProblem => ({
          rule: 'path_param_unused',
          severity: 'medium',
          message: `${name} declares the path parameter "${one.name}", which its path does not have.`,
          at: one.place,
          fix: 'Remove it, or put it into the path.',
        })),
      ...inPath
        .filter((one) => names.includes(one.name) && !one.required)
        .map((one): ApiProblem => ({
          rule: 'path_param_optional',
          severity: 'medium',
          message: `The path parameter "${one.name}" of ${name} is not marked as required.`,
          at: one.place,
          fix: 'Add "required: true".',
        })),
      ...operation.parameters
        .filter((one) => seen.size === seen.add(`${one.in} ${one.name}`).size)
        .map((one): ApiProblem => ({
          rule: 'parameter_duplicate',
          severity: 'medium',
          message: `${name} declares the ${one.in} parameter "${one.name}" twice.`,
          at: one.place,
          fix: 'Remove one of them.',
        })),
    ];
  });
}
