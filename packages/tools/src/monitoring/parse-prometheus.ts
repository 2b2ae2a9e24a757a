import { lineFinder } from '../workspace/scan-files.ts';
import { looksLikeCounter, type MetricSeries } from './metric-series.ts';

const SAMPLE =
  /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?[ \t]+([+-]?(?:[\d.]+(?:e[+-]?\d+)?|inf|nan))(?:[ \t]+(-?[\d.]+))?(?:[ \t]*#.*)?$/i;
const LABEL = /([a-zA-Z_]\w*)="((?:\\.|[^"\\])*)"/g;
const SERIES_MAX = 5000;

function toNumber(text: string): number {
  if (/inf$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return Number(text);
}

function labelsOf(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(LABEL)].map((match) => [
      match[1] ?? '',
      (match[2] ?? '').replaceAll(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign)),
    ]),
  );
}

/** Times of up to ten digits are seconds (OpenMetrics), longer ones ms. */
function toMs(text: string): number {
  const value = Number(text);
  return value < 1e11 ? value * 1000 : value;
}

/** Reads the Prometheus text format; samples without a time get that of the file. Lines that are no samples are left out. */
export function parsePrometheusText(
  text: string,
  source: { path: string; fileTimeMs: number },
): MetricSeries[] {
  const found = new Map<string, MetricSeries>();
  const types = new Map<string, string>();
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    const type = /^# TYPE (\S+) (\S+)/.exec(line);
    if (type !== null) types.set(type[1] ?? '', type[2] ?? '');
    const sample = line.startsWith('#') ? null : SAMPLE.exec(line);
    if (sample === null) continue;
    const [, name = '', labelText = '', value = '', time] = sample;
    const key = `${name}{${labelText}}`;
    let series = found.get(key);
    if (series === undefined) {
      if (found.size >= SERIES_MAX) continue;
      const declared = types.get(name) ?? types.get(name.replace(/_total$/, ''));
      const kind =
        declared === 'counter' || (declared !== 'gauge' && looksLikeCounter(name))
          ? 'counter'
          : 'gauge';
      series = { name, labels: labelsOf(labelText), kind, path: source.path, points: [] };
      found.set(key, series);
    }
    series.points.push({
      timeMs: time === undefined ? source.fileTimeMs : toMs(time),
      value: toNumber(value),
      line: index + 1,
    });
  }
  return [...found.values()];
}

interface Matrix {
  metric: Record<string, string>;
  values: [number, string][];
}

function matrixOf(data: unknown): Matrix[] | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const inner = 'data' in data ? data.data : data;
  const result =
    typeof inner === 'object' && inner !== null && 'result' in inner ? inner.result : undefined;
  if (!Array.isArray(result)) return undefined;
  return result.filter(
    (one): one is Matrix =>
      typeof one === 'object' &&
      one !== null &&
      'metric' in one &&
      'values' in one &&
      Array.isArray((one as Matrix).values),
  );
}

/** Reads the answer of a Prometheus range query; undefined when the JSON is something else. */
export function parseRangeQuery(
  data: unknown,
  text: string,
  path: string,
): MetricSeries[] | undefined {
  const matrix = matrixOf(data);
  if (matrix === undefined) return undefined;
  const lineAt = lineFinder(text);
  let from = 0;
  return matrix.slice(0, SERIES_MAX).map(({ metric, values }) => {
    const { __name__: name = 'value', ...labels } = metric;
    const points = values.map(([seconds, value]) => {
      // Times stand in the text in the same order, so each search goes on where the last one ended.
      const at = text.indexOf(String(seconds), from);
      if (at >= 0) from = at + 1;
      return {
        timeMs: Number(seconds) * 1000,
        value: toNumber(String(value)),
        line: lineAt(Math.max(0, from - 1)),
      };
    });
    return { name, labels, kind: looksLikeCounter(name) ? 'counter' : 'gauge', path, points };
  });
}
