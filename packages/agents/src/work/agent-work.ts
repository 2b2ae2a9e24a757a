import type {
  Agent,
  AgentFeedback,
  AgentInput,
  AgentMetrics,
  AgentRunRequest,
  AgentStats,
  AgentTask,
  AgentUsage,
  Run,
} from '@automatos/contracts';
import type { Tx } from '@automatos/database';
import { newId } from '@automatos/kernel';
import type { Actor, Runs } from '@automatos/runs';
import { agentError } from '../agent-error.ts';
import { mustFind } from '../agents/agent-access.ts';
import { personaPromptOf, resolveAgent } from '../agents/agent-lookup.ts';
import { definitionOf, toAgent } from '../agents/agent-store.ts';
import type { AgentDefinition } from '../agents/agent-tables.ts';
import { checked } from '../agents/agent-writing.ts';
import type { WritingDeps } from '../agents/agent-writing.ts';
import type { Scope } from '../agents/agent-viewer.ts';
import { agentStart } from '../execution/agent-plan.ts';
import type { AgentPlan } from '../execution/agent-plan.ts';
import { agentMetrics, usageByModel, workingIn } from '../turns/agent-metrics.ts';
import type { Period } from '../turns/agent-metrics.ts';
import { listFeedback, putFeedback, toFeedback, workedIn } from './feedback-store.ts';
import { rosterStats } from './roster-stats.ts';

export interface AgentWorkDeps extends WritingDeps {
  runs: Pick<Runs, 'start'>;
}

/** Who starts a run. */
export interface WorkScope extends Scope {
  actor: Actor;
  idempotencyKey?: string | undefined;
}

interface Trial {
  task: AgentTask;
  model: 'offline' | 'own';
}

/** What agents do: runs, tests, figures and opinions. `ref` as in the roster. */
export interface AgentWork {
  /** Starts a run of kind `agent`; throws `agents.agent.not_active` for an agent that takes no work. */
  execute(scope: WorkScope, ref: string, request: AgentRunRequest): Promise<Run>;
  /** A test of what is stored, or of a definition that is not. Nothing is changed, and the run counts in no figure. */
  test(
    scope: WorkScope,
    ref: string,
    trial: Trial & { definition?: AgentDefinition | undefined },
  ): Promise<Run>;
  testDraft(scope: WorkScope, trial: Trial & { definition: AgentInput }): Promise<Run>;
  stats(scope: Scope, days: number): Promise<AgentStats>;
  metrics(scope: Scope, ref: string, days: number): Promise<AgentMetrics>;
  usage(scope: Scope, ref: string, days: number): Promise<AgentUsage>;
  feedback(
    scope: Scope,
    ref: string,
    page: { limit: number; cursor?: string | undefined },
  ): Promise<{ items: AgentFeedback[]; nextCursor: string | null }>;
  /** Throws `agents.feedback.other_run` unless the agent worked in the run. */
  rate(
    scope: WorkScope,
    ref: string,
    opinion: { run_id: string; rating: number | 'up' | 'down'; comment: string },
  ): Promise<AgentFeedback>;
}

export function createAgentWork(deps: AgentWorkDeps): AgentWork {
  return { ...startsOf(deps), ...figuresOf(deps) };
}

const STARS = { up: 5, down: 1 } as const;

type Started = Partial<Pick<AgentRunRequest, 'title' | 'priority' | 'dry_run'>>;

function startsOf(deps: AgentWorkDeps): Pick<AgentWork, 'execute' | 'test' | 'testDraft'> {
  const { database } = deps;
  return {
    async execute(scope, ref, { title, priority, dry_run, ...task }) {
      const found = await database.workspaceReads(scope.workspaceId, (tx) =>
        resolveAgent(tx, ref, scope.viewer),
      );
      const plan: AgentPlan = {
        agent: found.agent,
        persona_prompt: found.personaPrompt,
        task,
        test: false,
        model: dry_run ? 'offline' : 'own',
      };
      return start(deps, scope, { plan, title, priority, dry_run });
    },
    async test(scope, ref, { definition, ...trial }) {
      const plan = await database.workspace(scope.workspaceId, async (tx) => {
        const row = await mustFind(tx, scope, ref);
        const fields =
          definition === undefined
            ? definitionOf(row)
            : await checked({ tx, deps, scope }, definition);
        return trialPlan(tx, { ...toAgent(row), ...fields }, trial);
      });
      return start(deps, scope, { plan });
    },
    async testDraft(scope, { definition: { slug, ...fields }, ...trial }) {
      const at = new Date(deps.clock.now());
      const plan = await database.workspace(scope.workspaceId, async (tx) => {
        const definition = await checked({ tx, deps, scope }, fields);
        return trialPlan(tx, unsaved(definition, { slug, at }), trial);
      });
      return start(deps, scope, { plan });
    },
  };
}

