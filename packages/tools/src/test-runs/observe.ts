import { z } from 'zod';
import { describeEnd, type SandboxedCopy } from './sandboxed-copy.ts';

/** A value in a form that keeps what JSON loses. */
export type Encoded =
  | { t: 'json'; v: string | number | boolean | null }
  | { t: 'undefined' }
  | { t: 'number'; v: 'NaN' | 'Infinity' | '-Infinity' | '-0' }
  | { t: 'bigint'; v: string }
  | { t: 'date'; v: number | null }
  | { t: 'array'; v: Encoded[] }
  | { t: 'object'; v: [string, Encoded][] };

const encodedSchema: z.ZodType<Encoded> = z.lazy(() =>
  z.union([
    z.object({ t: z.literal('json'), v: z.union([z.string(), z.number(), z.boolean(), z.null()]) }),
    z.object({ t: z.literal('undefined') }),
    z.object({ t: z.literal('number'), v: z.enum(['NaN', 'Infinity', '-Infinity', '-0']) }),
    z.object({ t: z.literal('bigint'), v: z.string().regex(/^-?\d{1,1000}$/) }),
    z.object({ t: z.literal('date'), v: z.number().nullable() }),
    z.object({ t: z.literal('array'), v: z.array(encodedSchema) }),
    z.object({ t: z.literal('object'), v: z.array(z.tuple([z.string(), encodedSchema])) }),
  ]),
);
const outcomeSchema = z.union([
  z.object({ kind: z.literal('value'), value: encodedSchema }),
  z.object({
    kind: z.literal('throws'),
    name: z.string().max(200),
    message: z.string().max(2000),
    own: z.boolean(),
  }),
  z.object({ kind: z.literal('unusable'), why: z.string().max(200) }),
]);
export type Outcome = z.output<typeof outcomeSchema>;
const answerSchema = z.record(z.string(), z.array(outcomeSchema));

/** One function to call: the name under which its module exports it, and argument lists as expressions. */
export interface Subject {
  exportName: string;
  cases: readonly (readonly string[])[];
}

const MARK = '\n@@automatos-observed ';

/** Runs inside of the sandbox. What it prints is taken as data only. */
const DRIVER = `
const encode = (value, depth = 0) => {
  if (depth > 8) throw new Error('its result is too deep');
  if (value === undefined) return { t: 'undefined' };
  if (typeof value === 'bigint') return { t: 'bigint', v: String(value) };
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)))
    return { t: 'number', v: Object.is(value, -0) ? '-0' : String(value) };
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return { t: 'json', v: value };
  if (typeof value !== 'object') throw new Error('its result is a ' + typeof value);
  if (typeof value.then === 'function') throw new Error('it answers with a promise');
  if (value instanceof Date) return { t: 'date', v: Number.isNaN(value.getTime()) ? null : value.getTime() };
  if (Array.isArray(value)) return { t: 'array', v: Array.from(value, (each) => encode(each, depth + 1)) };
  if (Object.getPrototypeOf(value) !== Object.prototype) throw new Error('its result is an object of a class');
  return { t: 'object', v: Object.entries(value).map(([key, each]) => [key, encode(each, depth + 1)]) };
};
const evaluate = (text) => (0, eval)('(' + text + ')');
const outcomeOf = (call, texts) => {
  const given = texts.map(evaluate);
  const before = JSON.stringify(given.map((each) => encode(each)));
  let outcome;
  try {
    const value = call(...given);
    try { outcome = { kind: 'value', value: encode(value) }; }
    catch (error) { return { kind: 'unusable', why: error.message }; }
  } catch (error) {
    if (!(error instanceof Error)) return { kind: 'unusable', why: 'it throws what is no error' };
    const own = !(error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError)
      || !/Cannot (read|set|destructure|convert)|is not (a function|iterable|defined)|Invalid (array length|count value|time value|string length)|Maximum call stack/.test(error.message);
    outcome = { kind: 'throws', name: String(error.name), message: String(error.message).slice(0, 2000), own };
  }
  if (JSON.stringify(given.map((each) => encode(each))) !== before) return { kind: 'unusable', why: 'it changes its arguments' };
  return outcome;
};
`;

function driverFor(path: string, subjects: readonly Subject[]): string {
  return [
    `import * as subject from ${JSON.stringify(`./${path}`)};`,
    DRIVER,
    `const subjects = ${JSON.stringify(subjects)};`,
    'const answer = {};',
    'for (const { exportName, cases } of subjects)',
    '  answer[exportName] = cases.map((texts) => outcomeOf(subject[exportName], texts));',
    `process.stdout.write(${JSON.stringify(MARK)} + JSON.stringify(answer) + '\\n', () => process.exit(0));`,
  ].join('\n');
}

const DRIVER_PATH = 'automatos-observe.mjs';
const WALL_MS = 10_000;

/** What each function did with each case; a text says why there is nothing. */
export type Observed = Map<string, Outcome[] | string>;

/** Calls the functions of one module in the sandbox. A function that never ends costs only itself. */
export async function observe(
  copy: SandboxedCopy,
  path: string,
  subjects: readonly Subject[],
): Promise<Observed> {
  const result = await copy.run({
    command: `node --no-warnings ${DRIVER_PATH}`,
    files: { [DRIVER_PATH]: driverFor(path, subjects) },
    limits: { wallMs: WALL_MS, cpuSeconds: WALL_MS / 1000 },
  });
  const at = result.stdout.text.lastIndexOf(MARK);
  if (at === -1) {
    if (subjects.length === 1 || result.stopped === null)
      return new Map(
        subjects.map((one) => [one.exportName, `could not be run: ${describeEnd(result)}`]),
      );
    const apart: Observed = new Map();
    for (const one of subjects)
      for (const [name, outcomes] of await observe(copy, path, [one])) apart.set(name, outcomes);
    return apart;
  }
  const answer = answerSchema.safeParse(readJson(result.stdout.text.slice(at + MARK.length)));
  return new Map(
    subjects.map(({ exportName, cases }) => {
      const outcomes = answer.success ? answer.data[exportName] : undefined;
      return [
        exportName,
        outcomes?.length === cases.length ? outcomes : 'gave no answer that can be read',
      ];
    }),
  );
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text.split('\n')[0] ?? '');
  } catch {
    return null; // the code under test wrote over the answer
  }
}

/** JavaScript that makes the value. */
export function renderValue(value: Encoded): string {
  switch (value.t) {
    case 'json':
      return JSON.stringify(value.v);
    case 'undefined':
      return 'undefined';
    case 'number':
      return value.v;
    case 'bigint':
      return `${value.v}n`;
    case 'date':
      return `new Date(${value.v ?? 'NaN'})`;
    case 'array':
      return `[${value.v.map(renderValue).join(', ')}]`;
    case 'object':
      return value.v.length === 0
        ? '{}'
        : `{ ${value.v.map(([key, each]) => `${renderKey(key)}: ${renderValue(each)}`).join(', ')} }`;
  }
}

function renderKey(key: string): string {
  if (key === '__proto__') return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}
