import { findCopies } from '../intelligence/find-conflicts.ts';
import { findDates } from '../intelligence/find-dates.ts';
import { spanOf, type Sentence } from '../intelligence/sentences.ts';
import type { SourceDocument, Span } from '../intelligence/source-document.ts';
import { agree, sameSubject, statementsOf } from '../intelligence/statements.ts';
import { jaccard, termsOf } from '../intelligence/terms.ts';
import {
  criterionTerms,
  type EvidenceKind,
  type QuestionPlan,
  type SubQuestion,
} from './plan-question.ts';
import { createRanking, sentencePassages, type Ranked, type Ranking } from './rank-passages.ts';

export interface Claim {
  id: string;
  sub_question: string;
  text: string;
  citations: Span[];
  voices: number;
  contested: boolean;
}

/** Less than this share of a question's words is no answer. */
const COVERAGE_MIN = 0.6;
const SAME_CLAIM = 0.7;
const CITATIONS_MAX = 5;

function has(sentence: Sentence, kind: EvidenceKind): boolean {
  const { text } = sentence;
  switch (kind) {
    case 'number':
      return /\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|dozen|hundred|thousand|million|free)\b/i.test(
        text,
      );
    case 'date':
      return findDates(text).length > 0 || /\b(?:19|20)\d{2}\b/.test(text);
    case 'person':
      return /(?<=[\s("“])[A-Z][a-z]+|^[A-Z][a-z]+\s[A-Z]/.test(text);
    case 'reason':
      return /\b(?:because|since|due|caused?|reason|therefore|led|as a result|owing|why|so that)\b/i.test(
        text,
      );
    case 'steps':
    case 'statement':
      return true;
  }
}

interface Group {
  sentence: Sentence;
  terms: Set<string>;
  members: Sentence[];
}

/** The best sentences, those that say the same together. */
function groupAnswers(ranked: readonly Ranked<Sentence>[], claimsMax: number): Group[] {
  const groups: Group[] = [];
  for (const { passage } of ranked) {
    const sentence = passage.item;
    const terms = new Set(termsOf(sentence.text));
    const known = groups.find(
      (group) =>
        jaccard(group.terms, terms) >= SAME_CLAIM &&
        statementsOf(group.sentence).every((a) =>
          statementsOf(sentence).some((b) => a.kind === b.kind && agree(a, b)),
        ),
    );
    if (known !== undefined) known.members.push(sentence);
    else if (groups.length < claimsMax) groups.push({ sentence, terms, members: [sentence] });
  }
  return groups;
}

function isContested(group: Group, groups: readonly Group[]): boolean {
  const own = statementsOf(group.sentence);
  return groups.some(
    (other) =>
      other !== group &&
      statementsOf(other.sentence).some((b) =>
        own.some(
          (a) => a.sentence.source !== b.sentence.source && sameSubject(a, b) && !agree(a, b),
        ),
      ),
  );
}

function answers(
  ranking: Ranking<Sentence>,
  question: SubQuestion,
  plan: QuestionPlan,
): Ranked<Sentence>[] {
  const criterion = plan.criteria.find((one) => question.question.toLowerCase().includes(one));
  const wider = criterion === undefined ? [] : [...criterionTerms(criterion)];
  const option = plan.options.find((one) => question.question.includes(one));
  const names = option === undefined ? [] : termsOf(option);
  const terms = criterion === undefined ? question.terms : [...names, ...wider];
  return ranking.rank(terms).filter(({ passage, coverage, matched }) => {
    const fits = question.evidence.some((kind) => has(passage.item, kind));
    const covers =
      criterion === undefined
        ? coverage >= COVERAGE_MIN
        : names.every((name) => matched.includes(name)) &&
          wider.some((term) => matched.includes(term));
    return fits && covers;
  });
}

/** Sentences that answer each sub-question, with where they stand, and the sub-questions without any. */
export function collectClaims(
  documents: readonly SourceDocument[],
  plan: QuestionPlan,
  claimsMax: number,
): { claims: Claim[]; unanswered: SubQuestion[] } {
  const ranking = createRanking(
    documents.flatMap(sentencePassages).filter(({ item }) => !item.text.endsWith('?')),
  );
  const copies = findCopies(documents);
  const claims: Claim[] = [];
  const unanswered: SubQuestion[] = [];
  for (const question of plan.sub_questions) {
    const groups = groupAnswers(answers(ranking, question, plan), claimsMax);
    if (groups.length === 0) unanswered.push(question);
    for (const group of groups) {
      const voices = new Set(
        group.members.map(({ source }) => copies.get(source.id)?.id ?? source.id),
      );
      claims.push({
        id: `c${claims.length + 1}`,
        sub_question: question.id,
        text: group.sentence.text.slice(0, 600),
        citations: group.members.slice(0, CITATIONS_MAX).map(spanOf),
        voices: voices.size,
        contested: isContested(group, groups),
      });
    }
  }
  return { claims, unanswered };
}
