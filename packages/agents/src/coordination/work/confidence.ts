import type { Finding } from '@automatos/contracts';
import type { TurnResult } from '../../runtime/runtime-types.ts';
import type { Match } from '../assigning/match.ts';

/** Of a result that no check stands behind. */
const UNCHECKED = 0.4;
/** A result that a limit cut off is never surer than this. */
const CUT_OFF_MAX = 0.4;

const WEIGHTS = { checks: 0.5, evidence: 0.25, coverage: 0.25 };

/**
 * How sure a result is, 0–1: the share of checks that ran, of findings with a place and evidence, and of the unit's needs that
 * the agent covers. Only of what can be counted; what a model says of itself does not count.
 */
export function confidenceOf(
  result: Pick<TurnResult, 'status' | 'tools' | 'findings'>,
  match: Pick<Match, 'coverage' | 'missing'>,
): number {
  const tools = Object.values(result.tools);
  const ran = tools.filter(({ status }) => status === 'success').length;
  const parts = [
    { weight: WEIGHTS.checks, value: tools.length === 0 ? UNCHECKED : ran / tools.length },
    {
      weight: WEIGHTS.coverage,
      value: match.missing.length === 0 ? 1 : match.coverage,
    },
    ...(result.findings.length === 0
      ? []
      : [{ weight: WEIGHTS.evidence, value: shareProven(result.findings) }]),
  ];
  const whole = parts.reduce((sum, { weight }) => sum + weight, 0);
  const confidence = parts.reduce((sum, { weight, value }) => sum + weight * value, 0) / whole;
  return result.status === 'completed' ? confidence : Math.min(CUT_OFF_MAX, confidence);
}

function shareProven(findings: readonly Finding[]): number {
  const proven = findings.filter(({ evidence }) => evidence.trim() !== '').length;
  return proven / findings.length;
}
