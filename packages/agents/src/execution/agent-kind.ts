import { gradeOf } from '@automatos/contracts';
import type { Agent, AgentReport, Finding, QualityReport } from '@automatos/contracts';
import { cutText, isPlatformError, toPlatformError } from '@automatos/kernel';
import type { Clock, JsonObject, JsonValue, PlatformError } from '@automatos/kernel';
import type { RunContext, RunKind } from '@automatos/runs';
import type { Capability, WorkspaceRoots } from '@automatos/tools';
import { agentError } from '../agent-error.ts';
import { placedBudget } from '../coordination/work/placed-budget.ts';
import type { AgentRuntime, TurnResult } from '../runtime/runtime-types.ts';
import { AGENT_RUN, readAgentPlan, stepName, WORK_STEP } from './agent-plan.ts';
import type { AgentPlan } from './agent-plan.ts';
import { makeReport } from './make-report.ts';
import { resolveEvidence } from './resolve-evidence.ts';
import { reportQuality } from './report-quality.ts';
import type { QualityPart } from './report-quality.ts';
import { promptForTask } from './task-prompt.ts';

export interface AgentKindDeps {
  agents: Pick<AgentRuntime, 'runTurn'>;
  /** Where the places that findings name are looked up. */
  roots: Pick<WorkspaceRoots, 'resolveInside'>;
  clock: Pick<Clock, 'now'>;
}

const OFFLINE = { provider: 'offline', model: 'offline-1' };
/** A dry run looks and computes, a test only looks. */
const DRY_RUN: readonly Capability[] = ['read', 'code'];
const TEST: readonly Capability[] = ['read'];

const PREVIEW_CHARACTERS = 2_000;

/**
 * Runs in which one agent does one task. The outputs are an agent report; a run whose report is no success ends `failed` and
 * keeps the report, so that what there was until then is not lost.
 */
export function createAgentKind(deps: AgentKindDeps): RunKind {
  return { kind: AGENT_RUN, execute: (context) => executeAgent(deps, context) };
}

async function executeAgent(deps: AgentKindDeps, context: RunContext): Promise<JsonObject> {
  const plan = readAgentPlan(context.plan);
  const startedMs = deps.clock.now();
  const elapsed = () => Math.max(0, Math.round(deps.clock.now() - startedMs));
  context.emit({
    type: 'step.started',
    key: `step:${WORK_STEP}:started:1`,
    stepId: WORK_STEP,
    data: {
      name: stepName(plan.task),
      type: 'agent',
      agent: plan.agent.slug,
      attempt: 1,
      depends_on: [],
    },
  });
  try {
    const turn = await work(deps, context, plan);
    const report = await reportOf(deps, context, turn);
    const outputs = report as unknown as JsonObject;
    const failure = failureOf(plan.agent, turn, report);
    if (failure !== null) throw failure;
    context.emit({
      type: 'step.completed',
      key: `step:${WORK_STEP}:completed`,
      stepId: WORK_STEP,
      data: {
        duration_ms: elapsed(),
        output_preview: cutText(turn.text, PREVIEW_CHARACTERS),
        usage: turn.usage,
      },
      attachment: { output: outputs },
    });
    return outputs;
  } catch (thrown) {
    const error = isPlatformError(thrown) ? thrown : toPlatformError(thrown);
    emitFailed(context, error, elapsed());
    throw thrown;
  }
}

async function work(
  deps: AgentKindDeps,
  context: RunContext,
  plan: AgentPlan,
): Promise<TurnResult> {
  const { agent, task } = plan;
  const allowed = plan.test ? TEST : context.dryRun ? DRY_RUN : null;
  const place = { key: agent.slug, callId: `${WORK_STEP}/1`, limit: agent.concurrency_limit };
  const { budget, giveBack } = placedBudget(context, place, undefined);
  try {
    return await deps.agents.runTurn(context, {
      stepId: WORK_STEP,
      attempt: 1,
      agent: plan.model === 'offline' ? offline(agent) : agent,
      personaPrompt: plan.persona_prompt,
      ...promptForTask(agent, task),
      signal: context.signal,
      budget,
      ...(allowed === null ? {} : { allowedCapabilities: [...allowed] }),
    });
  } finally {
    await giveBack();
  }
}

