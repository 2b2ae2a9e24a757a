import type { Resolution } from '@automatos/contracts';
import { cutText, isJsonObject } from '@automatos/kernel';
import type { RunContext } from '@automatos/runs';
import { keyOf } from '../panel-work.ts';
import type { Doing, Member } from '../panel-work.ts';
import { splitShare } from '../assigning/shares.ts';
import type { UnitOutcome } from '../coordination-types.ts';
import { doUnit } from '../work/unit-turn.ts';
import {
  agreementOf,
  answerBallot,
  ballotOf,
  findingBallots,
  meanAgreement,
  resolveBallot,
} from './votes.ts';
import type { Ballot, Position, Voter } from './votes.ts';

export interface VoteResult {
  voters: Voter[];
  counted: { ballot: Ballot; winner: Position }[];
  /** Null when nobody had anything to compare. */
  agreement: number | null;
  /** Of votes that a model cast: what they took is part of the unit. */
  turns: UnitOutcome[];
}

const ANSWER_CHARS_MAX = 6_000;

/**
 * The votes of those who completed the unit. Findings are compared as they are; answers that differ in words are put before the
 * agents that have a model, and each chooses one.
 */
export async function castVotes(
  doing: Doing,
  members: readonly Member[],
  round: number,
): Promise<VoteResult> {
  const { settings, unit } = doing;
  const voters = votersFrom(members, settings.resolution);
  const turns: UnitOutcome[] = [];
  let ballots = findingBallots(voters);
  if (ballots.length === 0 && voters.length > 0) {
    const answers = answerBallot(unit.id, voters);
    const able = members.filter(({ outcome }) => outcome.turn?.offline === false);
    ballots =
      answers.positions.length > 1 && able.length > 0
        ? [await chosenAnswers(doing, { voters, able, answers, round, turns })]
        : [answers];
  }
  return {
    voters,
    counted: ballots.map((ballot) => ({
      ballot,
      winner: resolveBallot(ballot, settings.resolution, voters),
    })),
    agreement: meanAgreement(ballots.map(agreementOf)),
    turns,
  };
}

function votersFrom(members: readonly Member[], resolution: Resolution): Voter[] {
  return members
    .filter(({ outcome }) => outcome.status === 'completed')
    .map(({ match, outcome }, rank) => ({
      slug: match.slug,
      weight: resolution === 'majority' ? 1 : match.trust,
      rank,
      text: outcome.text,
      findings: outcome.findings,
      looked: new Set(
        Object.entries(outcome.turn?.tools ?? {})
          .filter(([, { status }]) => status === 'success')
          .map(([tool]) => tool),
      ),
    }));
}

interface Election {
  voters: readonly Voter[];
  able: readonly Member[];
  answers: Ballot;
  round: number;
  turns: UnitOutcome[];
}

/** Each chooses among the answers; who cannot, stays with its own. */
async function chosenAnswers(doing: Doing, election: Election): Promise<Ballot> {
  const { site, context, unit } = doing;
  const { able, answers, round, voters } = election;
  const labels = answers.positions.map(({ agents }) => agents[0] ?? '');
  const own = (slug: string) =>
    answers.positions.find(({ agents }) => agents.includes(slug))?.agents[0] ?? slug;
  const lanes = await context.fork(`coordination:${keyOf(doing)}/vote-${round}`, able.length);
  const settled = await Promise.allSettled(
    able.map(({ match, mate }, index) =>
      doUnit(site, lanes[index] as RunContext, {
        unit,
        mate,
        match,
        key: [unit.id, `vote-${round}`, match.slug],
        share: splitShare(doing.left, able.length),
        earlier: [],
        contextText: answers.positions
          .map(({ agents, says }) => `## Answer ${agents[0]}\n\n${cutText(says, ANSWER_CHARS_MAX)}`)
          .join('\n\n'),
        ask: questionOf(unit.prompt, labels),
      }),
    ),
  );
  const choices = new Map(voters.map(({ slug }) => [slug, own(slug)]));
  for (const [index, one] of settled.entries()) {
    if (one.status === 'rejected') throw one.reason;
    election.turns.push(one.value);
    const choice = choiceOf(one.value.turn?.object);
    const slug = able[index]?.match.slug ?? '';
    if (one.value.status === 'completed' && labels.includes(choice)) choices.set(slug, choice);
  }
  return ballotOf(unit.id, voters, choices);
}

function questionOf(prompt: string, labels: readonly string[]) {
  return {
    prompt: `Several agents answered this request:\n\n${cutText(prompt, 4_000)}\n\nTheir answers stand in the context under their names. Choose the one that the evidence supports best, whoever wrote it, and say why in one sentence.`,
    outputSchema: {
      type: 'object',
      properties: { choice: { type: 'string', enum: [...labels] }, reason: { type: 'string' } },
      required: ['choice', 'reason'],
      additionalProperties: false,
    },
  };
}

function choiceOf(object: unknown): string {
  const value = object as Parameters<typeof isJsonObject>[0];
  return isJsonObject(value) && typeof value['choice'] === 'string' ? value['choice'] : '';
}