function start(
  { runs }: AgentWorkDeps,
  scope: WorkScope,
  { plan, ...more }: Started & { plan: AgentPlan },
): Promise<Run> {
  const key = scope.idempotencyKey;
  return runs.start(scope.workspaceId, {
    ...agentStart(plan, { by: scope.actor, title: more.title }),
    priority: more.priority ?? plan.agent.priority,
    ...(more.dry_run === true || plan.test ? { dryRun: true } : {}),
    ...(key === undefined ? {} : { idempotencyKey: `agent:${key}` }),
  });
}

/** A test runs whatever the status is. */
async function trialPlan(tx: Tx, agent: Agent, { task, model }: Trial): Promise<AgentPlan> {
  return {
    agent: { ...agent, status: 'active' },
    persona_prompt: await personaPromptOf(tx, agent),
    task,
    test: true,
    model,
  };
}

/** An agent that stands nowhere. Its slug is none that a stored one can have, so that nothing is counted to another agent. */
function unsaved(
  definition: AgentDefinition,
  { slug = 'agent', at }: { slug: string | undefined; at: Date },
): Agent {
  const time = at.toISOString();
  return {
    id: newId(at.getTime()),
    slug: `draft.${slug}`,
    status: 'active',
    version: 0,
    seeded: false,
    created_at: time,
    updated_at: time,
    ...definition,
  };
}

function figuresOf(
  deps: AgentWorkDeps,
): Pick<AgentWork, 'stats' | 'metrics' | 'usage' | 'feedback' | 'rate'> {
  const { database, clock } = deps;
  const period = (days: number): Period => {
    const now = clock.now();
    return { from: new Date(now - days * 86_400_000), to: new Date(now) };
  };
  return {
    stats: (scope, days) =>
      database.workspaceReads(scope.workspaceId, (tx) =>
        rosterStats(tx, scope.viewer, { days, ...period(days) }),
      ),
    metrics: (scope, ref, days) =>
      database.workspaceReads(scope.workspaceId, async (tx) =>
        agentMetrics(tx, await mustFind(tx, scope, ref), period(days)),
      ),
    usage: (scope, ref, days) =>
      database.workspaceReads(scope.workspaceId, async (tx) => {
        const row = await mustFind(tx, scope, ref);
        const { from, to } = period(days);
        // What an earlier agent of this slug used is not this one's.
        const since = from < row.createdAt ? row.createdAt : from;
        return {
          agent_id: row.id,
          slug: row.slug,
          used_by: await deps.agentUsage(tx, scope.workspaceId, row),
          working_in: await workingIn(tx, row.id),
          days,
          by_model: await usageByModel(tx, row.slug, { from: since, to }),
        };
      }),
    feedback: (scope, ref, page) =>
      database.workspaceReads(scope.workspaceId, async (tx) =>
        listFeedback(tx, (await mustFind(tx, scope, ref)).id, page),
      ),
    rate: (scope, ref, { run_id: runId, rating, comment }) =>
      database.workspace(scope.workspaceId, async (tx) => {
        const { id, slug } = await mustFind(tx, scope, ref);
        if (!(await workedIn(tx, id, runId))) throw otherRun(slug, runId);
        const now = new Date(clock.now());
        const row = await putFeedback(tx, {
          id: newId(now.getTime()),
          workspaceId: scope.workspaceId,
          agentId: id,
          runId,
          byId: scope.actor.id,
          byName: scope.actor.name,
          rating: typeof rating === 'number' ? rating : STARS[rating],
          comment,
          createdAt: now,
          updatedAt: now,
        });
        return toFeedback(row);
      }),
  };
}

function otherRun(slug: string, runId: string) {
  return agentError('agents.feedback.other_run', {
    kind: 'invalid-input',
    message: `Agent "${slug}" did not work in run ${runId}. Rate a run that its page lists.`,
    errors: [{ pointer: '/run_id', message: 'the agent did not work in it' }],
  });
}
