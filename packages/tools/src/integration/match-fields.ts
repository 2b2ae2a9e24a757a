import type { Field, FieldType } from './read-fields.ts';
import type { MappedField, Transform } from './mapping-document.ts';

/** A field of the target with the field of the source that fits it best. */
export interface Match {
  target: Field;
  sources: Field[];
  /** 0–1. */
  confidence: number;
  reasons: string[];
}

/** Words that mean the same in names of fields; the first one stands for all. */
const SYNONYMS: readonly string[] = [
  'email mail',
  'phone telephone tel mobile',
  'name title label',
  'first given forename',
  'last family surname sur',
  'created creation opened inserted',
  'updated modified changed',
  'id identifier key uuid guid number',
  'customer client account buyer contact person user',
  'company organisation organization firm employer',
  'amount total sum value price',
  'currency ccy',
  'street address1 line1',
  'zip postcode plz',
  'city town',
  'country nation',
  'status state stage',
  'description desc notes note comment remark',
  'quantity qty count',
  'url link website homepage',
  'time date at on timestamp',
  'active enabled',
  'birthday birth dob',
];
const CANONICAL = new Map(
  SYNONYMS.flatMap((group) => {
    const words = group.split(' ');
    return words.map((word): [string, string] => [word, words[0] ?? word]);
  }),
);
const FILLERS = new Set(['the', 'of', 'field', 'record', 'object', 'data', 'info', 'is', 'has']);

/** Words of a name: split at case changes and signs; `orderId` and `order_id` are the same. */
export function nameWords(name: string): string[] {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '' && !FILLERS.has(word));
}

/** Several words that are one thing. */
const PHRASES: readonly (readonly [RegExp, string])[] = [
  [/\b(?:e mail|mail|email) address\b|\be mail\b/g, 'email'],
  [/\b(?:phone|telephone|mobile|tel) (?:number|no)\b/g, 'phone'],
  [/\b(?:postal|post|zip) code\b/g, 'zip'],
  [/\b(?:birth (?:date|day)|date (?:of )?birth)\b/g, 'birthday'],
];

function canonical(name: string): Set<string> {
  const joined = PHRASES.reduce(
    (text, [shape, word]) => text.replaceAll(shape, word),
    nameWords(name).join(' '),
  );
  return new Set(joined.split(' ').map((word) => CANONICAL.get(word) ?? word));
}

function shareOf(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const common = [...a].filter((word) => b.has(word)).length;
  return common === 0 ? 0 : (2 * common) / (a.size + b.size);
}

/** How alike two names are, 0–1, and why. */
function nameScore(source: string, target: string): { score: number; reason: string } {
  const plain = (name: string): string => nameWords(name).join(' ');
  if (plain(source) === plain(target)) return { score: 1, reason: 'same name' };
  const last = (name: string): string => name.slice(name.lastIndexOf('.') + 1);
  const whole = shareOf(canonical(source), canonical(target));
  if (whole === 1) return { score: 0.92, reason: 'same meaning of the name' };
  const leaf =
    plain(last(source)) === plain(last(target))
      ? 0.85
      : shareOf(canonical(last(source)), canonical(last(target))) === 1
        ? 0.8
        : 0;
  // A leaf called "name" or "id" says little by itself.
  const vague =
    nameWords(last(target)).length === 1 &&
    /^(?:id|name|type|value|date|number|key|code|time|at)$/.test(nameWords(last(target))[0] ?? '');
  // The city of billing is not the city of shipping.
  const parent = (name: string): string => name.slice(0, Math.max(0, name.lastIndexOf('.')));
  const elsewhere =
    parent(source) !== '' &&
    parent(target) !== '' &&
    shareOf(canonical(parent(source)), canonical(parent(target))) === 0;
  if (leaf > 0 && !(vague && source.includes('.') !== target.includes('.') && whole < 0.6))
    return {
      score: Math.max(leaf - (vague ? 0.15 : 0) - (elsewhere ? 0.2 : 0), whole * 0.8),
      reason: 'same last part of the name',
    };
  return { score: whole * 0.8, reason: `shared words of the name (${Math.round(whole * 100)} %)` };
}

const NUMERIC: ReadonlySet<FieldType> = new Set(['integer', 'number']);
const TIME_FORMATS = new Set(['date', 'date-time']);

/** How a value gets from one field to the other; undefined when it cannot. */
export function transformFor(source: Field, target: Field): Transform | undefined {
  if (target.enum !== null && source.type !== 'object' && source.type !== 'array') return 'choose';
  if (target.format === 'date-time' && NUMERIC.has(source.type)) return 'from_epoch';
  if (target.format === 'date' && source.type === 'string')
    return source.format === 'date'
      ? 'copy'
      : TIME_FORMATS.has(source.format ?? '')
        ? 'to_date'
        : undefined;
  if (target.format === 'date-time' && source.type === 'string')
    return source.format === 'date-time'
      ? 'to_date_time'
      : source.format === 'date'
        ? 'to_date_time'
        : undefined;
  if (source.type === target.type) return 'copy';
  if (source.type === 'integer' && target.type === 'number') return 'copy';
  if (target.type === 'array') return source.type === 'object' ? undefined : 'to_array';
  if (source.type === 'object' || source.type === 'array' || target.type === 'object')
    return undefined;
  if (target.type === 'string') return 'to_string';
  if (target.type === 'boolean')
    return source.type === 'string' && source.enum === null ? undefined : 'to_boolean';
  if (target.type === 'integer')
    return source.type === 'string' && source.format !== 'numeric' ? undefined : 'to_integer';
  if (target.type === 'number')
    return source.type === 'boolean' || (source.type === 'string' && source.format !== 'numeric')
      ? undefined
      : 'to_number';
  return undefined;
}

