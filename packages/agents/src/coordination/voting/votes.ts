import type { Finding, Resolution } from '@automatos/contracts';
import { findingKey } from '../work/merge.ts';

/** An agent with what it came to. */
export interface Voter {
  slug: string;
  /** Past success on like work; greater than 0. */
  weight: number;
  /** Order of expertise for the unit, 0 = the strongest. */
  rank: number;
  text: string;
  findings: readonly Finding[];
  /** Tools that it ran with success: what it could have found. */
  looked: ReadonlySet<string>;
}

/** What some agents say about a subject. */
export interface Position {
  /** By rank. */
  agents: string[];
  says: string;
  weight: number;
}

/** A question and what each who could judge it says. */
export interface Ballot {
  subject: string;
  /** The finding that is voted on; null for a vote on answers. */
  finding: Finding | null;
  positions: Position[];
}

export const REPORTED = 'found it';
export const NOT_FOUND = 'looked and did not find it';

/**
 * One ballot for each finding that somebody reported. Who reported it is for it; who ran the same tool without finding it is
 * against it; the others did not look and have no vote.
 */
export function findingBallots(voters: readonly Voter[]): Ballot[] {
  const reported = new Map<string, Finding>();
  for (const voter of byRank(voters))
    for (const finding of voter.findings)
      if (!reported.has(findingKey(finding))) reported.set(findingKey(finding), finding);
  return [...reported.entries()].map(([key, finding]) => {
    const found = voters.filter(({ findings }) => findings.some((one) => findingKey(one) === key));
    const against = voters.filter(
      (voter) => !found.includes(voter) && voter.looked.has(finding.tool),
    );
    return {
      subject: subjectOf(finding),
      finding,
      positions: [positionOf(found, REPORTED), positionOf(against, NOT_FOUND)].filter(
        ({ agents }) => agents.length > 0,
      ),
    };
  });
}

function subjectOf({ rule, location, message }: Finding): string {
  if (location === undefined) return `${rule}: ${message}`;
  return `${rule} at ${location.path}${location.line === undefined ? '' : `:${location.line}`}`;
}

/** One ballot on the answers: agents whose answers are the same but for case, spaces and marks are of one position. */
export function answerBallot(subject: string, voters: readonly Voter[]): Ballot {
  return ballotOf(
    subject,
    voters,
    new Map(voters.map((voter) => [voter.slug, normalised(voter.text)])),
  );
}

/** One ballot in which each votes for what `choices` has for it; what a position says is the text of its first. */
export function ballotOf(
  subject: string,
  voters: readonly Voter[],
  choices: ReadonlyMap<string, string>,
): Ballot {
  const groups = Map.groupBy(byRank(voters), ({ slug }) => choices.get(slug) ?? slug);
  const positions = [...groups.entries()].map(([choice, group]) => {
    const chosen = voters.find(({ slug }) => slug === choice) ?? group[0];
    return positionOf(group, chosen?.text ?? '');
  });
  return { subject, finding: null, positions };
}

function positionOf(voters: readonly Voter[], says: string): Position {
  const agents = byRank(voters).map(({ slug }) => slug);
  return { agents, says, weight: voters.reduce((sum, { weight }) => sum + weight, 0) };
}

const byRank = (voters: readonly Voter[]): Voter[] => voters.toSorted((a, b) => a.rank - b.rank);

/** Answers are the same when their words are, whatever their case, spaces, marks and emphasis. */
export function normalised(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}.,%+-]+/gu, ' ')
    .replaceAll(/[.,]+(?=\s|$)|[+-](?!\d)/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

export const votersOf = ({ positions }: Pick<Ballot, 'positions'>): number =>
  positions.reduce((sum, { agents }) => sum + agents.length, 0);

/** Share of the weight that stands behind the strongest position, 0–1; exactly 1 when all agree. Null when fewer than two voted. */
export function agreementOf(ballot: Pick<Ballot, 'positions'>): number | null {
  const { positions } = ballot;
  if (votersOf(ballot) < 2) return null;
  if (positions.length === 1) return 1;
  const whole = positions.reduce((sum, { weight }) => sum + weight, 0);
  return Math.max(...positions.map(({ weight }) => weight)) / whole;
}

/** Mean of those that are known; null when none is. */
export function meanAgreement(agreements: readonly (number | null)[]): number | null {
  const known = agreements.filter((one) => one !== null);
  if (known.length === 0) return null;
  return known.reduce((sum, one) => sum + one, 0) / known.length;
}

/**
 * The position that counts. Majority: most agents; weighted and iterative refinement: most weight; expert: that of the strongest
 * agent who voted. Ties go to the other measure, then to the strongest agent.
 */
export function resolveBallot(
  { positions }: Pick<Ballot, 'positions'>,
  resolution: Resolution,
  voters: readonly Voter[],
): Position {
  const rankOf = ({ agents }: Position) =>
    Math.min(
      ...agents.map((slug) => voters.find((voter) => voter.slug === slug)?.rank ?? Infinity),
    );
  const count = (a: Position, b: Position) => b.agents.length - a.agents.length;
  const weight = (a: Position, b: Position) => b.weight - a.weight;
  const rank = (a: Position, b: Position) => rankOf(a) - rankOf(b);
  const orders = {
    majority: [count, weight, rank],
    weighted: [weight, count, rank],
    iterative_refinement: [weight, count, rank],
    expert: [rank],
  }[resolution];
  const [winner] = positions.toSorted((a, b) =>
    orders.reduce((sum, order) => (sum === 0 ? order(a, b) : sum), 0),
  );
  return winner as Position;
}
