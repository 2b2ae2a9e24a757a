import { keywordsOf, termsOf } from '../intelligence/terms.ts';

export const QUESTION_KINDS = [
  'comparison',
  'decision',
  'cause',
  'procedure',
  'quantity',
  'fact',
] as const;
export type QuestionKind = (typeof QUESTION_KINDS)[number];
export const EVIDENCE_KINDS = ['statement', 'number', 'date', 'person', 'steps', 'reason'] as const;
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

export interface SubQuestion {
  id: string;
  question: string;
  /** Stems to search for. */
  terms: string[];
  /** What a passage must hold to answer it. */
  evidence: EvidenceKind[];
}

export interface QuestionPlan {
  question: string;
  kind: QuestionKind;
  options: string[];
  criteria: string[];
  sub_questions: SubQuestion[];
}

const SUB_QUESTIONS_MAX = 24;
/** Words that ask for a criterion, with other words for the same in sources. */
export const CRITERION_WORDS: Readonly<Record<string, readonly string[]>> = {
  price: ['price', 'pricing', 'cost', 'fee', 'licence fee', 'subscription', 'expensive', 'cheap'],
  cost: ['cost', 'price', 'pricing', 'fee', 'subscription', 'expensive', 'cheap'],
  latency: ['latency', 'response time', 'delay', 'ms', 'milliseconds'],
  speed: ['speed', 'fast', 'slow', 'throughput', 'performance'],
  performance: ['performance', 'throughput', 'latency', 'speed', 'fast'],
  throughput: ['throughput', 'per second', 'requests'],
  licence: ['licence', 'license', 'licensed', 'open source', 'proprietary'],
  license: ['license', 'licence', 'licensed', 'open source', 'proprietary'],
  security: [
    'security',
    'encryption',
    'encrypted',
    'vulnerability',
    'vulnerabilities',
    'authentication',
  ],
  support: ['support', 'maintenance', 'maintained'],
  memory: ['memory', 'ram'],
  storage: ['storage', 'disk'],
  availability: ['availability', 'uptime', 'outage'],
  scalability: ['scalability', 'scale', 'scaling', 'nodes'],
};

/** Stems that stand for a criterion in sources. */
export function criterionTerms(criterion: string): Set<string> {
  const words = CRITERION_WORDS[criterion.toLowerCase()] ?? [criterion];
  return new Set(words.flatMap(termsOf));
}

function listed(text: string): string[] {
  return text
    .split(/\s*,\s*(?:and\s+|or\s+)?|\s+(?:and|or|vs\.?|versus)\s+/i)
    .map((part) => part.replace(/^(?:the|its|their|a|an)\s+|[?.!,;:]+$/gi, '').trim())
    .filter((part) => part !== '' && part.split(/\s+/).length <= 5);
}

const VERSUS =
  /\b([A-Z][\w.+-]*(?:\s[A-Z][\w.+-]*){0,2}(?:\s*,\s*[A-Z][\w.+-]*(?:\s[A-Z][\w.+-]*)?)*)\s*,?\s+(?:vs\.?|versus|or|and|compared (?:to|with)|against|than)\s+([A-Z][\w.+-]*(?:\s[A-Z][\w.+-]*){0,2})/;
const COMPARES =
  /\b(?:compare|comparison|versus|vs\.?|better|faster|cheaper|difference|differ|prefer|instead of|choose between|or)\b/i;
const CRITERIA =
  /\b(?:by|in terms of|regarding|with regard to|considering|based on|for|on|in|differ in)\s+((?:[a-z][\w-]*(?:\s+[a-z][\w-]*){0,2})(?:\s*,\s*(?:and\s+)?[a-z][\w-]*(?:\s+[a-z][\w-]*){0,2})*(?:\s+and\s+[a-z][\w-]*(?:\s+[a-z][\w-]*){0,2})?)\s*[?.!]?\s*$/;

