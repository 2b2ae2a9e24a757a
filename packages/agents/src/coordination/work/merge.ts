import type { Finding, Usage } from '@automatos/contracts';
import { NO_USAGE, addUsage } from '@automatos/contracts';
import { canonicalJson } from '@automatos/kernel';
import type { UnitOutcome, WorkUnit } from '../coordination-types.ts';

export const usageOf = (outcomes: readonly { usage: Usage }[]): Usage =>
  outcomes.reduce((sum, { usage }) => addUsage(sum, usage), { ...NO_USAGE });

/** What makes two findings the same: rule and place; without a place also the message. */
export function findingKey({ rule, location, message }: Finding): string {
  const place = location === undefined ? message : [location.path, location.line ?? 0];
  return canonicalJson([rule, place]);
}

/** Findings of all, each once, in order. */
export function mergeFindings(lists: readonly (readonly Finding[])[]): Finding[] {
  const byKey = new Map<string, Finding>();
  for (const finding of lists.flat())
    if (!byKey.has(findingKey(finding))) byKey.set(findingKey(finding), finding);
  return [...byKey.values()];
}

/** The parts of one unit as its outcome: completed when all are, by the first one's name. */
export function mergeParts(unitId: string, parts: readonly UnitOutcome[]): UnitOutcome {
  const done = parts.filter(({ status }) => status === 'completed');
  const failed = parts.find(({ status }) => status !== 'completed');
  const findings = mergeFindings(done.map((part) => part.findings));
  const cut = done.reduce((sum, part) => sum + part.findingsTotal - part.findings.length, 0);
  return {
    unitId,
    agent: (done[0] ?? parts[0])?.agent ?? null,
    status: failed === undefined ? 'completed' : 'failed',
    text: done.map(({ agent, text }) => `## ${agent ?? ''}\n\n${text}`).join('\n\n'),
    findings,
    findingsTotal: findings.length + cut,
    confidence: parts.reduce((least, part) => Math.min(least, part.confidence), 1),
    usage: usageOf(parts),
    error: failed?.error ?? null,
  };
}

/** A unit that nobody of the team covers. */
export function nobodyCan({ id, needs }: Pick<WorkUnit, 'id' | 'needs'>): UnitOutcome {
  const wanted =
    needs.length === 0 ? 'no agent of the team is active' : `it needs ${needs.join(', ')}`;
  return notDone(id, {
    code: 'agents.coordination.no_candidate',
    kind: 'not-found',
    message: `Nobody of the team can do unit "${id}": ${wanted}. Add an agent with these capabilities, or activate one.`,
  });
}

/** A unit that nobody worked on. */
export function notDone(
  unitId: string,
  error: { code: string; kind: string; message: string },
  status: 'failed' | 'skipped' = 'failed',
): UnitOutcome {
  return {
    unitId,
    agent: null,
    status,
    text: '',
    findings: [],
    findingsTotal: 0,
    confidence: 0,
    usage: { ...NO_USAGE },
    error: { ...error, retryable: false },
  };
}
