import type { approvalGateSchema } from '@automatos/contracts';
import { NO_USAGE } from '@automatos/contracts';
import { PlatformError } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import type { ApprovalOutcome } from '@automatos/runs';
import type { z } from 'zod';
import type { StepOf } from '../../definition/step-kinds.ts';
import { renderText } from '../../references/render.ts';
import { guardedContext } from '../clocks/guarded-context.ts';
import { scopeAt } from '../frame.ts';
import type { StepSite } from '../recipe-run.ts';
import type { Progress, StepEnd } from '../step-end.ts';
import { dryRunRefused } from '../step-errors.ts';
import { emitStarted } from '../step-events.ts';
import { waiting } from './waiting.ts';

type Gate = z.infer<typeof approvalGateSchema>;
type Decided = ApprovalOutcome & { decision: 'approved' | 'rejected' };

/** Asks a person; what they decide is the result. */
export async function runApproval(
  site: StepSite,
  step: StepOf<'approval'>,
  progress: Progress,
): Promise<StepEnd> {
  if (site.run.context.dryRun) throw dryRunRefused(site.id, 'nobody is asked.');
  progress.attempts = 1;
  await site.run.context.gate();
  emitStarted(site, 1);
  const scope = scopeAt(site);
  const outcome = await ask(site, step, {
    key: site.id,
    title: step.title === undefined ? nameOf(site) : renderText(step.title, scope),
    message: renderText(step.message, scope),
    ...(step.fields === undefined ? {} : { fields: step.fields }),
  });
  if (outcome.decision === 'rejected' && step.on_reject === 'stop') throw rejected(site, outcome);
  const { decision, by, comment, values, decidedAt } = outcome;
  const value: JsonObject = { decision, by, comment, values, decided_at: decidedAt };
  return { kind: 'done', usage: NO_USAGE, value, main: decision };
}

/** Asks before a step starts; a rejection fails the step. A dry run asks nobody: it changes nothing. */
export async function askGate(site: StepSite, gate: Gate): Promise<void> {
  if (site.run.context.dryRun) return;
  const outcome = await ask(site, gate, {
    key: `gate:${site.id}`,
    title: nameOf(site),
    message: renderText(gate.message, scopeAt(site, 'outside')),
  });
  if (outcome.decision === 'rejected') throw rejected(site, outcome);
}

function nameOf({ draft }: StepSite): string {
  return draft.step?.name ?? draft.stepId;
}

async function ask(
  site: StepSite,
  { approvers, timeout_ms, on_timeout }: Gate,
  question: { key: string; title: string; message: string; fields?: JsonObject },
): Promise<Decided> {
  const { run, frame, id } = site;
  const { clock: runClock, replay } = run;
  const guard = { signal: frame.scope.signal, runClock, timers: [], replay };
  const { result: outcome } = await waiting(site, `approval:${question.key}`, () =>
    guardedContext(frame.context, guard).approval({
      ...question,
      stepId: id,
      timeoutMs: timeout_ms,
      ...(approvers === undefined
        ? {}
        : { approvers: { roles: approvers.roles ?? [], users: approvers.users ?? [] } }),
    }),
  );
  if (outcome.decision !== 'timed_out') return outcome as Decided;
  if (on_timeout === 'fail') throw timedOut(id, timeout_ms);
  return { ...outcome, decision: on_timeout === 'approve' ? 'approved' : 'rejected' };
}

function rejected({ id }: StepSite, { by, comment }: Decided): PlatformError {
  const who = by === null ? 'because nobody decided in time' : `by ${by}`;
  return new PlatformError({
    code: 'recipes.approval.rejected',
    kind: 'forbidden',
    message: `Step "${id}" was rejected ${who}${comment === null ? '' : `: ${comment}`}.`,
  });
}

function timedOut(stepId: string, timeoutMs: number): PlatformError {
  return new PlatformError({
    code: 'recipes.approval.timed_out',
    kind: 'timeout',
    retryable: false,
    message: `Nobody decided on step "${stepId}" within its timeout_ms of ${timeoutMs}. Start again from this step, or raise the time.`,
  });
}
