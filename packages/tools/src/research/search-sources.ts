import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import type { Sentence } from '../intelligence/sentences.ts';
import { failureSchema, sourceSummarySchema, summarise } from '../intelligence/source-document.ts';
import { keywordsOf, stem } from '../intelligence/terms.ts';
import { planQuestion } from './plan-question.ts';
import { readQuestion, researchInputShape, SEARCH_NOTE } from './question-input.ts';
import type { Ranked } from './rank-passages.ts';

const input = z.strictObject({
  ...researchInputShape,
  limit: z.int().min(1).max(200).default(20).describe('Most passages'),
});
const passage = z.object({
  score: z.number(),
  coverage: z.number(),
  source: z.string(),
  origin: z.string(),
  title: z.string().nullable(),
  heading: z.string().nullable(),
  line: z.int(),
  end_line: z.int(),
  text: z.string(),
  matched: z.array(z.string()),
  sub_questions: z.array(z.string()),
});
const output = z.object({
  sources: z.array(sourceSummarySchema),
  failures: z.array(failureSchema),
  passages: z.array(passage),
  passages_total: z.int(),
  terms_absent: z.array(z.string()),
  note: z.string(),
});

interface Hit {
  ranked: Ranked;
  questions: string[];
}

function shown({ ranked, questions }: Hit): z.output<typeof passage> {
  const sentences: Sentence[] = ranked.passage.item;
  const { source } = ranked.passage;
  return {
    score: Math.round(ranked.score * 1000) / 1000,
    coverage: Math.round(ranked.coverage * 100) / 100,
    source: source.id,
    origin: source.origin,
    title: source.title,
    heading: sentences[0]?.heading ?? null,
    line: sentences[0]?.line ?? 1,
    end_line: sentences.at(-1)?.endLine ?? 1,
    text: sentences
      .map(({ text }) => text)
      .join(' ')
      .slice(0, 2000),
    matched: ranked.matched,
    sub_questions: questions,
  };
}

function absentFinding(word: string, question: string): Finding {
  return {
    rule: 'research.term_absent',
    severity: 'low',
    message: `No source has the word "${word}" of the question in any form.`,
    evidence: question.slice(0, 300),
    fix: 'Add sources about it, or ask with the word that the sources use.',
    tool: 'search_sources',
  };
}

/** Words about asking, which no source needs to have. */
const ASKING =
  /^(?:compare|comparison|versus|vs|difference|differ|prefer|recommend|choose|choice|use|using|best|better|say|sources?|many|much|long|often|tell|give|find|explain|describe|know|known|need|want|between|terms|mean|means|exactly|currently|considering|regarding)$/;

export const searchSources = defineTool({
  name: 'search_sources',
  title: 'Search sources',
  description:
    'Finds the passages of given pages, documents and folders that fit a question best by keywords (BM25 with word stems), each with the lines it stands on, and the words that no source has. Keyword search only.',
  group: 'research',
  input,
  output,
  capabilities: ['read', 'network'],
  timeoutMs: 300_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['find', 'passages', 'retrieve', 'query', 'bm25', 'keyword'],
  async run(request, env) {
    const asked = readQuestion(request);
    const { describeLoaded, loadSources } = await import('../intelligence/load-sources.ts');
    const { createRanking, passagesOf } = await import('./rank-passages.ts');
    const loaded = await loadSources(asked, env);
    const passages = loaded.documents.flatMap(passagesOf);
    const ranking = createRanking(passages);
    const plan = planQuestion(asked.question, request);
    const hits = new Map<unknown, Hit>();
    for (const { id, terms } of plan.sub_questions)
      for (const ranked of ranking.rank(terms).slice(0, request.limit)) {
        const known = hits.get(ranked.passage);
        if (known === undefined) hits.set(ranked.passage, { ranked, questions: [id] });
        else {
          known.questions.push(id);
          if (ranked.score > known.ranked.score) known.ranked = ranked;
        }
      }
    const sorted = [...hits.values()].toSorted((a, b) => b.ranked.score - a.ranked.score);
    const absent = keywordsOf(asked.question).filter(
      (word) => !ASKING.test(word) && !/\d/.test(word) && !ranking.knows(stem(word)),
    );
    return {
      output: {
        sources: loaded.documents.map(summarise),
        failures: loaded.failures,
        passages: sorted.slice(0, request.limit).map(shown),
        passages_total: sorted.length,
        terms_absent: absent,
        note: SEARCH_NOTE,
      },
      summary: `${describeLoaded(loaded)}; ${sorted.length} of ${passages.length} passages match${absent.length === 0 ? '' : `; no source has ${absent.map((word) => `"${word}"`).join(', ')}`}. ${SEARCH_NOTE}`,
      findings: absent.map((word) => absentFinding(word, asked.question)),
    };
  },
});
