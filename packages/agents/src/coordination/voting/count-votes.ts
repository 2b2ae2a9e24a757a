import { NO_USAGE } from '@automatos/contracts';
import type { Finding } from '@automatos/contracts';
import { shownScore } from '../assigning/match.ts';
import type { UnitOutcome, WorkUnit } from '../coordination-types.ts';
import { decide } from '../panel-work.ts';
import type { Doing, Member } from '../panel-work.ts';
import { notDone } from '../work/merge.ts';
import type { VoteResult } from './cast-votes.ts';
import { REPORTED } from './votes.ts';

/** Votes that are told one by one; the others stand among the disagreements. */
const VOTES_TOLD_MAX = 50;

/** Tells each vote that was not unanimous, and how much the panel agrees. */
export function tellDisagreement(doing: Doing, { counted, agreement, voters }: VoteResult): void {
  const { unit, settings } = doing;
  const disputed = counted.filter(({ ballot }) => ballot.positions.length > 1);
  for (const { ballot, winner } of disputed.slice(0, VOTES_TOLD_MAX)) {
    const whole = ballot.positions.reduce((sum, { weight }) => sum + weight, 0);
    decide(doing, {
      decision: 'vote',
      subject: `${unit.id}: ${ballot.subject}`,
      chosen: winner.agents,
      reason: `By ${settings.resolution.replaceAll('_', ' ')}: ${winner.agents.join(', ')} ${ballot.finding === null ? 'gave the answer that counts' : winner.says}.`,
      candidates: ballot.positions.map(({ agents, says, weight }) => ({
        name: agents.join(', '),
        score: shownScore(weight / whole),
        reasons: [ballot.finding === null ? says.slice(0, 300) : says],
      })),
    });
  }
  decide(doing, {
    decision: 'consensus',
    subject: unit.id,
    chosen: voters.map(({ slug }) => slug),
    reason:
      agreement === null
        ? 'There was nothing that two agents judged, so nothing was voted on.'
        : `The agreement is ${shownScore(agreement)} over ${counted.length} votes, ${disputed.length} of them not unanimous.`,
    candidates: voters.map(({ slug, weight }) => ({
      name: slug,
      score: shownScore(weight),
      reasons: ['weight by past success on like work'],
    })),
  });
}

/** What the panel came to: the findings that were voted in, and the text of whoever stands behind most of what counts. Without what it took. */
export function mergeOutcome(
  unit: WorkUnit,
  members: readonly Member[],
  { counted, agreement }: VoteResult,
): UnitOutcome {
  const done = members.filter(({ outcome }) => outcome.status === 'completed');
  if (done.length === 0) {
    const error = members[0]?.outcome.error;
    return {
      ...notDone(unit.id, error ?? { code: '', kind: '', message: '' }),
      agent: members[0]?.match.slug ?? null,
      error: error ?? null,
    };
  }
  const winsOf = ({ match }: Member) =>
    counted.filter(({ winner }) => winner.agents.includes(match.slug)).length;
  // Equal ones stay in the order of the panel, the strongest first.
  const [lead] = done.toSorted((a, b) => winsOf(b) - winsOf(a));
  const findings = counted.flatMap(({ ballot: { finding }, winner }): Finding[] =>
    finding !== null && winner.says === REPORTED ? [finding] : [],
  );
  const cut = Math.max(
    0,
    ...done.map(({ outcome }) => outcome.findingsTotal - outcome.findings.length),
  );
  const sure = done.reduce((sum, { outcome }) => sum + outcome.confidence, 0) / done.length;
  return {
    unitId: unit.id,
    agent: lead?.match.slug ?? null,
    status: 'completed',
    text: lead?.outcome.text ?? '',
    findings,
    findingsTotal: findings.length + cut,
    confidence: sure * (agreement ?? 1),
    usage: { ...NO_USAGE },
    error: null,
  };
}
