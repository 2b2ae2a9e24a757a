import { z } from 'zod';
import type { ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { openText, parseJson } from './read-records.ts';

/** One exchange of a recorded log; header names in lower case. */
export interface Exchange {
  /** Line of the log; null in a HAR file. */
  line: number | null;
  timeMs: number;
  method: string;
  url: URL;
  status: number;
  headers: Readonly<Record<string, string>>;
}

const har = z.object({
  log: z.object({
    entries: z.array(
      z.looseObject({
        startedDateTime: z.string(),
        request: z.looseObject({ method: z.string(), url: z.string() }),
        response: z.looseObject({
          status: z.int(),
          headers: z.array(z.looseObject({ name: z.string(), value: z.string() })).default([]),
        }),
      }),
    ),
  }),
});
const entry = z.looseObject({
  time: z.union([z.string(), z.number()]),
  method: z.string().default('GET'),
  url: z.string(),
  status: z.int(),
  headers: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
});

function lower(headers: Readonly<Record<string, string | number>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
}

function toExchange(value: z.output<typeof entry>, line: number | null): Exchange[] {
  const timeMs =
    typeof value.time === 'number'
      ? value.time > 1e11
        ? value.time
        : value.time * 1000
      : Date.parse(value.time);
  const url = URL.parse(value.url);
  return url === null || Number.isNaN(timeMs)
    ? []
    : [
        {
          line,
          timeMs,
          method: value.method.toUpperCase(),
          url,
          status: value.status,
          headers: lower(value.headers),
        },
      ];
}

function fromHar(data: unknown): Exchange[] | undefined {
  const parsed = har.safeParse(data);
  return parsed.success
    ? parsed.data.log.entries.flatMap(({ startedDateTime, request, response }) =>
        toExchange(
          {
            time: startedDateTime,
            method: request.method,
            url: request.url,
            status: response.status,
            headers: Object.fromEntries(response.headers.map(({ name, value }) => [name, value])),
          },
          null,
        ),
      )
    : undefined;
}

function fromLines(text: string, path: string): Exchange[] {
  return text.split(/\r?\n/).flatMap((raw, index) => {
    if (raw.trim() === '') return [];
    let value: unknown;
    try {
      value = JSON.parse(raw);
    } catch {
      value = undefined; // told below with its line
    }
    const parsed = entry.safeParse(value);
    if (!parsed.success)
      throw toolError(
        'tools.data.malformed',
        'invalid-input',
        `Line ${index + 1} of "${path}" is no exchange: each line must be a JSON object with "time", "url", "status" and "headers" of the answer; or give a HAR file.`,
      );
    return toExchange(parsed.data, index + 1);
  });
}

/** Exchanges of a HAR file or of JSON lines, by time. Throws `tools.data.malformed` and `tools.data.empty`. */
export async function readHttpLog(
  path: string,
  env: ToolEnvironment,
): Promise<{ exchanges: Exchange[]; real: string }> {
  const { text, real } = await openText(path, env);
  const whole = /\.har$/i.test(real) || /^\s*\{\s*"log"/.test(text);
  const exchanges = whole ? (fromHar(parseJson(text, path)) ?? []) : fromLines(text, path);
  if (exchanges.length === 0)
    throw toolError(
      'tools.data.empty',
      'invalid-input',
      `"${path}" holds no exchanges with time, URL and status.`,
    );
  return { exchanges: exchanges.toSorted((a, b) => a.timeMs - b.timeMs), real };
}
