import { isJsonObject } from '@automatos/kernel';
import { toolError } from '../tool-error.ts';

/** Samples of one thing that was measured, with the 1-based line on which its name stands. */
export interface Measurement {
  name: string;
  unit: string;
  /** True for rates, where more is better. */
  moreIsBetter: boolean;
  samples: number[];
  line: number;
}

const RATE = /^(?:ops|hz|rps|req)|\/s$|per.?sec|throughput/i;

function samplesOf(value: unknown): number[] | undefined {
  return Array.isArray(value) &&
    value.length > 0 &&
    value.every((each) => typeof each === 'number' && Number.isFinite(each))
    ? (value as number[])
    : undefined;
}

/** Lists of records under these names are read, as benchmark programs write them. */
const LISTS = ['benchmarks', 'results', 'tasks', 'measurements'];

function entriesOf(document: unknown): [string, unknown][] {
  if (Array.isArray(document)) return document.flatMap(named);
  if (!isJsonObject(document)) return [];
  const list = LISTS.map((name) => document[name]).find((value) => value !== undefined);
  if (Array.isArray(list)) return list.flatMap(named);
  return Object.entries(isJsonObject(list) ? list : document);
}

function named(record: unknown): [string, unknown][] {
  const name = isJsonObject(record) ? (record['name'] ?? record['title']) : undefined;
  return typeof name === 'string' ? [[name, record]] : [];
}

function lineOf(text: string, name: string): number {
  const at = text.indexOf(JSON.stringify(name));
  return at === -1 ? 1 : text.slice(0, at).split('\n').length;
}

/**
 * Reads `{name: [samples]}`, `{name: {samples, unit}}`, or a list of `{name, samples, unit}` under `benchmarks` or alike. Throws
 * `tools.measurements.malformed`.
 */
export function readMeasurements(text: string, shown: string): Measurement[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw toolError('tools.measurements.malformed', 'invalid-input', {
      message: `"${shown}" is no JSON document: ${(cause as Error).message}.`,
      cause,
    });
  }
  const found = entriesOf(document).flatMap(([name, value]): Measurement[] => {
    const record = isJsonObject(value) ? value : {};
    const samples = samplesOf(value) ?? samplesOf(record['samples']) ?? samplesOf(record['values']);
    if (samples === undefined) return [];
    const unit = typeof record['unit'] === 'string' ? record['unit'] : 'ms';
    return [{ name, unit, moreIsBetter: RATE.test(unit), samples, line: lineOf(text, name) }];
  });
  if (found.length > 0) return found;
  throw toolError(
    'tools.measurements.malformed',
    'invalid-input',
    `"${shown}" holds no samples. Give {"name": [12.1, 12.4, …]}, or a list of {"name", "unit", "samples"} under "benchmarks".`,
  );
}
