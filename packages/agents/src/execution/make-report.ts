import type { AgentReport } from '@automatos/contracts';
import { cutText } from '@automatos/kernel';
import type { TurnResult } from '../runtime/runtime-types.ts';

/** Findings inside a report; all of them are among the findings of the run. */
const FINDINGS_MAX = 1_000;
const SUMMARY_CHARS_MAX = 100_000;

/**
 * A turn as a report; its quality is to be filled in. It is a success when no limit was hit and at least one check ran to its
 * end or a language model answered.
 */
export function makeReport(turn: TurnResult): AgentReport {
  const checks = Object.entries(turn.tools).map(([tool, { status, summary }]) => ({
    tool,
    status,
    summary,
    findings: turn.findings.filter((finding) => finding.tool === tool).length,
  }));
  const checked = checks.some(({ status }) => status === 'success');
  const answered = !turn.offline && turn.text.trim() !== '';
  return {
    success: turn.status === 'completed' && (checked || answered),
    summary: cutText(turn.text, SUMMARY_CHARS_MAX),
    findings: turn.findings.slice(0, FINDINGS_MAX),
    findings_total: turn.findings_total,
    artifacts: [...(turn.artifacts ?? [])],
    checks_run: checks,
    quality: null,
    offline: turn.offline,
  };
}
