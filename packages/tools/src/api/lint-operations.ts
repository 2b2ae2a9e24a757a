import type { ApiProblem } from './api-finding.ts';
import { nameOf } from './operations.ts';
import type { Operation } from './operations.ts';
import { childOf, entriesOf, isRecord, rootOf, textOf } from './spec-document.ts';
import type { Place, Spec } from './spec-document.ts';
import type { Linted } from './lint-structure.ts';

const BODILESS = new Set(['204', '205', '304']);

function statusProblems(operation: Operation): ApiProblem[] {
  const name = nameOf(operation);
  return operation.responses.flatMap(({ status, content, place }): ApiProblem[] => {
    if (!/^(?:[1-5]\d\d|[1-5]XX|default)$/.test(status))
      return [
        {
          rule: 'status_invalid',
          severity: 'high',
          message: `"${status}" of ${name} is no HTTP status.`,
          at: place,
          fix: 'Use 100 to 599, a range such as 4XX, or default.',
        },
      ];
    if (BODILESS.has(status) && content.length > 0)
      return [
        {
          rule: 'status_body',
          severity: 'medium',
          message: `${name} describes a body for ${status}, which never has one.`,
          at: place,
          fix: `Remove the body, or answer with 200.`,
        },
      ];
    if (operation.method === 'get' && (status === '201' || status === '202'))
      return [
        {
          rule: 'status_method',
          severity: 'low',
          message: `${name} answers ${status}, which says that something was created or begun; a GET must not do so.`,
          at: place,
          fix: 'Answer with 200, or use POST.',
        },
      ];
    return [];
  });
}

/** Answers that are missing or cannot be. */
export function responseProblems({ spec, operations }: Linted): ApiProblem[] {
  return operations.flatMap((operation): ApiProblem[] => {
    const name = nameOf(operation);
    const statuses = operation.responses.map(({ status }) => status);
    if (statuses.length === 0)
      return [
        {
          rule: 'responses_missing',
          severity: 'high',
          message: `${name} describes no answer.`,
          at: operation.place,
          fix: 'Describe at least the answer of success.',
        },
      ];
    const found = statusProblems(operation);
    if (!statuses.some((status) => /^[123]|^default$/.test(status)))
      found.push({
        rule: 'success_missing',
        severity: 'medium',
        message: `${name} describes no answer of success (only ${statuses.join(', ')}).`,
        at: childOf(operation.place, 'responses'),
        fix: 'Add the answer of success.',
      });
    if (!statuses.some((status) => /^[45]|^default$/.test(status)))
      found.push({
        rule: 'error_response_missing',
        severity: 'low',
        message: `${name} describes no answer for errors.`,
        at: childOf(operation.place, 'responses'),
        fix: 'Add 4XX or default.',
      });
    for (const [status, at] of entriesOf(childOf(operation.place, 'responses'))) {
      const place = spec.follow(at);
      if (
        place !== undefined &&
        !status.startsWith('x-') &&
        textOf(childOf(place, 'description')) === undefined
      )
        found.push({
          rule: 'response_description_missing',
          severity: 'low',
          message: `${status} of ${name} has no description, which OpenAPI requires.`,
          at,
          fix: 'Say in a few words what the answer means.',
        });
    }
    if (operation.body !== undefined && ['get', 'head'].includes(operation.method))
      found.push({
        rule: 'get_with_body',
        severity: 'medium',
        message: `${name} takes a body, which many servers and proxies drop.`,
        at: operation.body.place,
        fix: 'Use query parameters, or POST.',
      });
    return found;
  });
}

function schemesOf(spec: Spec): [string, Place][] {
  const root = rootOf(spec.main);
  return entriesOf(
    spec.version === '2.0'
      ? childOf(root, 'securityDefinitions')
      : childOf(root, 'components', 'securitySchemes'),
  );
}

