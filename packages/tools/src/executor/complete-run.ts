import { findingSchema, SEVERITIES, type Finding } from '@automatos/contracts';
import { cutText, type JsonValue } from '@automatos/kernel';
import type { ToolArtifact, ToolDefinition, ToolRunResult } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { boundArtifacts, fullOutputArtifact } from './bound-artifacts.ts';
import { cutJson, type Cut } from './cut-json.ts';
import type { ExecutorLimits } from './limits.ts';

/** A checked and bounded result; small enough to be sent on and stored. */
export interface BoundedResult {
  output: JsonValue;
  summary: string;
  findings: Finding[];
  findingsTotal: number;
  truncated: boolean;
  outputBytes: number;
  artifacts?: ToolArtifact[];
  fullOutput?: string;
}

export type BoundLimits = Pick<
  ExecutorLimits,
  'findingsMax' | 'outputBytesMax' | 'summaryCharsMax'
>;

const RANK = new Map(SEVERITIES.map((severity, index) => [severity, index]));

/** Worst first, then by place and rule: the order in which findings are kept and shown. */
export function compareFindings(a: Finding, b: Finding): number {
  const bySeverity = (RANK.get(b.severity) ?? 0) - (RANK.get(a.severity) ?? 0);
  if (bySeverity !== 0) return bySeverity;
  const keyA = [
    a.location?.path ?? '',
    a.location?.line ?? 0,
    a.location?.column ?? 0,
    a.rule,
    a.message,
  ] as const;
  const keyB = [
    b.location?.path ?? '',
    b.location?.line ?? 0,
    b.location?.column ?? 0,
    b.rule,
    b.message,
  ] as const;
  for (const [index, part] of keyA.entries()) {
    const other = keyB[index] ?? '';
    if (part !== other) return part < other ? -1 : 1;
  }
  return 0;
}

/** Text without control characters, so that evidence from files cannot drive terminals; tabs become spaces. */
function printable(text: string): string {
  return text
    .replaceAll('\t', '  ')
    .replaceAll(/(?!\n)[\p{Cc}\u200b-\u200f\u202a-\u202e\u2066-\u2069]/gu, '\u00b7');
}

function boundFinding(finding: Finding, tool: string): Finding {
  const bounded: Finding = {
    ...finding,
    rule: finding.rule.slice(0, 100),
    message: cutText(printable(finding.message), 500),
    evidence: cutText(printable(finding.evidence), 400),
    tool,
  };
  if (finding.fix !== undefined) bounded.fix = cutText(printable(finding.fix), 500);
  return bounded;
}

function describeCuts(cuts: readonly Cut[], bytes: number): string {
  const worst = cuts.toSorted((a, b) => b.of - b.kept - (a.of - a.kept)).slice(0, 3);
  const list = worst
    .map(
      (cut) =>
        `${cut.pointer === '' ? 'the output' : cut.pointer.slice(1)} ${cut.kept} of ${cut.of}`,
    )
    .join(', ');
  return ` The output of ${Math.ceil(bytes / 1024)} kB was cut: kept ${list}.`;
}

/** Validates what a tool returned and cuts it to the limits. Runs where the tool ran, so that floods never leave it. */
export function completeRun(
  tool: ToolDefinition,
  result: ToolRunResult<unknown>,
  limits: BoundLimits,
): BoundedResult {
  const found = [...(result.findings ?? [])].sort(compareFindings);
  const findings = found
    .slice(0, limits.findingsMax)
    .map((finding) => boundFinding(finding, tool.name));
  const badFinding = findings.find((finding) => !findingSchema.safeParse(finding).success);
  if (badFinding !== undefined) {
    throw toolError(
      'tools.output.invalid',
      'internal',
      `Tool "${tool.name}" returned a malformed finding of rule "${badFinding.rule}".`,
    );
  }
  // Cut first: a schema check over a flood would itself take the memory that the cut saves.
  const cut = cutJson(result.output, limits.outputBytesMax);
  const checked = tool.output.safeParse(cut.value);
  if (!checked.success) {
    const issue = checked.error.issues[0];
    const where = issue === undefined ? '' : ` at "/${issue.path.join('/')}": ${issue.message}`;
    throw toolError(
      'tools.output.invalid',
      'internal',
      `Tool "${tool.name}" returned an output that its own schema refuses${where}.`,
    );
  }
  const artifacts = boundArtifacts(tool, result.artifacts ?? []);
  const full = cut.cuts.length > 0 ? fullOutputArtifact(tool, result.output) : null;
  const kept = full === null ? artifacts.kept : [...artifacts.kept, full];
  const findingsTotal = Math.max(result.findingsTotal ?? 0, found.length);
  const dropped = findingsTotal - findings.length;
  const notes =
    (dropped > 0 ? ` ${findings.length} of ${findingsTotal} findings kept, worst first.` : '') +
    (cut.cuts.length > 0 ? describeCuts(cut.cuts, cut.bytes) : '') +
    artifacts.note;
  return {
    output: checked.data as JsonValue,
    summary: cutText(printable(result.summary), limits.summaryCharsMax - 300) + notes,
    findings,
    findingsTotal,
    truncated: dropped > 0 || cut.cuts.length > 0,
    outputBytes: cut.bytes,
    ...(kept.length > 0 ? { artifacts: kept } : {}),
    ...(full === null ? {} : { fullOutput: full.name }),
  };
}
