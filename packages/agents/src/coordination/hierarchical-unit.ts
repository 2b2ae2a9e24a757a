import type { HierarchicalSettings } from '@automatos/contracts';
import type { RunContext } from '@automatos/runs';
import { bySlugAfter, shownScore } from './assigning/match.ts';
import type { Match } from './assigning/match.ts';
import type { Assignment } from './assigning/plan-assignments.ts';
import { afterUse, isSpent, splitShare } from './assigning/shares.ts';
import type { Share } from './assigning/shares.ts';
import { postOutcome } from './board/post-outcome.ts';
import { recordedBoard } from './board/recorded-board.ts';
import { askPerson } from './ask-person.ts';
import type { Coordination } from './coordination.ts';
import type { Teammate, UnitOutcome, WorkUnit } from './coordination-types.ts';
import { mergeParts, usageOf } from './work/merge.ts';
import { doUnit } from './work/unit-turn.ts';

/** A unit with whoever is to do it. */
export interface Assigned {
  unit: WorkUnit;
  earlier: UnitOutcome[];
  assignment: Assignment;
  settings: HierarchicalSettings;
  share: Share;
  /** Of its decisions. */
  place: readonly number[];
}

/** What happened to a unit so far. */
interface Doing extends Assigned {
  site: Coordination;
  context: RunContext;
  tried: UnitOutcome[];
  left: Share;
  decided: number;
}

/** Does a unit: a failure goes to the next candidate, a result that is not sure enough to somebody stronger or to a person. */
export async function doAssigned(
  site: Coordination,
  context: RunContext,
  assigned: Assigned,
): Promise<UnitOutcome> {
  const doing: Doing = { ...assigned, site, context, tried: [], left: assigned.share, decided: 0 };
  const first = assigned.assignment.parts.length > 1 ? await doParts(doing) : await doFirst(doing);
  const done = first.status === 'completed' ? first : await reassign(doing, first);
  const end = done.status === 'completed' ? await makeSure(doing, done) : done;
  const outcome = { ...end, usage: usageOf(doing.tried) };
  await postOutcome(recordedBoard(context, site.board, keyOf(doing)), outcome);
  return outcome;
}

const keyOf = ({ site: { request }, unit }: Doing): string =>
  `${request.stepId}/${request.attempt}/${unit.id}`;

function decide(doing: Doing, decision: Parameters<Coordination['log']['decide']>[1]): void {
  doing.site.log.decide([...doing.place, doing.decided], decision);
  doing.decided += 1;
}

const matchOf = ({ assignment }: Doing, slug: string): Match =>
  assignment.matches.find((match) => match.slug === slug) as Match;

const mateOf = ({ site }: Doing, slug: string): Teammate =>
  site.request.team.find(({ agent }) => agent.slug === slug) as Teammate;

async function turn(
  doing: Doing,
  match: Match,
  options: { model?: { provider: string; model: string } } = {},
): Promise<UnitOutcome> {
  const { unit, earlier, left } = doing;
  const outcome = await doUnit(doing.site, doing.context, {
    unit,
    mate: mateOf(doing, match.slug),
    match,
    key: [unit.id, String(doing.tried.length + 1)],
    share: left,
    earlier,
    ...options,
  });
  doing.tried.push(outcome);
  doing.left = afterUse(left, outcome.usage);
  return outcome;
}

function doFirst(doing: Doing): Promise<UnitOutcome> {
  return turn(doing, matchOf(doing, doing.assignment.parts[0]?.slug ?? ''));
}

/** Each does the part that it covers, side by side. */
async function doParts(doing: Doing): Promise<UnitOutcome> {
  const { unit, earlier, assignment, context, site } = doing;
  const { parts } = assignment;
  const lanes = await context.fork(`coordination:${keyOf(doing)}/parts`, parts.length);
  const share = splitShare(doing.left, parts.length);
  const settled = await Promise.allSettled(
    parts.map(({ slug, needs }, index) =>
      doUnit(site, lanes[index] as RunContext, {
        unit,
        mate: mateOf(doing, slug),
        match: { coverage: 1, missing: [], covered: needs },
        key: [unit.id, 'part', slug],
        share,
        earlier,
        remark: `Do only the part for ${needs.join(', ')}; others do the rest.`,
      }),
    ),
  );
  const outcomes = settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
  doing.tried.push(...outcomes);
  doing.left = outcomes.reduce((left, { usage }) => afterUse(left, usage), doing.left);
  return mergeParts(unit.id, outcomes);
}

/** The next candidates, one after the other, until one succeeds. */
async function reassign(doing: Doing, first: UnitOutcome): Promise<UnitOutcome> {
  let failed = first;
  for (const next of doing.assignment.next) {
    if (isSpent(doing.left)) break;
    decide(doing, {
      decision: 'reassign',
      subject: doing.unit.id,
      chosen: [next.slug],
      reason: `${failed.agent ?? 'Nobody'} failed: ${failed.error?.message ?? 'no reason told'} ${next.slug} is next.`,
      candidates: doing.assignment.next.map(candidateOf),
    });
    const outcome = await turn(doing, next);
    if (outcome.status === 'completed') return outcome;
    failed = outcome;
  }
  return failed;
}

const candidateOf = ({ slug, strength, reasons }: Match) => ({
  name: slug,
  score: shownScore(strength),
  reasons,
});

/** Asks a stronger model, a stronger teammate and at last a person while the result is not sure enough. */
async function makeSure(doing: Doing, first: UnitOutcome): Promise<UnitOutcome> {
  const { settings } = doing;
  const isSure = ({ confidence }: UnitOutcome) => confidence >= settings.confidence_threshold;
  let best = first;
  for (const stronger of strongerThan(doing, first)) {
    if (isSure(best) || isSpent(doing.left)) break;
    decide(doing, {
      decision: 'escalate',
      subject: doing.unit.id,
      chosen: [stronger.match.slug],
      reason: `The confidence ${shownScore(best.confidence)} of ${best.agent ?? 'nobody'} is under ${settings.confidence_threshold}; ${stronger.why}.`,
      candidates: [candidateOf(stronger.match)],
    });
    const outcome = await turn(
      doing,
      stronger.match,
      stronger.model === null ? {} : { model: stronger.model },
    );
    if (outcome.status === 'completed' && outcome.confidence > best.confidence) best = outcome;
  }
  if (isSure(best)) return best;
  return askPerson(
    {
      ...doing,
      request: doing.site.request,
      key: keyOf(doing),
      decide: (made) => decide(doing, made),
    },
    best,
  );
}

interface Stronger {
  match: Match;
  model: HierarchicalSettings['stronger_model'];
  why: string;
}

/** The same agent with the stronger model, then the strongest teammate that has not worked on the unit yet. */
function strongerThan(doing: Doing, { agent }: UnitOutcome): Stronger[] {
  const { settings, assignment, tried } = doing;
  const own = agent === null ? undefined : matchOf(doing, agent);
  const found: Stronger[] = [];
  if (settings.stronger_model !== null && own !== undefined) {
    const model = settings.stronger_model;
    const why = `the same agent tries with the model ${model.model} of ${model.provider}`;
    found.push({ match: own, model, why });
  }
  const [mate] = assignment.matches
    .filter(({ slug }) => tried.every((outcome) => outcome.agent !== slug))
    .toSorted(bySlugAfter((match) => match.strength))
    .filter((match) => own === undefined || match.coverage >= own.coverage);
  if (mate !== undefined)
    found.push({
      match: mate,
      model: null,
      why: `${mate.slug} covers as much and is asked for a second result`,
    });
  return found;
}
