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

type Told = { agent: string; finding: Finding };

/**
 * Findings of all, each rule and place once and with its worst severity, worst first; and where severities of one rule and place
 * differ. What one agent tells apart at one place stays apart: then the message counts too.
 */
export function mergeFindings(reports: readonly Reported[]): {
  findings: MergedFinding[];
  conflicts: Conflict[];
} {
  const told = reports.flatMap(({ agent, findings }) =>
    findings.map((finding) => ({ agent, finding })),
  );
  const places = [...groupBy(told, ({ finding }) => placeKey(finding)).values()];
  const groups = places.flatMap((group) =>
    isToldApart(group) ? [...groupBy(group, ({ finding }) => finding.message).values()] : [group],
  );
  const merged = groups.map((group) => {
    const worst = group.toSorted((a, b) => rank(b.finding) - rank(a.finding))[0] as Told;
    return { ...worst.finding, agents: [...new Set(group.map(({ agent }) => agent))] };
  });
  return {
    findings: merged.toSorted((a, b) => rank(b) - rank(a)),
    conflicts: groups.flatMap(conflictOf),
  };
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

function placeKey({ rule, location, message }: Finding): string {
  const place = location === undefined ? message : `${location.path}:${location.line ?? ''}`;
  return `${rule}|${place}`;
}

function isToldApart(group: readonly Told[]): boolean {
  return [...groupBy(group, ({ agent }) => agent).values()].some(
    (own) => new Set(own.map(({ finding }) => finding.message)).size > 1,
  );
}

const rank = ({ severity }: Finding) => SEVERITIES.indexOf(severity);

/** One agent that reports a place twice contradicts nobody. */
function conflictOf(group: readonly Told[]): Conflict[] {
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
