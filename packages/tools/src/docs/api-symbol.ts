import { z } from 'zod';

const parameterSchema = z.object({
  name: z.string(),
  type: z.string().describe('As written; empty when the source names none'),
  optional: z.boolean(),
  doc: z.string(),
});

/** One exported thing as its callers see it. */
export const apiSymbolSchema = z.object({
  name: z.string(),
  kind: z.enum(['function', 'class', 'interface', 'type', 'enum', 'constant']),
  path: z.string(),
  line: z.int(),
  signature: z.string(),
  doc: z.string().describe('Text of the documentation comment without its tags'),
  parameters: z.array(parameterSchema),
  returns: z.string().describe('What is documented about the result'),
  deprecated: z.string().nullable().describe('The reason, when it is marked as deprecated'),
  examples: z.array(z.string()),
  members: z.array(z.object({ name: z.string(), signature: z.string(), doc: z.string() })),
  public: z
    .boolean()
    .nullable()
    .describe('Whether the entry of its package offers it; null when there is no entry to tell'),
});
export type ApiSymbol = z.output<typeof apiSymbolSchema>;

/** A documentation comment against the signature beside it. */
export interface ParameterMismatch {
  symbol: string;
  path: string;
  line: number;
  parameter: string;
  kind: 'unknown' | 'undocumented';
  evidence: string;
}
