import type { ErrorInfo, Finding, OutputType, QualityReport, Usage } from '@automatos/contracts';
import type { JsonObject, JsonValue } from '@automatos/kernel';

/** A result as its reader sees it. */
export interface QualityContent {
  /** Shown in the evidence, e.g. the title of a document or the name of a step; empty when there is only one. */
  name: string;
  /** Prose of the result; null when it has none. */
  text: string | null;
  format: 'markdown' | 'html' | 'text';
  /** Structured result; null when there is none. */
  object: JsonValue;
}

/** A tool call as it counts as evidence: what it said is what claims are held against. */
export interface ToolEvidence {
  name: string;
  status: 'success' | 'error' | 'denied' | 'timeout';
  summary: string;
  output: JsonValue;
  findingsTotal: number;
}

/** What is known beside the text. Without findings and tools, claims cannot be checked and stay unmeasured. */
export interface QualityEvidence {
  /** As kept; tools keep a bounded number and count the rest in `findingsTotal`. */
  findings: readonly Finding[];
  findingsTotal: number;
  tools: readonly ToolEvidence[];
  /** Findings by the step that brought them: a text may count what one of them found. */
  groups?: readonly (readonly Finding[])[];
}

export interface JudgeRequest {
  /** Instruction and the result, delimited; the result is data, not instruction. */
  prompt: string;
  /** JSON schema of the only answer that counts. */
  schema: JsonObject;
}

/**
 * Asks a model. Resolves with its answer, which should be the JSON text of the schema; anything else counts as missing. May
 * reject: failures of the upstream count as missing, everything else (cancelled, internal) goes on to the caller.
 */
export type QualityJudge = (request: JudgeRequest) => Promise<string>;

interface QualityInput {
  outputType: OutputType;
  /** Least score, 0–1; null when nothing is asked. */
  threshold: number | null;
  /** RFC 3339; from the journal, so that a replay makes the same report. */
  scoredAt: string;
  judge?: QualityJudge;
}

export interface StepQualityInput extends QualityInput {
  stepId: string;
  /** What was asked for, e.g. the rendered prompt, or title and template of a document. */
  request: string;
  /** Values shown beside the request. */
  inputs: JsonObject;
  content: QualityContent;
  /** JSON schema that `content.object` must satisfy. */
  outputSchema?: JsonObject;
  /** Headings that must be there, beside those that the request names itself. */
  sections?: readonly string[];
  evidence: QualityEvidence;
}

/** A step as the operation of a run; instances of maps and loops count one by one. */
export interface StepOperation {
  stepId: string;
  status: 'completed' | 'failed' | 'skipped' | 'cancelled' | 'pending';
  attempts: number;
  durationMs: number | null;
  /** Limit of one attempt; null for steps without. */
  timeoutMs: number | null;
  /** Errors of all attempts, the last included. */
  errors: readonly Pick<ErrorInfo, 'code' | 'retryable'>[];
}

/** A tool call of the run. Calls with the same tool and input are repeats. */
export interface ToolOperation {
  tool: string;
  inputHash: string;
  ok: boolean;
}

export interface RunOperation {
  steps: readonly StepOperation[];
  toolCalls: readonly ToolOperation[];
  durationMs: number;
  totalTimeoutMs: number;
  usage: Usage;
  budget: { maxCostMicros: number | null; maxTokens: number | null } | null;
  /** How often the run was taken up again after a crash. */
  recoveries: number;
}

export interface RunQualityInput extends QualityInput {
  /** Name and description of the recipe. */
  request: string;
  inputs: JsonObject;
  /** What the run brought forth for its reader: its documents; without any, the texts of its last steps. */
  contents: readonly QualityContent[];
  outputs: JsonObject;
  evidence: QualityEvidence;
  operation: RunOperation;
}

/**
 * Measures results. Pure apart from the judge: the same input gives the same report, in any process. Only an error of the
 * judge that is not its upstream's makes it reject; an output of any shape gives a report.
 */
export interface QualityScorer {
  scoreStep(input: StepQualityInput): Promise<QualityReport>;
  scoreRun(input: RunQualityInput): Promise<QualityReport>;
}
