import { cutText } from '@automatos/kernel';
import type { RunContext } from '@automatos/runs';
import { shownScore } from './assigning/match.ts';
import type { Match } from './assigning/match.ts';
import { afterUse, isSpent, splitShare } from './assigning/shares.ts';
import { postOutcome } from './board/post-outcome.ts';
import { recordedBoard } from './board/recorded-board.ts';
import type { RecordedBoard } from './board/recorded-board.ts';
import type { Disagreement, Teammate, UnitOutcome } from './coordination-types.ts';
import type { Coordination } from './coordination.ts';
import { decide, keyOf } from './panel-work.ts';
import type { Doing, Member, Together } from './panel-work.ts';
import { castVotes } from './voting/cast-votes.ts';
import type { VoteResult } from './voting/cast-votes.ts';
import { mergeOutcome, tellDisagreement } from './voting/count-votes.ts';
import { usageOf } from './work/merge.ts';
import { doUnit } from './work/unit-turn.ts';

export interface TogetherEnd {
  outcome: UnitOutcome;
  agreement: number | null;
  disagreements: Disagreement[];
}

/** Lets a panel do a unit: each alone, then with the others' results in view until they agree enough, then by vote. */
export async function doTogether(
  site: Coordination,
  context: RunContext,
  together: Together,
): Promise<TogetherEnd> {
  const doing: Doing = { ...together, site, context, left: together.share, turns: [], decided: 0 };
  await boardOf(doing, context, 0).subscribe(
    together.panel.matches.map(({ slug }) => slug),
    topicOf(doing),
  );
  let members = await round(doing, 0, { of: doing.panel.matches.map((match) => ({ match })) });
  let votes = await castVotes(doing, members, 0);
  for (let number = 1; number <= doing.settings.debate_rounds; number += 1) {
    const debaters = whoDebates(doing, members, votes);
    if (debaters.length === 0) break;
    decide(doing, debateDecision(doing, votes, { number, debaters }));
    await boardOf(doing, context, number).send({
      from: 'coordinator',
      to: { topic: topicOf(doing) },
      text: `Round ${number} on ${doing.unit.id}. In dispute: ${disputed(votes)}`,
    });
    const revised = await round(doing, number, { of: debaters, dispute: disputed(votes) });
    members = members.map(
      (member) =>
        revised.find(
          ({ match, outcome }) =>
            match.slug === member.match.slug && outcome.status === 'completed',
        ) ?? member,
    );
    votes = await castVotes(doing, members, number);
  }
  return finish(doing, members, votes);
}

const topicOf = ({ unit }: Doing): string => `units/${unit.id}`;

function boardOf(doing: Doing, context: RunContext, number: number): RecordedBoard {
  return recordedBoard(context, doing.site.board, `${keyOf(doing)}/${number}`);
}

/** Lets agents work side by side; in a debate each sees what stands on the board. */
async function round(
  doing: Doing,
  number: number,
  { of, dispute }: { of: readonly { match: Match }[]; dispute?: string },
): Promise<Member[]> {
  const { site, context, unit, earlier } = doing;
  const notes =
    dispute === undefined ? [] : await boardOf(doing, context, number).notes(`units/${unit.id}/`);
  const lanes = await context.fork(`coordination:${keyOf(doing)}/${number}`, of.length);
  const share = splitShare(doing.left, of.length);
  const settled = await Promise.allSettled(
    of.map(async ({ match }, index): Promise<Member> => {
      const mate = site.request.team.find(({ agent }) => agent.slug === match.slug) as Teammate;
      const lane = lanes[index] as RunContext;
      const outcome = await doUnit(site, lane, {
        unit,
        mate,
        match,
        key: [unit.id, `round-${number}`, match.slug],
        share,
        earlier,
        ...(dispute === undefined
          ? {}
          : {
              contextText: othersText(notes.filter(({ author }) => author !== match.slug)),
              remark: `Others did the same and came to other results, which stand in the context. In dispute: ${dispute}. Check exactly that again, keep what evidence supports, drop what it does not, and give your whole result.`,
            }),
      });
      if (outcome.status === 'completed') await postOutcome(boardOf(doing, lane, number), outcome);
      return { match, mate, outcome };
    }),
  );
  const members = settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
  for (const { outcome } of members) {
    doing.turns.push(outcome);
    doing.left = afterUse(doing.left, outcome.usage);
  }
  return members;
}

function othersText(notes: readonly { author: string; value: unknown }[]): string {
  return notes
    .map(({ author, value }) => `## ${author}\n\n${cutText(JSON.stringify(value), 8_000)}`)
    .join('\n\n');
}

const disputed = (votes: VoteResult): string =>
  votes.counted
    .filter(({ ballot }) => ballot.positions.length > 1)
    .slice(0, 10)
    .map(({ ballot }) => ballot.subject)
    .join('; ');

/**
 * Who works again: all, or, when one result is refined, those who are not behind what counts so far. Nobody when they agree
 * enough, when nothing is left to work with, or when no model was used: without one the same work gives the same result.
 */
function whoDebates(doing: Doing, members: readonly Member[], votes: VoteResult): Member[] {
  const { settings } = doing;
  if (votes.agreement === null || votes.agreement >= settings.agreement_target) return [];
  if (isSpent(doing.left)) return [];
  const able = members.filter(
    ({ outcome }) => outcome.status === 'completed' && outcome.turn?.offline === false,
  );
  if (settings.resolution !== 'iterative_refinement') return able;
  return able.filter(({ match }) =>
    votes.counted.some(
      ({ ballot, winner }) =>
        !winner.agents.includes(match.slug) &&
        ballot.positions.some(({ agents }) => agents.includes(match.slug)),
    ),
  );
}

function debateDecision(
  { unit, settings }: Doing,
  votes: VoteResult,
  { number, debaters }: { number: number; debaters: readonly Member[] },
) {
  return {
    decision: settings.resolution === 'iterative_refinement' ? 'refine' : 'debate',
    subject: unit.id,
    chosen: debaters.map(({ match }) => match.slug),
    reason: `Round ${number} of at most ${settings.debate_rounds}: the agreement is ${shownScore(votes.agreement ?? 0)}, and ${settings.agreement_target} is asked for. In dispute: ${disputed(votes)}`,
    candidates: [],
  };
}

function finish(doing: Doing, members: readonly Member[], votes: VoteResult): TogetherEnd {
  const { unit } = doing;
  tellDisagreement(doing, votes);
  const outcome = mergeOutcome(unit, members, votes);
  return {
    outcome: { ...outcome, usage: usageOf([...doing.turns, ...votes.turns]) },
    agreement: votes.agreement,
    disagreements: votes.counted
      .filter(({ ballot }) => ballot.positions.length > 1)
      .map(({ ballot }) => ({
        subject: `${unit.id}: ${ballot.subject}`,
        positions: ballot.positions.map(({ agents, says, weight }) => ({
          agents,
          says: cutText(says, 2_000),
          weight,
        })),
      })),
  };
}
