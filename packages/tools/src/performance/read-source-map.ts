import { z } from 'zod';

const mapSchema = z.object({
  sources: z.array(z.string().nullable()),
  sourcesContent: z.array(z.string().nullable()).optional(),
  mappings: z.string(),
});
export type SourceMap = z.output<typeof mapSchema>;

/** Reads a source map of one file; undefined for anything else. */
export function parseSourceMap(text: string): SourceMap | undefined {
  try {
    // Some servers put this before, so that the file is no script.
    return mapSchema.safeParse(JSON.parse(text.replace(/^\)\]\}'[^\n]*\n/, ''))).data;
  } catch {
    return undefined;
  }
}

const DIGITS = new Map(
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    .split('')
    .map((digit, value) => [digit, value]),
);

/** Numbers of one segment of base-64 variable-length quantities. */
function readSegment(segment: string): number[] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const digit of segment) {
    const bits = DIGITS.get(digit) ?? 0;
    value += (bits & 31) * 2 ** shift;
    shift += 5;
    if ((bits & 32) !== 0) continue;
    numbers.push(value % 2 === 1 ? -Math.floor(value / 2) : value / 2);
    value = 0;
    shift = 0;
  }
  return numbers;
}

/** Characters of the generated text by the source they come from; what has no source is not counted. */
export function charactersBySource(map: SourceMap, generated: string): Map<string, number> {
  const counts = new Map<string, number>();
  const lines = generated.split('\n');
  let source = 0;
  for (const [index, group] of map.mappings.split(';').entries()) {
    const length = (lines[index]?.length ?? -1) + 1;
    let column = 0;
    let from: { column: number; source: number } | undefined;
    const count = (until: number): void => {
      const name = from === undefined ? undefined : map.sources[from.source];
      if (from === undefined || name === undefined || name === null) return;
      counts.set(name, (counts.get(name) ?? 0) + Math.max(0, until - from.column));
    };
    for (const segment of group === '' ? [] : group.split(',')) {
      const [columns = 0, sources] = readSegment(segment);
      column += columns;
      count(column);
      if (sources === undefined) from = undefined;
      else {
        source += sources;
        from = { column, source };
      }
    }
    count(length);
  }
  return counts;
}

/** The installed package that a source belongs to, with the folder it lies in; undefined for the project's own. */
export function packageOf(source: string): { name: string; folder: string } | undefined {
  const at = source.lastIndexOf('node_modules/');
  if (at === -1) return undefined;
  const [scope = '', second] = source.slice(at + 'node_modules/'.length).split('/');
  const name = scope.startsWith('@') && second !== undefined ? `${scope}/${second}` : scope;
  const from = source.indexOf('node_modules/');
  return { name, folder: source.slice(from, at + 'node_modules/'.length + name.length) };
}
