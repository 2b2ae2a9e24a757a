import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { drawChart, toHistogram, type ChartSeries } from './draw-chart.ts';

const input = z.strictObject({
  kind: z.enum(['bar', 'line', 'histogram']),
  title: z.string().min(1).max(200),
  labels: z
    .array(z.union([z.string().max(200), z.number()]))
    .max(2000)
    .optional()
    .describe('Names along the x axis; default 1, 2, 3 …'),
  series: z
    .array(
      z.strictObject({
        name: z.string().max(100).default('value'),
        values: z.array(z.number().nullable()).min(1).max(20_000),
      }),
    )
    .min(1)
    .max(6),
  bins: z.int().min(2).max(60).optional().describe('Histogram only'),
  x_label: z.string().max(100).default(''),
  y_label: z.string().max(100).default(''),
  width: z.int().min(240).max(2000).default(720),
  height: z.int().min(180).max(1500).default(400),
});
const output = z.object({
  svg: z.string(),
  width: z.int(),
  height: z.int(),
  points: z.int(),
  points_left_out: z.int(),
});

type Request = z.output<typeof input>;

/** An SVG must arrive whole: these many shapes stay far below the executor's output limit. */
const SHAPES_MAX = 1000;
const LINE_POINTS_MAX = 2000;

function noPoints() {
  return toolError('tools.chart.no_points', 'invalid-input', 'There is no number to draw.');
}

function histogramOf(request: Request): { labels: string[]; series: ChartSeries[] } {
  const values = request.series.flatMap((entry) => entry.values.filter((value) => value !== null));
  if (values.length === 0) throw noPoints();
  const histogram = toHistogram(values, request.bins);
  return { labels: histogram.labels, series: [{ name: 'count', values: histogram.counts }] };
}

/** Positions at which every series has a number, so that values stay with their labels. */
function pointsOf(request: Request): { labels: string[]; series: ChartSeries[] } {
  const length = Math.min(...request.series.map((entry) => entry.values.length));
  const max =
    request.kind === 'bar' ? Math.floor(SHAPES_MAX / request.series.length) : LINE_POINTS_MAX;
  const positions: number[] = [];
  for (let index = 0; index < length && positions.length < max; index++) {
    if (request.series.every((entry) => entry.values[index] !== null)) positions.push(index);
  }
  if (positions.length === 0) throw noPoints();
  return {
    labels: positions.map((index) => String(request.labels?.[index] ?? index + 1)),
    series: request.series.map((entry) => ({
      name: entry.name,
      values: positions.map((index) => entry.values[index] ?? 0),
    })),
  };
}

export const chartSvg = defineTool({
  name: 'chart_svg',
  title: 'Draw a chart',
  description:
    'Draws numbers as a bar chart, line chart or histogram in SVG, with a title and description for screen readers.',
  group: 'data',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 15_000,
  idempotent: true,
  isolation: 'inline',
  keywords: ['plot', 'graph', 'diagram', 'visualisation'],
  async run(request) {
    const given = request.series.reduce((sum, series) => sum + series.values.length, 0);
    const { labels, series } =
      request.kind === 'histogram' ? histogramOf(request) : pointsOf(request);
    const points =
      request.kind === 'histogram'
        ? given
        : series.reduce((sum, entry) => sum + entry.values.length, 0);
    const svg = drawChart({
      kind: request.kind,
      title: request.title,
      labels,
      series,
      xLabel: request.x_label,
      yLabel: request.y_label,
      width: request.width,
      height: request.height,
    });
    return {
      output: {
        svg,
        width: request.width,
        height: request.height,
        points,
        points_left_out: given - points,
      },
      summary: `Drew "${request.title}" as a ${request.kind} chart of ${points} points${given > points ? `; ${given - points} points were left out` : ''}.`,
    };
  },
});
