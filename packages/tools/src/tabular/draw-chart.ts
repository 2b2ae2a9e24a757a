/** One line, or one set of bars. */
export interface ChartSeries {
  name: string;
  values: number[];
}

export interface ChartSpec {
  kind: 'bar' | 'line' | 'histogram';
  title: string;
  /** Names along the x axis; for histograms made from the bins. */
  labels: string[];
  series: ChartSeries[];
  xLabel: string;
  yLabel: string;
  width: number;
  height: number;
}

/** Distinguishable without red and green, and on light and dark ground. */
const COLOURS = ['#3b82c4', '#d97706', '#7c5cbf', '#0f9b8e', '#c0507a', '#8a7a2f'];
const MARGIN = { top: 48, right: 16, bottom: 64, left: 64 };

function escapeXml(text: string): string {
  return text
    .replaceAll(/(?![\t\n\r])\p{Cc}|[\ufffe\uffff]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function shorten(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max - 1)}…` : text;
}

/** About five round numbers from the lowest to the highest value, always with zero for bars. */
export function ticks(low: number, high: number): number[] {
  if (low === high) return [low, low + 1];
  const raw = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= raw) ?? 10) * power;
  const found: number[] = [];
  for (let value = Math.floor(low / step) * step; value <= high + step * 0.999; value += step)
    found.push(Number(value.toPrecision(10)));
  return found;
}

function formatTick(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e9) return `${Number((value / 1e9).toPrecision(3))}G`;
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`;
  return String(Number(value.toPrecision(4)));
}