function kindOf(question: string, options: readonly string[]): QuestionKind {
  if (options.length > 1 && COMPARES.test(question)) return 'comparison';
  if (/^\s*(?:why|what caused|what led)\b|\bcause[sd]?\b/i.test(question)) return 'cause';
  if (/^\s*how (?:do|to|can|should|does one)\b/i.test(question)) return 'procedure';
  if (/^\s*how (?:many|much|long|often|large|big|fast)\b/i.test(question)) return 'quantity';
  if (/\b(?:should|which|recommend|suitable|best)\b/i.test(question)) return 'decision';
  return 'fact';
}

function evidenceFor(question: string): EvidenceKind[] {
  const found: EvidenceKind[] = [];
  if (
    /\bhow (?:many|much|long|often|large|big|fast)\b|\b(?:number|price|cost|latency|share|percent|rate)\b/i.test(
      question,
    )
  )
    found.push('number');
  if (/\bwhen\b|\b(?:date|year|since|until|deadline)\b/i.test(question)) found.push('date');
  if (/\bwho(?:se)?\b/i.test(question)) found.push('person');
  if (/\bwhy\b|\bcause/i.test(question)) found.push('reason');
  if (/\bhow (?:do|to|can|should)\b/i.test(question)) found.push('steps');
  return found.length === 0 ? ['statement'] : found;
}

/** Questions that stand in one request, e.g. "What is X? Who made it?" or "When was X released and who maintains it?". */
export function splitQuestion(question: string): string[] {
  const whole = question
    .split(/(?<=\?)\s+|\s*;\s*|\n+/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return whole.flatMap((part) =>
    part
      .split(/,?\s+and\s+(?=(?:what|who|whose|when|where|why|which|how)\b)/i)
      .map((piece) => piece.trim())
      .filter((piece) => piece !== ''),
  );
}

interface Choices {
  options?: readonly string[] | undefined;
  criteria?: readonly string[] | undefined;
}

function optionsIn(question: string): string[] {
  const match = VERSUS.exec(
    question.replace(
      /^\s*(?:Should|Is|Are|Does|Do|Which|What|Compare|How|Would|Can)\b(?:\s+(?:we|I)\s+(?:use|choose|pick))?/,
      ' ',
    ),
  );
  return match === null ? [] : [...listed(match[1] ?? ''), ...listed(match[2] ?? '')];
}

function criteriaIn(question: string): string[] {
  const match = CRITERIA.exec(question);
  return match === null ? [] : listed(match[1] ?? '').map((one) => one.toLowerCase());
}

/** Splits a question into parts that evidence can answer. The same question always gives the same plan. */
export function planQuestion(question: string, choices: Choices = {}): QuestionPlan {
  const options = [...(choices.options ?? optionsIn(question))];
  const kind = kindOf(question, options);
  const criteria = [...(choices.criteria ?? (options.length > 1 ? criteriaIn(question) : []))];
  const asked =
    options.length > 1
      ? options.flatMap((option) =>
          criteria.length === 0
            ? [`What do the sources say about ${option}?`]
            : criteria.map((criterion) => `What is the ${criterion} of ${option}?`),
        )
      : splitQuestion(question);
  const subQuestions = asked.slice(0, SUB_QUESTIONS_MAX).map((one, index) => ({
    id: `q${index + 1}`,
    question: one,
    terms: [...new Set(termsOf(one.replace(/^What do the sources say about/, '')))],
    evidence: evidenceFor(one),
  }));
  return { question, kind, options, criteria, sub_questions: resolvePronouns(subQuestions) };
}

/** "Who maintains it?" is searched with the subject of the question before it. */
function resolvePronouns(questions: SubQuestion[]): SubQuestion[] {
  const first = questions[0];
  if (first === undefined) return questions;
  const names = [...first.question.matchAll(/(?<=\s)[A-Z][\w.+-]*/g)].flatMap(([word]) =>
    termsOf(word),
  );
  const subject = names.length > 0 ? names : first.terms.slice(0, 2);
  return questions.map((question) =>
    question !== first && /\b(?:it|its|they|their|them|this|that)\b/i.test(question.question)
      ? { ...question, terms: [...new Set([...subject, ...question.terms])] }
      : question,
  );
}

/** Words that carry meaning in a question. */
export function meaningfulWords(question: string): string[] {
  return keywordsOf(question);
}
