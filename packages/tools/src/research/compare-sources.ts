import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import {
  failureSchema,
  locationOf,
  placeName,
  sourceSummarySchema,
  spanSchema,
  summarise,
} from '../intelligence/source-document.ts';
import type { Cell } from './compare-options.ts';
import { planQuestion } from './plan-question.ts';
import { readQuestion, researchInputShape } from './question-input.ts';

const input = z.strictObject(researchInputShape);
const cell = z.object({
  option: z.string(),
  criterion: z.string(),
  agreement: z.enum(['none', 'single', 'agree', 'differ']),
  values: z.array(z.string()),
  citations: z.array(spanSchema),
});
const output = z.object({
  sources: z.array(sourceSummarySchema),
  failures: z.array(failureSchema),
  options: z.array(z.string()),
  criteria: z.array(z.string()),
  comparison: z.array(cell),
  gaps: z.array(z.object({ option: z.string(), criterion: z.string() })),
  table: z.string().describe('The matrix as a Markdown table'),
});

function gapFinding({ option, criterion }: Cell, sources: number): Finding {
  return {
    rule: 'research.gap',
    severity: 'low',
    message: `No source says anything about the ${criterion} of ${option}.`,
    evidence: `${option} × ${criterion}: 0 statements in ${sources} sources`,
    fix: 'Add a source about it, or say in the answer that it is unknown.',
    tool: 'compare_sources',
  };
}

function disagreement({ option, criterion, against }: Cell): Finding[] {
  if (against === null) return [];
  const [a, b] = against;
  return [
    {
      rule: 'research.disagreement',
      severity: 'medium',
      message: `Sources disagree about the ${criterion} of ${option}: "${a.shown}" and "${b.shown}".`,
      ...locationOf(a.sentence.source, a.sentence.line, a.sentence.endLine),
      evidence: `${a.sentence.text.slice(0, 300)} [${placeName(a.sentence.source, a.sentence.line)}]\nagainst: ${b.sentence.text.slice(0, 300)} [${placeName(b.sentence.source, b.sentence.line)}]`,
      fix: 'Give both figures with their sources, and find out under which conditions each was measured.',
      tool: 'compare_sources',
    },
  ];
}

function shown({ option, criterion, agreement, statements }: Cell): z.output<typeof cell> {
  return {
    option,
    criterion,
    agreement,
    values: [
      ...new Set(statements.flatMap(({ values }) => values.map((value) => value.shown))),
    ].slice(0, 8),
    citations: statements.map(({ sentence }) => ({
      source: sentence.source.id,
      origin: sentence.source.origin,
      line: sentence.line,
      end_line: sentence.endLine,
      quote: sentence.text.slice(0, 600),
    })),
  };
}

function toTable(
  cells: readonly z.output<typeof cell>[],
  options: readonly string[],
  criteria: readonly string[],
): string {
  const text = (option: string, criterion: string): string => {
    const found = cells.find((one) => one.option === option && one.criterion === criterion);
    const first = found?.citations[0];
    if (found === undefined || first === undefined) return 'unknown';
    const said = found.values.length > 0 ? found.values.join(' / ') : first.quote.slice(0, 80);
    const places = [
      ...new Set(found.citations.map(({ origin, line }) => `${origin}:${line}`)),
    ].slice(0, 3);
    return `${said} (${places.join(', ')})`.replaceAll('|', '\\|');
  };
  return [
    `| | ${criteria.join(' | ')} |`,
    `| --- |${criteria.map(() => ' --- |').join('')}`,
    ...options.map(
      (option) =>
        `| ${option} | ${criteria.map((criterion) => text(option, criterion)).join(' | ')} |`,
    ),
  ].join('\n');
}

export const compareSources = defineTool({
  name: 'compare_sources',
  title: 'Compare options by sources',
  description:
    'Makes a matrix of options and criteria from what sources say, each cell with its citations, and reports cells without evidence and cells where sources disagree.',
  group: 'research',
  input,
  output,
  capabilities: ['read', 'network'],
  timeoutMs: 300_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['comparison', 'matrix', 'evaluate', 'criteria', 'versus', 'alternatives'],
  async run(request, env) {
    const asked = readQuestion(request);
    const { options, criteria } = planQuestion(asked.question, request);
    const { describeLoaded, loadSources } = await import('../intelligence/load-sources.ts');
    const { compareOptions } = await import('./compare-options.ts');
    const loaded = await loadSources(asked, env);
    const cells = compareOptions(loaded.documents, options, criteria);
    const gaps = cells.filter(({ agreement }) => agreement === 'none');
    const comparison = cells.map(shown);
    const table = toTable(comparison, options, criteria);
    return {
      output: {
        sources: loaded.documents.map(summarise),
        failures: loaded.failures,
        options,
        criteria,
        comparison,
        gaps: gaps.map(({ option, criterion }) => ({ option, criterion })),
        table,
      },
      summary:
        cells.length === 0
          ? `The question names no ${options.length === 0 ? 'options' : 'criteria'}, so nothing was compared; give them in "options" and "criteria".`
          : `${describeLoaded(loaded)}; ${options.length} options by ${criteria.length} criteria: ${gaps.length} cells without evidence, ${cells.filter(({ agreement }) => agreement === 'differ').length} where sources disagree.`,
      findings: [
        ...gaps.map((gap) => gapFinding(gap, loaded.documents.length)),
        ...cells.flatMap(disagreement),
      ],
      artifacts:
        cells.length === 0
          ? []
          : [
              {
                name: 'comparison.md',
                title: 'Comparison',
                contentType: 'text/markdown',
                content: `${table}\n`,
              },
            ],
    };
  },
});
