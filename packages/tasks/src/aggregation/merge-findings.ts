import { SEVERITIES } from '@automatos/contracts';
import type { Finding } from '@automatos/contracts';

/** A finding with everybody who made it. */
export interface MergedFinding extends Finding {
  agents: string[];
}

/** Places where agents say different things. */
export interface Conflict {
  subject: string;
  positions: { agents: string[]; says: string }[];
}

interface Reported {
  agent: string;
  findings: readonly Finding[];
}

/**
 * Findings of all, each rule and place once and with its worst severity, worst first; and where severities of one rule and place
 * differ. Without a place, the message tells findings of a rule apart.
 */
export function mergeFindings(reports: readonly Reported[]): {
  findings: MergedFinding[];
  conflicts: Conflict[];
} {
  const groups = new Map<string, { agent: string; finding: Finding }[]>();
  for (const { agent, findings } of reports) {
    for (const finding of findings) {
      const key = keyOf(finding);
      groups.set(key, [...(groups.get(key) ?? []), { agent, finding }]);
    }
  }
  const merged = [...groups.values()].map((group) => {
    const worst = group.toSorted((a, b) => rank(b.finding) - rank(a.finding))[0];
    const agents = [...new Set(group.map(({ agent }) => agent))];
    return { ...(worst as (typeof group)[number]).finding, agents };
  });
  return {
    findings: merged.toSorted((a, b) => rank(b) - rank(a)),
    conflicts: [...groups.values()].flatMap(conflictOf),
  };
}

function keyOf({ rule, location, message }: Finding): string {
  const place = location === undefined ? message : `${location.path}:${location.line ?? ''}`;
  return `${rule}|${place}`;
}

const rank = ({ severity }: Finding) => SEVERITIES.indexOf(severity);

/** One agent that reports a place twice contradicts nobody. */
function conflictOf(group: readonly { agent: string; finding: Finding }[]): Conflict[] {
  const bySeverity = new Map<string, Set<string>>();
  for (const { agent, finding } of group) {
    bySeverity.set(finding.severity, (bySeverity.get(finding.severity) ?? new Set()).add(agent));
  }
  const agents = new Set(group.map(({ agent }) => agent));
  const first = group[0];
  if (bySeverity.size < 2 || agents.size < 2 || first === undefined) return [];
  const { rule, location } = first.finding;
  const place = location === undefined ? '' : ` at ${location.path}:${location.line ?? 1}`;
  return [
    {
      subject: `How severe ${rule}${place} is`,
      positions: [...bySeverity].map(([says, who]) => ({ agents: [...who], says })),
    },
  ];
}