function offline(agent: Agent): Agent {
  return { ...agent, model: { ...agent.model, ...OFFLINE, fallbacks: [] } };
}

/** The report with its quality, which is told as an event of the run and of the step. */
async function reportOf(
  deps: AgentKindDeps,
  context: RunContext,
  turn: TurnResult,
): Promise<AgentReport> {
  const resolved = await context.step('evidence', () =>
    resolveEvidence(deps.roots, context.inputs, turn.findings),
  );
  const held = new Map<Finding, boolean | null>(
    turn.findings.map((finding, index) => [finding, resolved[index] ?? null]),
  );
  const report = makeReport(turn);
  const { quality, parts } = reportQuality({
    checks: report.checks_run,
    findings: turn.findings,
    resolves: (finding) => held.get(finding) ?? null,
    schemaFits: null,
  });
  const scoredAt = new Date(await context.now('scored')).toISOString();
  for (const stepId of [WORK_STEP, null]) {
    const scored = qualityReport({ stepId, quality, parts, scoredAt });
    context.emit({
      type: 'quality.scored',
      key: `quality:${stepId ?? 'run'}`,
      ...(stepId === null ? {} : { stepId }),
      data: {
        score: quality,
        grade: scored.grade,
        dimensions: Object.fromEntries(parts.map(({ name, score }) => [name, score])),
      },
      attachment: { quality: scored },
    });
  }
  return { ...report, quality };
}

function qualityReport(of: {
  stepId: string | null;
  quality: number | null;
  parts: readonly QualityPart[];
  scoredAt: string;
}): QualityReport {
  return {
    step_id: of.stepId,
    output_type: 'report',
    score: of.quality,
    grade: gradeOf(of.quality),
    threshold: null,
    passed: null,
    content: of.parts.map(({ name, score, weight, detail }) => ({
      name,
      score,
      weight,
      evidence: [{ check: name, score, detail }],
    })),
    operational: [],
    operational_score: null,
    judge: 'none',
    scored_at: of.scoredAt,
  };
}

/** Why the run is no success; null when it is one. */
function failureOf(agent: Agent, turn: TurnResult, report: AgentReport): PlatformError | null {
  if (report.success) return null;
  const details = { outputs: report as unknown as JsonObject };
  if (turn.status === 'limit_reached') {
    return agentError('agents.run.limit_reached', {
      kind: 'limit-reached',
      message: `Agent "${agent.slug}" reached its limit of ${(turn.limit ?? 'this turn').replaceAll('_', ' ')} before the work was whole. Raise the agent's limits or narrow the task; what there was until then is kept.`,
      details: { ...details, limit: turn.limit ?? null },
    });
  }
  return agentError('agents.run.nothing_done', {
    kind: 'upstream-failed',
    message: `Agent "${agent.slug}" made no check that ran to its end, and no language model answered, so there is no result. Name a target that its tools can read, or give the agent a model.`,
    details,
  });
}

function emitFailed(context: RunContext, error: PlatformError, durationMs: number): void {
  const { code, kind, message, retryable, errors } = error;
  const outputs = error.details?.['outputs'] as JsonValue | undefined;
  context.emit({
    type: 'step.failed',
    key: `step:${WORK_STEP}:failed`,
    stepId: WORK_STEP,
    data: {
      error: { code, kind, message, retryable, ...(errors === undefined ? {} : { errors }) },
      duration_ms: durationMs,
      attempts: 1,
    },
    ...(outputs === undefined ? {} : { attachment: { output: outputs } }),
  });
}
