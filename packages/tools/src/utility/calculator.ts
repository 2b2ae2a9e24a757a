import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { formatDecimal, invalid, parseDecimal, negate } from './decimal.ts';
import type { Decimal } from './decimal.ts';
import { evaluateExpression } from './evaluate-expression.ts';

const SHOWN = 60;

function variableOf(name: string, value: number): Decimal {
  const text = Math.abs(value).toString();
  if (!Number.isFinite(value)) throw invalid(`The variable "${name}" is no finite number.`);
  return value < 0 ? negate(parseDecimal(text)) : parseDecimal(text);
}

export const calculator = defineTool({
  name: 'calculator',
  title: 'Calculator',
  description:
    'Computes an arithmetic expression exactly: + - * / % ^, brackets, percent, round, sqrt, min, max, sum, avg, median, ln, log10, exp, sin and others. Decimals stay exact; division and roots have 30 digits.',
  group: 'utility',
  input: z.strictObject({
    expression: z
      .string()
      .min(1)
      .max(10_000)
      .describe('For example (1200 * 1.19) / 12 or round(a * b, 2)'),
    variables: z.record(z.string().regex(/^[a-z_][a-z\d_]*$/i), z.number()).default({}),
  }),
  output: z.object({
    value: z.string().describe('Exact, as decimal digits'),
    number: z.number().describe('The same as a floating point number'),
  }),
  capabilities: ['read'],
  timeoutMs: 5_000,
  idempotent: true,
  isolation: 'inline',
  tainted: false,
  keywords: ['arithmetic', 'math', 'sum', 'percent', 'add', 'multiply', 'divide', 'number'],
  async run({ expression, variables }) {
    const known = new Map(
      Object.entries(variables).map(([name, value]) => [name, variableOf(name, value)]),
    );
    const value = formatDecimal(evaluateExpression(expression, known));
    const shown = value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value;
    return { output: { value, number: Number(value) }, summary: `The result is ${shown}.` };
  },
});