/** Writing operations that anybody may call, and schemes that are unknown or weak. */
export function securityProblems({ spec, operations }: Linted): ApiProblem[] {
  const schemes = schemesOf(spec);
  const names = new Set(schemes.map(([name]) => name));
  const found: ApiProblem[] = [];
  for (const operation of operations) {
    for (const scheme of new Set(operation.security.flat()))
      if (!names.has(scheme))
        found.push({
          rule: 'security_unknown',
          severity: 'high',
          message: `${nameOf(operation)} needs the security scheme "${scheme}", which is not defined.`,
          at: operation.securityStated
            ? childOf(operation.place, 'security')
            : childOf(rootOf(spec.main), 'security'),
          fix: 'Define it under components/securitySchemes.',
        });
    const writes = ['post', 'put', 'patch', 'delete'].includes(operation.method);
    // "security: []" says on purpose that everybody may call it, as for signing in.
    if (writes && operation.security.length === 0 && !operation.securityStated)
      found.push({
        rule: 'security_missing',
        severity: 'high',
        message: `${nameOf(operation)} changes data and says nothing about who may call it.`,
        at: operation.place,
        fix: 'Add "security" with a scheme, or "security: []" when it is open on purpose.',
      });
  }
  for (const [name, place] of schemes)
    if (childOf(place, 'in').value === 'query')
      found.push({
        rule: 'key_in_query',
        severity: 'medium',
        message: `The scheme "${name}" sends its key in the URL, where logs and histories keep it.`,
        at: childOf(place, 'in'),
        fix: 'Send it in a header.',
      });
  return found.filter(
    (one, index) =>
      found.findIndex(
        (other) => other.message === one.message && other.at.keys.join() === one.at.keys.join(),
      ) === index,
  );
}

type Style = 'kebab-case' | 'snake_case' | 'camelCase' | 'PascalCase';

/** The style of a name; undefined for one word in lower case, which fits several. */
function styleOf(name: string): Style | undefined {
  if (/^[a-z0-9]+(?:-[a-z0-9]+)+$/.test(name)) return 'kebab-case';
  if (/^[a-z0-9]+(?:_[a-z0-9]+)+$/.test(name)) return 'snake_case';
  if (/^[a-z][a-z0-9]*(?:[A-Z][a-z0-9]*)+$/.test(name)) return 'camelCase';
  return /^[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)*$/.test(name) ? 'PascalCase' : undefined;
}

function oddStyles(names: readonly { name: string; at: Place }[], what: string): ApiProblem[] {
  const counts = new Map<Style, number>();
  for (const { name } of names) {
    const style = styleOf(name);
    if (style !== undefined) counts.set(style, (counts.get(style) ?? 0) + 1);
  }
  const [usual] = [...counts].toSorted((a, b) => b[1] - a[1]);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  // Without a clear majority nobody can say which one is odd.
  if (usual === undefined || usual[1] < 3 || usual[1] / total < 0.6) return [];
  return names.flatMap(({ name, at }): ApiProblem[] => {
    const style = styleOf(name);
    return style === undefined || style === usual[0]
      ? []
      : [
          {
            rule: 'naming_inconsistent',
            severity: 'low',
            message: `The ${what} "${name}" is in ${style}; most are in ${usual[0]} (${usual[1]} of ${total}).`,
            at,
            fix: `Use ${usual[0]} everywhere.`,
          },
        ];
  });
}

function unique(names: readonly { name: string; at: Place }[]): { name: string; at: Place }[] {
  return [...new Map(names.toReversed().map((one) => [one.name, one])).values()].toReversed();
}

/** Names that are written in another style than most of their kind. */
export function namingProblems({ spec, operations }: Linted): ApiProblem[] {
  const segments = entriesOf(childOf(rootOf(spec.main), 'paths')).flatMap(([path, at]) =>
    path
      .split('/')
      .filter((part) => part !== '' && !part.includes('{'))
      .map((name) => ({ name, at })),
  );
  const ids = operations.flatMap(({ id, place }) =>
    id === undefined ? [] : [{ name: id, at: childOf(place, 'operationId') }],
  );
  const schemas = entriesOf(
    spec.version === '2.0'
      ? childOf(rootOf(spec.main), 'definitions')
      : childOf(rootOf(spec.main), 'components', 'schemas'),
  );
  const properties = schemas.flatMap(([, schema]) =>
    entriesOf(childOf(schema, 'properties')).map(([name, at]) => ({ name, at })),
  );
  const queries = operations.flatMap(({ parameters }) =>
    parameters
      .filter((one) => one.in === 'query')
      .map(({ name, place }) => ({ name, at: childOf(place, 'name') })),
  );
  return [
    ...oddStyles(unique(segments), 'path segment'),
    ...oddStyles(unique(ids), 'operationId'),
    ...oddStyles(unique(properties), 'property'),
    ...oddStyles(unique(queries), 'query parameter'),
    ...oddStyles(
      schemas.filter(([, { value }]) => isRecord(value)).map(([name, at]) => ({ name, at })),
      'schema',
    ),
  ];
}
