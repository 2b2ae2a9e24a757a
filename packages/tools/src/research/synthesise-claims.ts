import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import {
  failureSchema,
  sourceSummarySchema,
  spanSchema,
  summarise,
} from '../intelligence/source-document.ts';
import { planQuestion, type QuestionPlan } from './plan-question.ts';
import { readQuestion, researchInputShape, SEARCH_NOTE } from './question-input.ts';
import type { Claim } from './collect-claims.ts';

const input = z.strictObject({
  ...researchInputShape,
  claims_max: z.int().min(1).max(10).default(3).describe('Most claims per sub-question'),
});
const claim = z.object({
  id: z.string(),
  sub_question: z.string(),
  text: z.string(),
  citations: z.array(spanSchema),
  voices: z.int().describe('Sources that say so; copies count once'),
  contested: z.boolean(),
});
const output = z.object({
  question: z.string(),
  sources: z.array(sourceSummarySchema),
  failures: z.array(failureSchema),
  claims: z.array(claim),
  citations: z.array(spanSchema),
  open_questions: z.array(z.string()),
  draft: z.string().describe('Claims with citations as Markdown'),
  note: z.string(),
});

/** The span in the form that `cite_check` reads: `path:line`, or the URL with `#L` and the line. */
export function citationText({ origin, line, end_line: end }: z.output<typeof spanSchema>): string {
  if (/^https?:/.test(origin))
    return end === line ? `[${origin}#L${line}]` : `[${origin}#L${line}-L${end}]`;
  return end === line ? `[${origin}:${line}]` : `[${origin}:${line}-${end}]`;
}

function toDraft(plan: QuestionPlan, claims: readonly Claim[], open: readonly string[]): string {
  const parts = plan.sub_questions.flatMap(({ id, question }) => {
    const own = claims.filter(({ sub_question: of }) => of === id);
    if (own.length === 0) return [];
    const lines = own.map(
      ({ text, citations, contested }) =>
        `- “${text.replaceAll(/[“”]/g, '"')}” ${citations.map(citationText).join(' ')}${contested ? ' (other sources say otherwise)' : ''}`,
    );
    return [`## ${question}`, '', ...lines, ''];
  });
  const unknown =
    open.length === 0 ? [] : ['## Open questions', '', ...open.map((one) => `- ${one}`), ''];
  return [`# ${plan.question}`, '', ...parts, ...unknown].join('\n');
}

function openFinding(question: string, terms: readonly string[], sources: number): Finding {
  return {
    rule: 'research.unanswered',
    severity: 'medium',
    message: `No source answers: ${question}`,
    evidence: `searched for ${terms.join(', ')} in ${sources} sources`,
    fix: 'Add sources, or give the question as open in the answer.',
    tool: 'synthesise_claims',
  };
}

export const synthesiseClaims = defineTool({
  name: 'synthesise_claims',
  title: 'Claims with citations',
  description:
    'Answers a question by sentences of the sources, word for word, each with the lines that it stands on, joined where several sources say the same, marked where they disagree; what no source answers is listed as open.',
  group: 'research',
  input,
  output,
  capabilities: ['read', 'network'],
  timeoutMs: 300_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['answer', 'citations', 'extract', 'synthesis', 'brief', 'summary'],
  async run(request, env) {
    const asked = readQuestion(request);
    const { describeLoaded, loadSources } = await import('../intelligence/load-sources.ts');
    const { collectClaims } = await import('./collect-claims.ts');
    const loaded = await loadSources(asked, env);
    const plan = planQuestion(asked.question, request);
    const { claims, unanswered } = collectClaims(loaded.documents, plan, request.claims_max);
    const open = unanswered.map(({ question }) => question);
    const draft = toDraft(plan, claims, open);
    const citations = claims.flatMap((one) => one.citations);
    return {
      output: {
        question: asked.question,
        sources: loaded.documents.map(summarise),
        failures: loaded.failures,
        claims,
        citations,
        open_questions: open,
        draft,
        note: SEARCH_NOTE,
      },
      summary: `${describeLoaded(loaded)}; ${claims.length} claims with ${citations.length} citations for ${plan.sub_questions.length - open.length} of ${plan.sub_questions.length} sub-questions. ${SEARCH_NOTE}`,
      findings: unanswered.map(({ question, terms }) =>
        openFinding(question, terms, loaded.documents.length),
      ),
      artifacts: [
        {
          name: 'claims.md',
          title: 'Claims with citations',
          contentType: 'text/markdown',
          content: draft,
        },
      ],
    };
  },
});
