import type { RunContext } from '@automatos/runs';
import { matchTeammate } from './assigning/match.ts';
import { splitShare } from './assigning/shares.ts';
import type { Share } from './assigning/shares.ts';
import { postOutcome } from './board/post-outcome.ts';
import { recordedBoard } from './board/recorded-board.ts';
import type { Coordination } from './coordination.ts';
import type { Teammate, UnitOutcome } from './coordination-types.ts';
import type { Award } from './market/market.ts';
import { mergeParts } from './work/merge.ts';
import { doUnit } from './work/unit-turn.ts';

export interface AwardSite {
  site: Coordination;
  /** One for each part. */
  lanes: RunContext[];
  round: number;
  share: Share;
  earlier: UnitOutcome[];
}

/** Does what was awarded; a group does its parts side by side. */
export async function doAward(
  { site, lanes, round, share, earlier }: AwardSite,
  { unit, parts }: Award,
): Promise<UnitOutcome> {
  const { request, board } = site;
  const settled = await Promise.allSettled(
    parts.map(async ({ slug, needs }, index) => {
      const mate = request.team.find(({ agent }) => agent.slug === slug) as Teammate;
      const whole = matchTeammate(unit, mate);
      const match = parts.length === 1 ? whole : { coverage: 1, missing: [], covered: needs };
      const lane = lanes[index] as RunContext;
      const outcome = await doUnit(site, lane, {
        unit,
        mate,
        match,
        key: [unit.id, `round-${round}`, slug],
        share: splitShare(share, parts.length),
        earlier,
        ...(parts.length === 1
          ? {}
          : {
              remark: `Do only the part for ${needs.join(', ')}; others of your group do the rest.`,
            }),
      });
      const name = `${request.stepId}/${request.attempt}/${unit.id}/round-${round}`;
      await postOutcome(recordedBoard(lane, board, name), outcome);
      return outcome;
    }),
  );
  const outcomes = settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
  const [only] = outcomes;
  return outcomes.length === 1 && only !== undefined ? only : mergeParts(unit.id, outcomes);
}
