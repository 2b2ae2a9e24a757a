import { compareSchemas, wasAt, type ApiChange } from './diff-schemas.ts';
import {
  nameOf,
  templateNames,
  type Content,
  type Operation,
  type Parameter,
} from './operations.ts';
import { childOf, rootOf } from './spec-document.ts';
import type { Place, Spec } from './spec-document.ts';

/** The two descriptions; schemas that were compared once are not compared again. */
export interface SpecPair {
  before: Spec;
  after: Spec;
  seen: Set<string>;
}

const KEEP = 'Keep the old form, or publish this as a new version of the API.';

function broken(rule: string, message: string, place: { at: Place; before?: Place }): ApiChange {
  return {
    breaking: true,
    rule: `breaking_${rule}`,
    severity: 'high',
    message,
    at: place.at,
    fix: KEEP,
    ...(place.before === undefined ? {} : { evidence: wasAt(place.before) }),
  };
}

function harmless(rule: string, message: string, place: { at: Place; before?: Place }): ApiChange {
  return {
    breaking: false,
    rule: `changed_${rule}`,
    severity: 'info',
    message,
    at: place.at,
    ...(place.before === undefined ? {} : { evidence: wasAt(place.before) }),
  };
}

/** Requests do not show how a path parameter is called. */
function identityOf(operation: Operation): string {
  return `${operation.method} ${operation.path.replaceAll(/\{[^}]*\}/g, '{}')}`;
}

function parameterKey(parameter: Parameter, operation: Operation): string {
  return parameter.in === 'path'
    ? `path ${templateNames(operation.path).indexOf(parameter.name)}`
    : `${parameter.in} ${parameter.in === 'header' ? parameter.name.toLowerCase() : parameter.name}`;
}

function parameterChanges(old: Operation, now: Operation, pair: SpecPair): ApiChange[] {
  const found: ApiChange[] = [];
  const name = nameOf(now);
  const nowByKey = new Map(now.parameters.map((one) => [parameterKey(one, now), one]));
  const oldKeys = new Set(old.parameters.map((one) => parameterKey(one, old)));
  for (const before of old.parameters) {
    const after = nowByKey.get(parameterKey(before, old));
    const what = `${before.in} parameter "${before.name}" of ${name}`;
    if (after === undefined) {
      found.push(
        harmless('parameter_removed', `The ${what} was removed; servers ignore or refuse it.`, {
          at: now.place,
          before: before.place,
        }),
      );
      continue;
    }
    if (after.required && !before.required)
      found.push(
        broken('parameter_required', `The ${what} is now required.`, {
          at: after.place,
          before: before.place,
        }),
      );
    found.push(
      ...compareSchemas(before.schema, after.schema, { ...pair, direction: 'request', what }),
    );
  }
  for (const [key, after] of nowByKey) {
    if (oldKeys.has(key)) continue;
    const message = `The ${after.required ? 'required ' : ''}${after.in} parameter "${after.name}" of ${name} is new.`;
    found.push(
      after.required
        ? broken('parameter_added', message, { at: after.place })
        : harmless('parameter_added', message, { at: after.place }),
    );
  }
  return found;
}

function contentChanges(
  old: readonly Content[],
  now: readonly Content[],
  work: { pair: SpecPair; direction: 'request' | 'response'; what: string; at: Place },
): ApiChange[] {
  return old.flatMap((before): ApiChange[] => {
    const after = now.find(({ type }) => type.toLowerCase() === before.type.toLowerCase());
    if (after === undefined)
      return [
        broken(
          `${work.direction}_content_type_removed`,
          `The ${work.what} no longer comes as ${before.type}.`,
          { at: work.at, before: before.place },
        ),
      ];
    return compareSchemas(before.schema, after.schema, {
      ...work.pair,
      direction: work.direction,
      what: work.what,
    });
  });
}

