import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import type { ToolEnvironment } from '../definition.ts';
import { readRows, type Cell } from '../tabular/read-rows.ts';
import type { DataFormat } from '../tabular/open-data.ts';
import { toolError } from '../tool-error.ts';
import { readTextFile } from '../workspace/read-text.ts';
import { extensionOf } from '../workspace/scan-files.ts';
import { walkFiles, type Skipped, type WalkedFile } from '../workspace/walk.ts';
import { looksLikeCounter, type MetricPoint, type MetricSeries } from './metric-series.ts';
import { parsePrometheusText, parseRangeQuery } from './parse-prometheus.ts';

const FILES_MAX = 100;
const SERIES_MAX = 2000;
const TEXT_BYTES_MAX = 20 * 1024 * 1024;

/** Where the metrics are, for all tools that read them. */
export const metricInputShape = {
  path: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe('Folder (or file) with metrics; also used for what is not given on its own'),
  metrics: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe(
      'Folder or file with metrics: CSV or JSON with a time column, Prometheus text, or the answer of a range query',
    ),
};

export interface MetricReading {
  series: MetricSeries[];
  files: string[];
  /** Files that might have held metrics and do not. */
  filesWithout: number;
  skipped: Skipped;
}

const TABLES: Readonly<Record<string, DataFormat>> = {
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.json': 'json',
};
const TEXTS = new Set(['.prom', '.metrics', '.om', '.openmetrics']);
const TIME_NAME = /^(?:time|timestamp|ts|date|datetime|@timestamp|_time|at)$/i;

function toTimeMs(cell: Cell): number {
  if (typeof cell === 'number') return cell < 1e11 ? cell * 1000 : cell;
  if (typeof cell !== 'string') return Number.NaN;
  const text = cell.trim();
  const ms = Date.parse(
    /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?$/.test(text)
      ? `${text.replace(' ', 'T')}Z`
      : text,
  );
  return /^\d{4}-/.test(text) ? ms : Number.NaN;
}

/** Collects series from rows: one per numeric column, or one per name and labels when the rows name their metric. */
function createRowCollector(path: string) {
  const found = new Map<string, MetricSeries>();
  const add = (name: string, labels: Record<string, string>, point: MetricPoint) => {
    const key = `${name} ${JSON.stringify(labels)}`;
    let series = found.get(key);
    if (series === undefined) {
      if (found.size >= SERIES_MAX) return;
      series = {
        name,
        labels,
        kind: looksLikeCounter(name) ? 'counter' : 'gauge',
        path,
        points: [],
      };
      found.set(key, series);
    }
    series.points.push(point);
  };
  return {
    add(cells: ReadonlyMap<string, Cell>, line: number) {
      const timeName = [...cells.keys()].find((name) => TIME_NAME.test(name));
      const timeMs = timeName === undefined ? Number.NaN : toTimeMs(cells.get(timeName) ?? null);
      if (Number.isNaN(timeMs)) return;
      const named = cells.get('metric') ?? cells.get('name') ?? cells.get('__name__');
      const rest = [...cells].filter(([name]) => name !== timeName);
      if (typeof named === 'string' && typeof cells.get('value') === 'number') {
        const labels = rest.filter(
          ([name, cell]) =>
            !['metric', 'name', '__name__', 'value'].includes(name) && typeof cell === 'string',
        );
        add(named, Object.fromEntries(labels.map(([name, cell]) => [name, String(cell)])), {
          timeMs,
          value: Number(cells.get('value')),
          line,
        });
        return;
      }
      for (const [name, cell] of rest)
        if (typeof cell === 'number' || cell === null)
          add(name, {}, { timeMs, value: typeof cell === 'number' ? cell : Number.NaN, line });
    },
    series: () =>
      [...found.values()].filter(({ points }) =>
        points.some(({ value }) => Number.isFinite(value)),
      ),
  };
}

async function readTable(file: WalkedFile, format: DataFormat): Promise<MetricSeries[]> {
  const collector = createRowCollector(file.path);
  try {
    for await (const { cells, line } of readRows({
      path: file.path,
      absolute: file.absolute,
      size: file.size,
      format,
    }))
      collector.add(cells, line);
  } catch {
    return []; // no table after all: counted as a file without metrics
  }
  return collector.series();
}

async function readJson(file: WalkedFile): Promise<MetricSeries[]> {
  if (file.size > TEXT_BYTES_MAX) return [];
  const text = await readFile(file.absolute, 'utf8');
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return []; // counted as a file without metrics
  }
  return parseRangeQuery(data, text, file.path) ?? readTable(file, 'json');
}

async function readOne(file: WalkedFile): Promise<MetricSeries[]> {
  const extension = extensionOf(file.path);
  if (TEXTS.has(extension) || extension === '.txt') {
    const result = await readTextFile(file.absolute, TEXT_BYTES_MAX);
    if (result.kind !== 'text' || (extension === '.txt' && !/^# TYPE \S+ /m.test(result.text)))
      return [];
    return parsePrometheusText(result.text, {
      path: file.path,
      fileTimeMs: (await stat(file.absolute)).mtimeMs,
    });
  }
  const format = TABLES[extension];
  if (format === undefined) return [];
  return format === 'json' ? readJson(file) : readTable(file, format);
}

function ordered(series: MetricSeries): MetricSeries {
  return { ...series, points: series.points.toSorted((a, b) => a.timeMs - b.timeMs) };
}

/** Reads all metrics under a path; an empty list when there are none. Throws for paths that cannot be read. */
export async function readMetrics(path: string, env: ToolEnvironment): Promise<MetricReading> {
  const walk = await walkFiles(path, { roots: env.roots, signal: env.signal });
  const candidates = walk.files.filter((file) => {
    const extension = extensionOf(file.path);
    return (
      (extension in TABLES || TEXTS.has(extension) || extension === '.txt') &&
      !/(?:^|\/)(?:package(?:-lock)?|tsconfig[^/]*)\.json$/.test(file.path)
    );
  });
  const reading: MetricReading = { series: [], files: [], filesWithout: 0, skipped: walk.skipped };
  walk.skipped.limit += Math.max(0, candidates.length - FILES_MAX);
  for (const file of candidates.slice(0, FILES_MAX)) {
    env.progress(file.path);
    const series = await readOne(file);
    if (series.length === 0) reading.filesWithout += 1;
    else reading.files.push(file.path);
    reading.series.push(...series.map(ordered));
  }
  reading.series = reading.series.slice(0, SERIES_MAX);
  return reading;
}

/** Reads the metrics that the input of a tool names. Throws `tools.arguments.invalid` when it names none. */
export async function readGivenMetrics(
  given: { path?: string | undefined; metrics?: string | undefined },
  env: ToolEnvironment,
): Promise<MetricReading> {
  const path = given.metrics ?? given.path;
  if (path === undefined)
    throw toolError('tools.arguments.invalid', 'invalid-input', {
      message: 'Give "metrics" (or "path"): a folder or file with metrics.',
      errors: [{ pointer: '/metrics', message: 'required' }],
    });
  return readMetrics(path, env);
}

/** Words for a summary when there was nothing to look at; empty when there was. */
export function describeNone({ series, filesWithout }: MetricReading): string {
  return series.length > 0
    ? ''
    : ` No metrics were found: none of ${filesWithout} files has a time column with numbers, is Prometheus text or the answer of a range query.`;
}