function scorePair(source: Field, target: Field): { confidence: number; reasons: string[] } {
  const name = nameScore(source.path, target.path);
  const reasons = [name.reason];
  let score = name.score;
  if (source.format !== null && source.format === target.format && source.format !== 'numeric') {
    score += 0.15;
    reasons.push(`both are of the form ${source.format}`);
  } else if (
    target.format !== null &&
    source.format !== null &&
    source.format !== 'numeric' &&
    !(TIME_FORMATS.has(source.format) && TIME_FORMATS.has(target.format))
  )
    score -= 0.35;
  const shared =
    source.enum !== null && target.enum !== null
      ? target.enum.filter((value) => source.enum?.some((other) => sameChoice(other, value))).length
      : 0;
  if (shared >= 2) {
    score += 0.15;
    reasons.push(`${shared} equal values`);
  }
  if (transformFor(source, target) === undefined) score -= 0.05;
  return { confidence: Math.max(0, Math.min(1, Math.round(score * 100) / 100)), reasons };
}

export function sameChoice(a: string, b: string): boolean {
  return nameWords(a).join(' ') === nameWords(b).join(' ');
}

const CONFIDENCE_MIN = 0.55;

/** `full_name` from `first_name` and `last_name`. */
function joined(target: Field, sources: readonly Field[]): Match | undefined {
  const words = nameWords(target.path.slice(target.path.lastIndexOf('.') + 1)).join(' ');
  if (
    target.type !== 'string' ||
    !/^(?:(?:customer|contact|display|full|person) )?name$|^(?:full|display) name$/.test(words)
  )
    return undefined;
  const part = (kind: string): Field | undefined =>
    sources.find(
      ({ path, type }) =>
        type === 'string' &&
        [...canonical(path)].includes(kind) &&
        [...canonical(path)].includes('name'),
    );
  const first = part('first');
  const last = part('last');
  return first === undefined || last === undefined
    ? undefined
    : {
        target,
        sources: [first, last],
        confidence: 0.8,
        reasons: ['first and last name together'],
      };
}

/** Each target with at most one source, best pairs first; a source serves one target only. */
export function matchFields(sources: readonly Field[], targets: readonly Field[]): Match[] {
  const pairs = targets.flatMap((target) =>
    sources.map((source) => ({ source, target, ...scorePair(source, target) })),
  );
  const chosen = new Map<Field, Match>();
  const used = new Set<Field>();
  for (const { source, target, confidence, reasons } of pairs.toSorted(
    (a, b) => b.confidence - a.confidence,
  )) {
    if (
      confidence < CONFIDENCE_MIN ||
      chosen.has(target) ||
      used.has(source) ||
      target.constant !== undefined
    )
      continue;
    chosen.set(target, { target, sources: [source], confidence, reasons });
    used.add(source);
  }
  for (const target of targets) {
    const both = chosen.has(target) ? undefined : joined(target, sources);
    if (both !== undefined) chosen.set(target, both);
  }
  return targets.flatMap((target) => chosen.get(target) ?? []);
}

/** Counterparts of the source's values among those of the target, and the values without one. */
export function chooseValues(
  source: Field,
  target: Field,
): { choices: Record<string, string>; without: string[] } {
  const choices: Record<string, string> = {};
  const without: string[] = [];
  for (const value of source.enum ?? target.enum ?? []) {
    const found = target.enum?.find((other) => sameChoice(other, value));
    if (found === undefined) without.push(value);
    else choices[value] = found;
  }
  return { choices, without };
}

/** The mapping of a match; undefined when its types cannot be converted. */
export function toMappedField({ target, sources }: Match): MappedField | undefined {
  const source = sources[0];
  if (source === undefined) return undefined;
  const base = {
    target: target.path,
    sources: sources.map(({ path }) => path),
    required: target.required,
  };
  const isLong =
    target.maxLength !== null &&
    target.type === 'string' &&
    (source.maxLength === null || source.maxLength > target.maxLength);
  const cut = isLong ? { max_length: target.maxLength as number } : {};
  if (sources.length > 1) return { ...base, transform: 'join', ...cut };
  const transform = transformFor(source, target);
  if (transform === undefined) return undefined;
  return {
    ...base,
    transform,
    ...(transform === 'choose' ? { choices: chooseValues(source, target).choices } : {}),
    ...(transform === 'copy' || transform === 'to_string' ? cut : {}),
  };
}