function bodyChanges(old: Operation, now: Operation, pair: SpecPair): ApiChange[] {
  const what = `body of ${nameOf(now)}`;
  if (now.body === undefined)
    return old.body === undefined
      ? []
      : [
          harmless('request_body_removed', `The ${what} was removed.`, {
            at: now.place,
            before: old.body.place,
          }),
        ];
  const needed = old.body?.required === true;
  return [
    ...(now.body.required && !needed
      ? [
          broken(
            'request_body_required',
            `The ${what} is ${old.body === undefined ? 'new and ' : 'now '}required.`,
            { at: now.body.place },
          ),
        ]
      : []),
    ...(old.body === undefined
      ? []
      : contentChanges(old.body.content, now.body.content, {
          pair,
          direction: 'request',
          what,
          at: now.body.place,
        })),
  ];
}

function responseChanges(old: Operation, now: Operation, pair: SpecPair): ApiChange[] {
  const name = nameOf(now);
  const responses = childOf(now.place, 'responses');
  const gone = old.responses.flatMap((before): ApiChange[] => {
    const after = now.responses.find(({ status }) => status === before.status);
    if (after === undefined)
      return [
        before.status.startsWith('2')
          ? broken('response_removed', `${name} no longer answers ${before.status}.`, {
              at: responses,
              before: before.place,
            })
          : harmless('response_removed', `${name} no longer describes ${before.status}.`, {
              at: responses,
              before: before.place,
            }),
      ];
    return contentChanges(before.content, after.content, {
      pair,
      direction: 'response',
      what: `answer ${before.status} of ${name}`,
      at: after.place,
    });
  });
  const added = now.responses
    .filter(({ status }) => !old.responses.some((before) => before.status === status))
    .map(({ status, place }) =>
      harmless('response_added', `${name} now describes ${status}.`, { at: place }),
    );
  return [...gone, ...added];
}

function securityChanges(old: Operation, now: Operation): ApiChange[] {
  const text = (alternatives: string[][]) =>
    alternatives.map((each) => each.toSorted().join(' + ')).toSorted();
  const [before, after] = [text(old.security), text(now.security)];
  if (before.join(' | ') === after.join(' | ')) return [];
  const at = now.securityStated ? childOf(now.place, 'security') : now.place;
  const words = `${nameOf(now)} needed ${before.join(' or ') || 'nothing'} and now needs ${after.join(' or ') || 'nothing'}`;
  // Who could call it before must still be able to.
  const stillOpen =
    after.length === 0 || (before.length > 0 && before.every((each) => after.includes(each)));
  return [
    stillOpen
      ? harmless('security_loosened', `${words}.`, { at, before: old.place })
      : broken('security_changed', `${words}.`, { at, before: old.place }),
  ];
}

/** All changes between two descriptions, in the order of the old one; new operations last. */
export function compareOperations(
  old: readonly Operation[],
  now: readonly Operation[],
  pair: SpecPair,
): ApiChange[] {
  const paths = childOf(rootOf(pair.after.main), 'paths');
  const nowById = new Map(now.map((operation) => [identityOf(operation), operation]));
  const nowPaths = new Set(now.map((operation) => identityOf(operation).split(' ')[1]));
  const oldIds = new Set(old.map(identityOf));
  const kept = old.flatMap((before): ApiChange[] => {
    const after = nowById.get(identityOf(before));
    if (after === undefined) {
      const pathGone = !nowPaths.has(identityOf(before).split(' ')[1]);
      return [
        broken(
          pathGone ? 'path_removed' : 'operation_removed',
          `${nameOf(before)} was removed${before.deprecated ? ' (it was marked as deprecated)' : ''}.`,
          { at: paths, before: before.place },
        ),
      ];
    }
    return [
      ...(after.deprecated && !before.deprecated
        ? [
            harmless('operation_deprecated', `${nameOf(after)} is now deprecated.`, {
              at: childOf(after.place, 'deprecated'),
            }),
          ]
        : []),
      ...parameterChanges(before, after, pair),
      ...bodyChanges(before, after, pair),
      ...responseChanges(before, after, pair),
      ...securityChanges(before, after),
    ];
  });
  const added = now
    .filter((operation) => !oldIds.has(identityOf(operation)))
    .map((operation) =>
      harmless('operation_added', `${nameOf(operation)} is new.`, { at: operation.place }),
    );
  return [...kept, ...added];
}
