import type { ApiProblem } from './api-finding.ts';
import type { SchemaChecker } from './json-schema.ts';
import { isJsonType, nameOf } from './operations.ts';
import type { Content, Operation, ResponseOf } from './operations.ts';
import { childOf, entriesOf, isRecord, itemsOf } from './spec-document.ts';
import type { Place, Spec } from './spec-document.ts';

/** An answer as it came. */
export interface Answer {
  status: number;
  contentType: string;
  text: string;
  truncated: boolean;
}

/** The description of a status: the very one, its range, or default. */
export function responseFor(operation: Operation, status: number): ResponseOf | undefined {
  const of = (wanted: string) => operation.responses.find((one) => one.status === wanted);
  return of(String(status)) ?? of(`${Math.floor(status / 100)}XX`) ?? of('default');
}

function bareType(type: string): string {
  return (type.split(';')[0] ?? '').trim().toLowerCase();
}

function contentFor(contents: readonly Content[], type: string): Content | undefined {
  const bare = bareType(type);
  return contents.find((one) => {
    const own = bareType(one.type);
    return (
      own === bare || own === '*/*' || (own.endsWith('/*') && bare.startsWith(own.slice(0, -1)))
    );
  });
}

function declaredFields(spec: Spec, at: Place, depth = 0): Set<string> | undefined {
  const place = spec.follow(at);
  if (place === undefined || !isRecord(place.value) || depth > 10) return undefined;
  const { value } = place;
  if (['oneOf', 'anyOf', 'additionalProperties', 'patternProperties'].some((key) => key in value))
    return undefined;
  const names = new Set(entriesOf(childOf(place, 'properties')).map(([name]) => name));
  for (const part of itemsOf(childOf(place, 'allOf'))) {
    const inner = declaredFields(spec, part, depth + 1);
    if (inner === undefined) return undefined;
    for (const name of inner) names.add(name);
  }
  return names.size === 0 ? undefined : names;
}

/** Fields that came and that the description does not name, of the object or of the objects of the list. */
function undocumented(spec: Spec, schema: Place, value: unknown): string[] {
  const place = spec.follow(schema);
  if (place === undefined) return [];
  if (Array.isArray(value)) {
    const items = childOf(place, 'items');
    return items.value === undefined
      ? []
      : [
          ...new Set(
            value
              .slice(0, 20)
              .flatMap((item) => (Array.isArray(item) ? [] : undocumented(spec, items, item))),
          ),
        ];
  }
  const known = declaredFields(spec, place);
  return isRecord(value) && known !== undefined
    ? Object.keys(value).filter((name) => !known.has(name))
    : [];
}

interface Exchange {
  spec: Spec;
  operation: Operation;
  check: SchemaChecker;
  /** `GET https://host/path answered 200` */
  story: string;
}

function parse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined; // told as a problem of the body
  }
}

function bodyProblems(
  answer: Answer,
  content: Content,
  { spec, operation, check, story }: Exchange,
): ApiProblem[] {
  if (!isJsonType(content.type) || answer.truncated || operation.method === 'head') return [];
  const about = `${answer.status} of ${nameOf(operation)}`;
  const parsed = parse(answer.text);
  if (parsed === undefined)
    return [
      {
        rule: 'contract_body',
        severity: 'high',
        message: `The body of ${about} is no JSON.`,
        at: content.place,
        evidence: `${story}: ${answer.text.slice(0, 120)}`,
        fix: 'Send JSON, or describe what is sent.',
      },
    ];
  if (content.schema === undefined) return [];
  const wrong = check(content.schema, parsed.value, 'response');
  const extra = undocumented(spec, content.schema, parsed.value);
  return [
    ...(wrong.length === 0
      ? []
      : [
          {
            rule: 'contract_body',
            severity: 'high' as const,
            message: `The body of ${about} does not fit its schema: ${wrong.slice(0, 3).join('; ')}.`,
            at: content.place,
            evidence: `${story}: ${answer.text.slice(0, 200)}`,
            fix: 'Correct the server or the description.',
          },
        ]),
    ...(extra.length === 0
      ? []
      : [
          {
            rule: 'contract_undocumented_field',
            severity: 'low' as const,
            message: `The body of ${about} has fields that are not described: ${extra.slice(0, 10).join(', ')}.`,
            at: content.place,
            evidence: `${story}: ${answer.text.slice(0, 200)}`,
            fix: 'Describe them, or do not send them.',
          },
        ]),
  ];
}

/** What an answer has that its description does not allow. */
export function checkAnswer(answer: Answer, exchange: Exchange): ApiProblem[] {
  const { operation, story } = exchange;
  const name = nameOf(operation);
  if (answer.status >= 500)
    return [
      {
        rule: 'contract_server_error',
        severity: 'high',
        message: `${name} failed with ${answer.status}.`,
        at: operation.place,
        evidence: `${story}: ${answer.text.slice(0, 120)}`,
        fix: 'Find the error in the log of the server.',
      },
    ];
  const response = responseFor(operation, answer.status);
  if (response === undefined)
    return [
      {
        rule: 'contract_status',
        severity: 'high',
        message: `${name} answered ${answer.status}, which is not described (${operation.responses.map(({ status }) => status).join(', ')}).`,
        at: childOf(operation.place, 'responses'),
        evidence: story,
        fix: 'Describe the status, or correct the server.',
      },
    ];
  if (response.content.length === 0) return [];
  if (answer.text === '' && operation.method !== 'head')
    return [
      {
        rule: 'contract_body',
        severity: 'high',
        message: `The body of ${answer.status} of ${name} is empty.`,
        at: response.place,
        evidence: story,
        fix: 'Send the body that is described.',
      },
    ];
  const content = contentFor(response.content, answer.contentType);
  if (content === undefined)
    return [
      {
        rule: 'contract_content_type',
        severity: 'medium',
        message: `${answer.status} of ${name} came as "${bareType(answer.contentType) || 'no type'}", described is ${response.content.map(({ type }) => type).join(', ')}.`,
        at: response.place,
        evidence: story,
        fix: 'Set the content type that is described.',
      },
    ];
  return bodyProblems(answer, content, exchange);
}
