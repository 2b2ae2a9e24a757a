import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import type { Conflict } from './find-conflicts.ts';
import { spanOf } from './sentences.ts';
import {
  failureSchema,
  locationOf,
  placeName,
  sourcesInputShape,
  sourceSummarySchema,
  spanSchema,
  summarise,
} from './source-document.ts';
import { VALUE_KINDS } from './statements.ts';

const input = z.strictObject({ ...sourcesInputShape, limit: z.int().min(1).max(500).default(100) });
const output = z.object({
  sources: z.array(sourceSummarySchema),
  failures: z.array(failureSchema),
  conflicts: z.array(
    z.object({
      kind: z.enum(VALUE_KINDS),
      subject: z.string(),
      sides: z.array(
        z.object({ value: z.string(), sources: z.array(z.string()), spans: z.array(spanSchema) }),
      ),
    }),
  ),
  conflicts_total: z.int(),
  statements: z.int(),
  statements_left: z.int(),
  copies: z.array(z.object({ source: z.string(), of: z.string() })),
});

const NAMES: Readonly<Record<Conflict['kind'], string>> = {
  number: 'different numbers',
  money: 'different amounts',
  percent: 'different shares',
  date: 'different dates',
  version: 'different versions',
  claim: 'the opposite',
};

/** A finding that quotes one statement of each side. */
export function conflictFinding(conflict: Conflict, tool: string): Finding[] {
  const chosen = conflict.sides.flatMap(({ statements }) => statements.slice(0, 1));
  const first = chosen[0];
  if (first === undefined) return [];
  const { source, line, endLine } = first.sentence;
  const values = conflict.sides.map(({ value }) => `"${value}"`).join(' and ');
  return [
    {
      rule: `conflict.${conflict.kind}`,
      severity: 'medium',
      message: `Sources say ${NAMES[conflict.kind]} about "${conflict.subject}"${conflict.kind === 'claim' ? '' : `: ${values}`}.`,
      ...locationOf(source, line, endLine),
      evidence: chosen
        .map(
          ({ sentence }, index) =>
            `${index === 0 ? '' : 'against: '}${sentence.text.slice(0, 400)} [${placeName(sentence.source, sentence.line)}]`,
        )
        .join('\n'),
      fix: 'Find the primary source of the figure or claim; until then give both with their sources.',
      tool,
    },
  ];
}

function shown({ kind, subject, sides }: Conflict) {
  return {
    kind,
    subject,
    sides: sides.map(({ value, statements }) => ({
      value,
      sources: [...new Set(statements.map(({ sentence }) => sentence.source.id))],
      spans: statements.slice(0, 5).map(({ sentence }) => spanOf(sentence)),
    })),
  };
}

export const sourceConflicts = defineTool({
  name: 'source_conflicts',
  title: 'Conflicts between sources',
  description:
    'Compares what different sources say about the same subject and reports different numbers, amounts, shares, dates, versions and denied claims, both sides quoted; copies of one text count once.',
  group: 'intelligence',
  input,
  output,
  capabilities: ['read', 'network'],
  timeoutMs: 300_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['contradiction', 'disagree', 'inconsistent', 'fact check'],
  async run(request, env) {
    const { describeLoaded, loadSources } = await import('./load-sources.ts');
    const { findConflicts, findCopies } = await import('./find-conflicts.ts');
    const loaded = await loadSources(request, env);
    const { conflicts, statements, left } = findConflicts(loaded.documents);
    return {
      output: {
        sources: loaded.documents.map(summarise),
        failures: loaded.failures,
        conflicts: conflicts.slice(0, request.limit).map(shown),
        conflicts_total: conflicts.length,
        statements,
        statements_left: left,
        copies: [...findCopies(loaded.documents)].map(([id, of]) => ({ source: id, of: of.id })),
      },
      summary: `${describeLoaded(loaded)}; ${conflicts.length} conflicts among ${statements} statements${left === 0 ? '' : `; ${left} statements were not compared`}.`,
      findings: conflicts.flatMap((conflict) => conflictFinding(conflict, 'source_conflicts')),
    };
  },
});
