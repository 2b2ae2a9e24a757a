import type { TurnBudget } from '@automatos/agents';
import { agentSchema } from '@automatos/contracts';
import type { Agent, QualityReport } from '@automatos/contracts';
import type { JsonObject } from '@automatos/kernel';
import type { ModelRef } from '@automatos/providers';
import type { RunContext } from '@automatos/runs';
import type { QualityJudge } from '../../quality/types.ts';
import type { RecipeKindDeps } from '../recipe-run.ts';

const ANSWER_TOKENS = 2_000;
const TIME_MS = 120_000;

/** Where a result is scored. */
export interface ScoringSite {
  run: {
    deps: Pick<RecipeKindDeps, 'agents' | 'clock' | 'judgeModel'>;
    /** RFC 3339. */
    startedAt: string;
  };
  context: RunContext;
  /** Step that is scored; null = the run. */
  stepId: string | null;
  attempt: number;
  ledger: TurnBudget;
  /** A model is asked only where something hangs on the score: nobody pays for a judgement they did not want. */
  threshold: number | undefined;
}

type Score = (by: { scoredAt: string; judge?: QualityJudge }) => Promise<QualityReport>;
type Begun = { report: QualityReport } | { scoredAt: string; model: ModelRef };

/**
 * The report of `score`, recorded. Without a threshold or a model, and in a dry run, it is measured inside of one recorded call; a judge's
 * calls are recorded one by one, and the report after them.
 */
export async function recordedReport(site: ScoringSite, score: Score): Promise<QualityReport> {
  const { run, context, attempt } = site;
  const name = `quality:${site.stepId ?? 'run'}/${attempt}`;
  const begun = (await context.step(name, async () => {
    const scoredAt = new Date(run.deps.clock.now()).toISOString();
    const wanted = site.threshold !== undefined && !context.dryRun;
    const model = wanted ? await run.deps.judgeModel(context.workspaceId) : null;
    if (model === null) return { report: await score({ scoredAt }) } as unknown as JsonObject;
    return { scoredAt, model: { provider: model.provider, model: model.model } };
  })) as unknown as Begun;
  if ('report' in begun) return begun.report;
  const { scoredAt, model } = begun;
  const measured = await score({ scoredAt, judge: judgeBy(site, model) });
  const kept = await context.step(`${name}/report`, () =>
    Promise.resolve(measured as unknown as JsonObject),
  );
  return kept as unknown as QualityReport;
}

function judgeBy(site: ScoringSite, model: ModelRef): QualityJudge {
  const { run, attempt, ledger } = site;
  const context = eventsOf(site);
  return async ({ prompt, schema }) => {
    const turn = await run.deps.agents.runTurn(context, {
      // Its calls must not be taken for those of the step itself.
      stepId: `${site.stepId ?? 'run'}:quality`,
      attempt,
      agent: judge(model, run.startedAt),
      personaPrompt: null,
      prompt,
      inputs: {},
      outputSchema: schema,
      budget: ledger,
      source: 'judge',
      signal: context.signal,
    });
    return turn.object === undefined ? turn.text : JSON.stringify(turn.object);
  };
}

/** What the judge's calls tell belongs to what is judged. */
function eventsOf({ context, stepId }: ScoringSite): RunContext {
  return {
    ...context,
    emit({ stepId: _own, ...event }) {
      context.emit({ ...event, ...(stepId === null ? {} : { stepId }) });
    },
  };
}

function judge(ref: ModelRef, at: string): Agent {
  return agentSchema.parse({
    id: '00000000-0000-7000-8000-000000000001',
    slug: 'quality-judge',
    name: 'Quality judge',
    category: 'custom',
    status: 'active',
    version: 1,
    seeded: true,
    created_at: at,
    updated_at: at,
    instructions: 'Judge strictly and only by what is shown.',
    model: { ...ref, temperature: 0, max_tokens: ANSWER_TOKENS },
    limits: { max_iterations: 2, max_tool_calls: 0, max_duration_ms: TIME_MS },
    tools: [],
  });
}
