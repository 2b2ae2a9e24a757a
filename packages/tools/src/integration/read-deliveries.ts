import { z } from 'zod';
import type { ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { openText } from './read-records.ts';
import type { Delivery } from './verify-signature.ts';

/** A delivery with its line in the recording. */
export interface RecordedDelivery extends Delivery {
  line: number;
  /** When it came, in ms; null when the recording does not say. */
  receivedMs: number | null;
  /** What was answered then; null when unknown. */
  status: number | null;
}

const recorded = z.looseObject({
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  body: z.union([z.string(), z.null()]).default(''),
  time: z.union([z.string(), z.number()]).optional(),
  received_at: z.union([z.string(), z.number()]).optional(),
  status: z.int().optional(),
});

function toMs(time: string | number | undefined): number | null {
  if (time === undefined) return null;
  const ms = typeof time === 'number' ? (time > 1e11 ? time : time * 1000) : Date.parse(time);
  return Number.isNaN(ms) ? null : ms;
}

/** Reads a recording: JSON lines with headers, the raw body as a string, and time. Throws `tools.data.malformed`. */
export async function readDeliveries(
  path: string,
  env: ToolEnvironment,
): Promise<{ deliveries: RecordedDelivery[]; real: string }> {
  const { text, real } = await openText(path, env);
  const deliveries = text.split(/\r?\n/).flatMap((raw, index): RecordedDelivery[] => {
    if (raw.trim() === '') return [];
    let value: unknown;
    try {
      value = JSON.parse(raw);
    } catch {
      value = undefined; // told below with its line
    }
    const parsed = recorded.safeParse(value);
    if (!parsed.success)
      throw toolError(
        'tools.data.malformed',
        'invalid-input',
        `Line ${index + 1} of "${path}" is no delivery: each line must be a JSON object with "headers", the raw "body" as a string, and "time".`,
      );
    const { headers, body, status } = parsed.data;
    return [
      {
        line: index + 1,
        headers: Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [
            name.toLowerCase(),
            Array.isArray(value) ? value.join(', ') : value,
          ]),
        ),
        body: body ?? '',
        receivedMs: toMs(parsed.data.time ?? parsed.data.received_at),
        status: status ?? null,
      },
    ];
  });
  if (deliveries.length === 0)
    throw toolError('tools.data.empty', 'invalid-input', `"${path}" holds no deliveries.`);
  return { deliveries, real };
}

/** The secret that a name stands for in a `.env` or JSON file; it never leaves the tool. Throws `tools.secret.not_found`. */
export async function readSecret(
  path: string,
  name: string,
  env: ToolEnvironment,
): Promise<string> {
  const { text } = await openText(path, env);
  const fromLine = text
    .split(/\r?\n/)
    .map((line) => /^\s*(?:export\s+)?([\w.-]+)\s*=\s*(.*?)\s*$/.exec(line))
    .find((match) => match?.[1] === name)?.[2];
  const fromJson = /^\s*\{/.test(text) ? readJsonField(text, name) : undefined;
  const secret = fromJson ?? fromLine?.replaceAll(/^["']|["']$/g, '');
  if (secret === undefined || secret === '')
    throw toolError(
      'tools.secret.not_found',
      'not-found',
      `"${path}" has no entry named "${name}".`,
    );
  return secret;
}

function readJsonField(text: string, name: string): string | undefined {
  try {
    const parsed = z.record(z.string(), z.unknown()).safeParse(JSON.parse(text));
    const value = parsed.success ? parsed.data[name] : undefined;
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined; // then it is read as lines
  }
}
