import { z } from 'zod';

export const idSchema = z.uuid();
/** RFC 3339 UTC with milliseconds. */
export const timeSchema = z.iso.datetime();
export const slugSchema = z
  .string()
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'use lower-case letters, digits and single dashes')
  .max(64);
export const jsonSchema = z.json();
export const jsonObjectSchema = z.record(z.string(), jsonSchema);

/** Query of every list: `limit` 1–100 (default 20) and the opaque `cursor` of the answer before. */
export const listQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(512).optional(),
});

/** Shape of every list answer; `next_cursor` is null on the last page. */
export function listOf<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    next_cursor: z.string().nullable(),
    total: z.int().optional(),
  });
}

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
  total?: number;
}

export const fieldErrorSchema = z.object({
  pointer: z.string(),
  message: z.string(),
  line: z.int().optional(),
  column: z.int().optional(),
  suggestion: z.string().optional(),
});

/** RFC 9457 problem details, as every failed request and every failed stream ends. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  request_id: z.string(),
  errors: z.array(fieldErrorSchema).optional(),
});
export type Problem = z.infer<typeof problemSchema>;

/** Error as runs, steps and events carry it. */
export const errorInfoSchema = z.object({
  code: z.string(),
  kind: z.string(),
  message: z.string(),
  retryable: z.boolean().optional(),
  errors: z.array(fieldErrorSchema).optional(),
});
export type ErrorInfo = z.infer<typeof errorInfoSchema>;

export const usageSchema = z.object({
  model_calls: z.int(),
  tool_calls: z.int(),
  input_tokens: z.int(),
  output_tokens: z.int(),
  cached_input_tokens: z.int(),
  reasoning_tokens: z.int(),
  /** Null when at least one call has no known price. */
  cost_micros: z.int().nullable(),
  /** True when a vendor gave no usage and tokens were estimated. */
  estimated: z.boolean(),
});
export type Usage = z.infer<typeof usageSchema>;

/** What a run, step or turn used that made no call. */
export const NO_USAGE: Readonly<Usage> = Object.freeze({
  model_calls: 0,
  tool_calls: 0,
  input_tokens: 0,
  output_tokens: 0,
  cached_input_tokens: 0,
  reasoning_tokens: 0,
  cost_micros: 0,
  estimated: false,
});

/** Sum of two; the cost is unknown as soon as one part is. */
export function addUsage(a: Usage, b: Usage): Usage {
  return {
    model_calls: a.model_calls + b.model_calls,
    tool_calls: a.tool_calls + b.tool_calls,
    input_tokens: a.input_tokens + b.input_tokens,
    output_tokens: a.output_tokens + b.output_tokens,
    cached_input_tokens: a.cached_input_tokens + b.cached_input_tokens,
    reasoning_tokens: a.reasoning_tokens + b.reasoning_tokens,
    cost_micros:
      a.cost_micros === null || b.cost_micros === null ? null : a.cost_micros + b.cost_micros,
    estimated: a.estimated || b.estimated,
  };
}
