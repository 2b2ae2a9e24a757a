import type { QualityReport } from '@automatos/contracts';
import { cutText } from '@automatos/kernel';
import type { SchemaCompiler } from '../validation/schema-compiler.ts';
import { severityCounts } from '../references/value-text.ts';
import type { Finding } from '@automatos/contracts';
import { askJudge, judgeRequest } from './judge.ts';
import type { JudgeScores } from './judge.ts';
import { operationalDimensions } from './operational.ts';
import { makeReport } from './report.ts';
import { checksOf, contentDimensions, mergeDimensions } from './score-content.ts';
import { createSubject } from './subject.ts';
import type {
  QualityContent,
  QualityEvidence,
  QualityScorer,
  RunQualityInput,
  StepQualityInput,
} from './types.ts';

export interface QualityScorerDeps {
  schemas: Pick<SchemaCompiler, 'compile'>;
}

/** Makes the scorer; it keeps nothing between calls. */
export function createQualityScorer(deps: QualityScorerDeps): QualityScorer {
  return {
    scoreStep: (input) => scoreStep(deps, input),
    scoreRun: (input) => scoreRun(input),
  };
}

async function scoreStep(
  { schemas }: QualityScorerDeps,
  input: StepQualityInput,
): Promise<QualityReport> {
  const { content, outputSchema, outputType } = input;
  const schemaProblems =
    outputSchema === undefined ? null : schemas.compile(outputSchema)(content.object);
  const sections = input.sections ?? [];
  const subject = createSubject({ ...input, schemaProblems, sections });
  const { judged, judge } = await judgedBy(input, content);
  const dimensions = contentDimensions(outputType, checksOf(subject), judged);
  return makeReport({ ...input, content: dimensions, operational: [], judge });
}

async function scoreRun(input: RunQualityInput): Promise<QualityReport> {
  const { outputType } = input;
  const contents = input.contents.length > 0 ? input.contents : [ofOutputs(input)];
  const { judged, judge } = await judgedBy(input, joinContents(contents));
  const parts = contents.map((content) => {
    const subject = createSubject({ ...input, content, schemaProblems: null, sections: [] });
    const checks = checksOf(subject);
    return {
      name: content.name,
      characters: subject.parts.characters,
      dimensions: contentDimensions(outputType, checks, judged),
    };
  });
  return makeReport({
    ...input,
    stepId: null,
    content: mergeDimensions(parts, outputType),
    operational: operationalDimensions(input.operation),
    judge,
  });
}

function ofOutputs({ outputs }: RunQualityInput): QualityContent {
  return { name: 'outputs', text: null, format: 'text', object: outputs };
}

function joinContents(contents: readonly QualityContent[]): QualityContent {
  const [first] = contents;
  if (first !== undefined && contents.length === 1) return first;
  const text = contents
    .map(({ name, text: own, object }) => `${name}\n\n${own ?? JSON.stringify(object)}`)
    .join('\n\n');
  return { name: '', text, format: 'markdown', object: null };
}

async function judgedBy(
  { judge, request, evidence }: Pick<StepQualityInput, 'judge' | 'request' | 'evidence'>,
  content: QualityContent,
): Promise<{ judged: JudgeScores | null; judge: QualityReport['judge'] }> {
  const hollow = (content.text ?? '').trim() === '' && content.object === null;
  if (judge === undefined || hollow) return { judged: null, judge: 'none' };
  const asked = judgeRequest({ request, content, evidence: describeEvidence(evidence) });
  const judged = await askJudge(judge, asked);
  return { judged, judge: judged === null ? 'missing' : 'counted' };
}

const FINDINGS_SHOWN = 40;

/** The evidence as the judge sees it: what each tool said, and the worst findings. */
function describeEvidence({ findings, findingsTotal, tools }: QualityEvidence): string {
  if (tools.length === 0 && findings.length === 0) return 'No tools were used.';
  const rank = ['critical', 'high', 'medium', 'low', 'info'];
  const worst = findings.toSorted((a, b) => rank.indexOf(a.severity) - rank.indexOf(b.severity));
  return [
    ...tools.map(({ name, status, summary }) => `${name} (${status}): ${cutText(summary, 300)}`),
    `${findingsTotal} findings; listed: ${severityCounts([...findings])}.`,
    ...worst.slice(0, FINDINGS_SHOWN).map(placeAndMessage),
  ].join('\n');
}

function placeAndMessage({ severity, rule, message, location }: Finding): string {
  const place = location === undefined ? '' : ` ${location.path}:${location.line ?? 1}`;
  return `${severity} ${rule}${place} ${cutText(message, 200)}`;
}
