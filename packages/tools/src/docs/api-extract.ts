import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { countBy } from '../workspace/count-by.ts';
import { describeSkipped, scanInputShape } from '../workspace/scan-files.ts';
import { skippedSchema } from '../workspace/walk.ts';
import { apiSymbolSchema, type ParameterMismatch } from './api-symbol.ts';

const input = z.strictObject({
  ...scanInputShape,
  limit: z.int().min(1).max(2000).default(300).describe('Symbols to list, public ones first'),
});
const output = z.object({
  total: z.int(),
  public: z.int().describe('Offered by the entry of a package'),
  by_kind: z.record(z.string(), z.int()),
  packages: z.array(
    z.object({ name: z.string(), version: z.string().nullable(), entry: z.string().nullable() }),
  ),
  symbols: z.array(apiSymbolSchema),
  skipped: skippedSchema,
});

function toFinding(one: ParameterMismatch): Finding {
  const place = {
    location: { path: one.path, line: one.line },
    evidence: one.evidence,
    tool: 'api_extract',
  };
  return one.kind === 'unknown'
    ? {
        rule: 'docs.stale_param',
        severity: 'medium',
        message: `${one.symbol} documents a parameter ${one.parameter} that it does not have.`,
        ...place,
        fix: 'Rename it to the parameter that took its place, or delete the line.',
      }
    : {
        rule: 'docs.missing_param',
        severity: 'low',
        message: `${one.symbol} documents some parameters, but not ${one.parameter}.`,
        ...place,
        fix: `Say what ${one.parameter} means, with unit, default and limits.`,
      };
}

export const apiExtract = defineTool({
  name: 'api_extract',
  title: 'Extract the API',
  description:
    'Reads the exported API from sources (JavaScript, TypeScript, Python): signatures, documentation, parameters and members, and whether the package offers them; finds documented parameters that do not exist.',
  group: 'documentation',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 180_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['api', 'exports', 'signature', 'jsdoc', 'docstring', 'reference'],
  async run(request, env) {
    const { readApi } = await import('./read-api.ts');
    const api = await readApi(request, env);
    const ordered = api.symbols.toSorted(
      (a, b) => Number(b.public === true) - Number(a.public === true),
    );
    const offered = api.symbols.filter((symbol) => symbol.public === true).length;
    return {
      output: {
        total: api.symbols.length,
        public: offered,
        by_kind: countBy(api.symbols, (symbol) => symbol.kind),
        packages: api.packages.map(({ name, version, entry }) => ({ name, version, entry })),
        symbols: ordered.slice(0, request.limit),
        skipped: api.scan.skipped,
      },
      summary: `${api.symbols.length} exported symbols, ${offered} of them offered by ${api.packages.length} packages; ${api.mismatches.length} documented parameters do not fit.${describeSkipped(api.scan.skipped)}`,
      findings: api.mismatches.map(toFinding),
    };
  },
});