/** Counts values in equally wide bins (Sturges' rule unless a number is given). */
export function toHistogram(
  values: readonly number[],
  binsWanted?: number,
): { labels: string[]; counts: number[] } {
  const low = values.reduce((best, value) => Math.min(best, value), Number.POSITIVE_INFINITY);
  const high = values.reduce((best, value) => Math.max(best, value), Number.NEGATIVE_INFINITY);
  const bins =
    low === high ? 1 : (binsWanted ?? Math.min(60, Math.ceil(Math.log2(values.length)) + 1));
  const width = low === high ? 1 : (high - low) / bins;
  const counts = Array.from<number>({ length: bins }).fill(0);
  for (const value of values) {
    const bin = Math.min(bins - 1, Math.floor((value - low) / width));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return {
    labels: counts.map(
      (_, index) => `${formatTick(low + index * width)}–${formatTick(low + (index + 1) * width)}`,
    ),
    counts,
  };
}

interface Scale {
  x(index: number): number;
  y(value: number): number;
  slot: number;
  zero: number;
}

function makeScale(spec: ChartSpec, range: readonly number[]): Scale {
  const innerWidth = spec.width - MARGIN.left - MARGIN.right;
  const innerHeight = spec.height - MARGIN.top - MARGIN.bottom;
  const low = range[0] ?? 0;
  const high = range.at(-1) ?? 1;
  const slot = innerWidth / Math.max(1, spec.labels.length);
  const y = (value: number) => MARGIN.top + innerHeight * (1 - (value - low) / (high - low));
  return {
    slot,
    y,
    x: (index) => MARGIN.left + slot * (index + 0.5),
    zero: y(Math.min(Math.max(0, low), high)),
  };
}

function n(value: number): string {
  return String(Number(value.toFixed(2)));
}

function axes(spec: ChartSpec, scale: Scale, range: readonly number[]): string[] {
  const right = spec.width - MARGIN.right;
  const bottom = spec.height - MARGIN.bottom;
  const parts = range.map(
    (value) =>
      `<line x1="${MARGIN.left}" y1="${n(scale.y(value))}" x2="${right}" y2="${n(scale.y(value))}" stroke="#9aa3ad" stroke-opacity="0.35"/><text x="${MARGIN.left - 8}" y="${n(scale.y(value) + 4)}" text-anchor="end">${formatTick(value)}</text>`,
  );
  const every = Math.max(1, Math.ceil(spec.labels.length / Math.floor((right - MARGIN.left) / 70)));
  for (const [index, label] of spec.labels.entries()) {
    if (index % every === 0)
      parts.push(
        `<text x="${n(scale.x(index))}" y="${bottom + 18}" text-anchor="middle">${escapeXml(shorten(label, 12))}</text>`,
      );
  }
  parts.push(
    `<line x1="${MARGIN.left}" y1="${n(scale.zero)}" x2="${right}" y2="${n(scale.zero)}" stroke="#6b7280"/>`,
  );
  if (spec.xLabel !== '')
    parts.push(
      `<text x="${n((MARGIN.left + right) / 2)}" y="${spec.height - 26}" text-anchor="middle">${escapeXml(shorten(spec.xLabel, 60))}</text>`,
    );
  if (spec.yLabel !== '')
    parts.push(
      `<text transform="translate(16 ${n((MARGIN.top + bottom) / 2)}) rotate(-90)" text-anchor="middle">${escapeXml(shorten(spec.yLabel, 40))}</text>`,
    );
  return parts;
}

function bars(spec: ChartSpec, scale: Scale): string[] {
  const gap = spec.kind === 'histogram' ? 0.04 : 0.25;
  const width = (scale.slot * (1 - gap)) / spec.series.length;
  return spec.series.flatMap((series, position) =>
    series.values.map((value, index) => {
      const left = scale.x(index) - (scale.slot * (1 - gap)) / 2 + position * width;
      const top = Math.min(scale.y(value), scale.zero);
      const label = `${spec.labels[index] ?? ''}${spec.series.length > 1 ? `, ${series.name}` : ''}: ${value}`;
      return `<rect x="${n(left)}" y="${n(top)}" width="${n(Math.max(0.5, width))}" height="${n(Math.abs(scale.y(value) - scale.zero))}" fill="${COLOURS[position % COLOURS.length]}"><title>${escapeXml(label)}</title></rect>`;
    }),
  );
}

function lines(spec: ChartSpec, scale: Scale): string[] {
  return spec.series.map((series, position) => {
    const points = series.values
      .map((value, index) => `${n(scale.x(index))},${n(scale.y(value))}`)
      .join(' ');
    return `<polyline points="${points}" fill="none" stroke="${COLOURS[position % COLOURS.length]}" stroke-width="2"><title>${escapeXml(series.name)}</title></polyline>`;
  });
}

function legend(spec: ChartSpec): string[] {
  if (spec.series.length < 2) return [];
  return spec.series.map((series, index) => {
    const x = MARGIN.left + index * 130;
    return `<rect x="${x}" y="${spec.height - 14}" width="10" height="10" fill="${COLOURS[index % COLOURS.length]}"/><text x="${x + 15}" y="${spec.height - 5}">${escapeXml(shorten(series.name, 16))}</text>`;
  });
}

/** Draws the chart as an SVG document with a title and a description for screen readers; the same data give the same text. */
export function drawChart(spec: ChartSpec): string {
  const values = spec.series.flatMap((series) => series.values);
  const lowest = values.reduce((best, value) => Math.min(best, value), Number.POSITIVE_INFINITY);
  const highest = values.reduce((best, value) => Math.max(best, value), Number.NEGATIVE_INFINITY);
  const fromZero = spec.kind !== 'line';
  const range = ticks(
    fromZero ? Math.min(0, lowest) : lowest,
    fromZero ? Math.max(0, highest) : highest,
  );
  const scale = makeScale(spec, range);
  const description = `${spec.kind} chart, ${spec.series.length} series, ${spec.labels.length} points, values from ${formatTick(lowest)} to ${formatTick(highest)}.`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${spec.width} ${spec.height}" width="${spec.width}" height="${spec.height}" role="img" aria-labelledby="chart-title chart-description" font-family="system-ui, sans-serif" font-size="11" fill="currentColor">`,
    `<title id="chart-title">${escapeXml(spec.title)}</title>`,
    `<desc id="chart-description">${escapeXml(description)}</desc>`,
    `<text x="${MARGIN.left}" y="24" font-size="15" font-weight="600">${escapeXml(shorten(spec.title, 80))}</text>`,
    ...axes(spec, scale, range),
    ...(spec.kind === 'line' ? lines(spec, scale) : bars(spec, scale)),
    ...legend(spec),
    '</svg>',
  ].join('\n');
}
