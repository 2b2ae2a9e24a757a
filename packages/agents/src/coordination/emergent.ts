import { NO_USAGE, PATTERN_SETTINGS } from '@automatos/contracts';
import type { EmergentSettings, Usage } from '@automatos/contracts';
import { addUsage } from '@automatos/contracts';
import type { JsonValue } from '@automatos/kernel';
import type { RunContext } from '@automatos/runs';
import { inOrder } from './assigning/order.ts';
import { afterUse, isSpent, sharesOf } from './assigning/shares.ts';
import type { Share } from './assigning/shares.ts';
import { recordedBoard } from './board/recorded-board.ts';
import { doAward } from './emergent-award.ts';
import type { AwardSite } from './emergent-award.ts';
import type { CoordinationResult, UnitOutcome } from './coordination-types.ts';
import type { Coordination } from './coordination.ts';
import { finishCoordination } from './finish.ts';
import {
  awardRound,
  closeRound,
  openMarket,
  ownAttractions,
  readyNeeds,
  skipLost,
  stopReason,
} from './market/market.ts';
import type { Attracted, Award, MarketState } from './market/market.ts';
import { notDone } from './work/merge.ts';
import { skipped } from './work/run-units.ts';

/** Topic on which open needs are told to the team. */
const NEEDS_TOPIC = 'needs';
const COORDINATOR = 'coordinator';

interface Market {
  coordination: Coordination;
  context: RunContext;
  settings: EmergentSettings;
  state: MarketState;
  /** Last outcome of each unit that somebody worked on. */
  outcomes: Map<string, UnitOutcome>;
  used: Usage;
  left: Share;
}

/** Nobody assigns: open needs are told, agents bid for them, and rounds are held until nothing attracts anybody any more. */
export async function runEmergent(
  coordination: Coordination,
  context: RunContext,
): Promise<CoordinationResult> {
  const { request, log } = coordination;
  const settings: EmergentSettings = PATTERN_SETTINGS.emergent.parse(request.settings);
  const market: Market = {
    coordination,
    context,
    settings,
    state: openMarket(inOrder(request.units)),
    outcomes: new Map(),
    used: { ...NO_USAGE },
    left: { tokens: settings.budget.tokens, costMicros: settings.budget.cost_micros },
  };
  const slugs = request.team.map(({ agent }) => agent.slug);
  await boardOf(market).subscribe(slugs, NEEDS_TOPIC);
  for (;;) {
    skipWhatIsLost(market);
    const needs = await attracted(market);
    const reason = isSpent(market.left)
      ? 'The budget of the pattern is used up.'
      : stopReason(market.state, needs, settings);
    if (reason !== null) {
      log.decide([market.state.round, 'stop'], {
        decision: 'stop',
        subject: request.stepId,
        chosen: [],
        reason,
        candidates: needs.map(({ unitId, attraction }) => ({
          name: unitId,
          score: attraction,
          reasons: [],
        })),
      });
      return finish(market, reason);
    }
    await holdRound(market, needs);
  }
}

function boardOf({ context, coordination: { board, request }, state }: Market) {
  const name = `${request.stepId}/${request.attempt}/round-${state.round}`;
  return recordedBoard(context, board, name);
}

function skipWhatIsLost(market: Market): void {
  const { state, skipped: lost } = skipLost(market.state);
  market.state = state;
  for (const [unitId, grounds] of lost)
    market.outcomes.set(unitId, skipped({ id: unitId }, grounds));
}

async function attracted({ coordination, context, state, settings }: Market): Promise<Attracted[]> {
  const { request, field } = coordination;
  const needs = readyNeeds(state, request.team);
  const attractions =
    field === null
      ? ownAttractions(needs, settings)
      : ((await context.step(
          `field:${request.stepId}/${request.attempt}/${state.round}`,
          async () => (await field.attractions(needs)) as JsonValue,
        )) as number[]);
  return needs.map((need, index) => ({
    ...need,
    attraction: Math.min(1, Math.max(0, attractions[index] ?? 0)),
  }));
}

/** Tells the needs, awards them and does what was awarded, side by side. */
async function holdRound(market: Market, needs: readonly Attracted[]): Promise<void> {
  const { coordination, settings, state } = market;
  const { request, log } = coordination;
  const awards = awardRound(state, needs, { team: request.team, settings });
  for (const [index, { decision }] of awards.entries()) log.decide([state.round, index], decision);
  await boardOf(market).send({
    from: COORDINATOR,
    to: { topic: NEEDS_TOPIC },
    text: needsText(needs, awards),
  });
  const outcomes = await doAwards(market, awards);
  for (const outcome of outcomes) {
    const before = market.outcomes.get(outcome.unitId);
    const usage = before === undefined ? outcome.usage : addUsage(before.usage, outcome.usage);
    market.outcomes.set(outcome.unitId, { ...outcome, usage });
    market.left = afterUse(market.left, outcome.usage);
  }
  const results = new Map(
    outcomes.map(({ unitId, status }) => [
      unitId,
      {
        end: status === 'completed' ? ('completed' as const) : ('failed' as const),
        by: awards.find(({ unit }) => unit.id === unitId)?.parts.map(({ slug }) => slug) ?? [],
      },
    ]),
  );
  market.state = closeRound(state, results, settings);
}

function needsText(needs: readonly Attracted[], awards: readonly Award[]): string {
  return needs
    .map(({ unitId, title, needs: wanted }) => {
      const award = awards.find(({ unit }) => unit.id === unitId);
      const who =
        award === undefined ? 'still open' : award.parts.map(({ slug }) => slug).join(', ');
      return `${unitId} (${title}; ${wanted.join(', ') || 'no particular capability'}): ${who}`;
    })
    .join('\n');
}

async function doAwards(market: Market, awards: readonly Award[]): Promise<UnitOutcome[]> {
  const { coordination, context, state, settings } = market;
  const { request } = coordination;
  const count = awards.reduce((sum, { parts }) => sum + parts.length, 0);
  if (count === 0) return [];
  const name = `coordination:${request.stepId}/${request.attempt}/${state.round}`;
  const lanes = await context.fork(name, count);
  const shares = sharesOf(
    awards.map(({ unit }) => unit),
    { ...settings.budget, tokens: market.left.tokens, cost_micros: market.left.costMicros },
  );
  const settled = await Promise.allSettled(
    awards.map((award) => {
      const site: AwardSite = {
        site: coordination,
        lanes: lanes.splice(0, award.parts.length),
        round: state.round,
        share: shares.get(award.unit.id) as Share,
        earlier: award.unit.dependsOn.map((id) => market.outcomes.get(id) as UnitOutcome),
      };
      return doAward(site, award);
    }),
  );
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}

function finish(market: Market, reason: string): CoordinationResult {
  const outcomes = market.state.units.map(({ unit }) => {
    const outcome = market.outcomes.get(unit.id);
    if (outcome !== undefined) return outcome;
    return notDone(unit.id, {
      code: 'agents.coordination.unmet',
      kind: 'not-found',
      message: `Nobody took unit "${unit.id}", which needs ${unit.needs.join(', ') || 'an agent'}. ${reason}`,
    });
  });
  return finishCoordination(market.coordination, { outcomes, agreement: null, disagreements: [] });
}
