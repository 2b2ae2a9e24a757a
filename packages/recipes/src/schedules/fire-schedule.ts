import type { ErrorInfo } from '@automatos/contracts';
import { enqueueOutbox } from '@automatos/database';
import type { Database, Tx } from '@automatos/database';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { attempt, errorData } from '../triggers/start-recipe.ts';
import type { EmitTriggerEvent, StartRecipe } from '../triggers/start-recipe.ts';
import { dueTimes } from './due-times.ts';
import { MISSED_MAX, planFires } from './fire-plan.ts';
import type { PlannedFire } from './fire-plan.ts';
import {
  dropQueued,
  insertFire,
  openRuns,
  queuedFires,
  takeSchedule,
  updateFire,
  updateSchedule,
} from './schedule-store.ts';
import type { ListedSchedule } from './schedule-store.ts';
import type { FireOutcome } from './schedule-tables.ts';

export interface FireDeps {
  database: Pick<Database, 'workspace'>;
  clock: Pick<Clock, 'now'>;
  startRecipe: StartRecipe;
  emit: EmitTriggerEvent;
}

/** Outbox topic of runs that a later one of the same schedule displaces. */
export const CANCEL_TOPIC = 'schedules.cancel_previous';
/** Due times of one schedule that wait at once; more are left out. */
const QUEUED_MAX = 100;

interface Place {
  id: string;
  workspaceId: WorkspaceId;
}

/** What one transaction works with. */
interface Firing {
  tx: Tx;
  schedule: ListedSchedule;
  workspaceId: WorkspaceId;
  now: Date;
  announce: (() => void)[];
}

interface Fired {
  outcome: FireOutcome;
  runId?: string;
  error?: ErrorInfo;
}

/**
 * Handles all due times of a schedule that have come: rows, runs and the next due time are one transaction, so that each
 * time counts once whatever crashes and however many processes try. False when another process is at it.
 */
export async function fireDue(deps: FireDeps, { id, workspaceId }: Place): Promise<boolean> {
  const announce: (() => void)[] = [];
  const done = await deps.database.workspace(workspaceId, async (tx) => {
    const schedule = await takeSchedule(tx, id);
    const now = new Date(deps.clock.now());
    if (schedule?.nextDueAt == null || schedule.nextDueAt > now) return false;
    await fireAll(deps, { tx, schedule, workspaceId, now, announce }, schedule.nextDueAt.getTime());
    return true;
  });
  for (const wake of announce) wake();
  return done;
}

/** Starts the oldest due time that waits for the run before, when that is over. */
export async function startQueued(deps: FireDeps, { id, workspaceId }: Place): Promise<boolean> {
  const announce: (() => void)[] = [];
  const done = await deps.database.workspace(workspaceId, async (tx) => {
    const schedule = await takeSchedule(tx, id);
    if (schedule === undefined || (await openRuns(tx, id)).length > 0) return false;
    const [oldest] = await queuedFires(tx, id);
    if (oldest === undefined) return false;
    const now = new Date(deps.clock.now());
    const firing: Firing = { tx, schedule, workspaceId, now, announce };
    const fired = await start(deps, firing, oldest.dueAt.getTime());
    const { outcome, runId = null, error = null } = fired;
    await updateFire(tx, oldest, { firedAt: now, outcome, runId, error });
    await tell(deps, firing, { dueMs: oldest.dueAt.getTime(), ...fired });
    await updateSchedule(tx, id, { lastOutcome: outcome });
    return true;
  });
  for (const wake of announce) wake();
  return done;
}

async function fireAll(deps: FireDeps, firing: Firing, firstMs: number): Promise<void> {
  const { tx, schedule, workspaceId, now } = firing;
  const times = dueTimes(schedule.spec, schedule.anchorAt.getTime());
  const plan = planFires({ spec: schedule.spec, times }, firstMs, now.getTime());
  if (plan.omitted) await tellOmitted(deps, firing, firstMs);
  const overlap = {
    open: await openRuns(tx, schedule.id),
    queued: (await queuedFires(tx, schedule.id)).length,
  };
  let last: { lastDueAt: Date; lastOutcome: FireOutcome } | undefined;
  for (const fire of plan.fires) {
    const dueAt = new Date(fire.dueMs);
    // Claimed first: a time that has a row is done, and its run is not started again.
    const row = { scheduleId: schedule.id, workspaceId, dueAt, firedAt: now };
    const claim = { ...row, outcome: 'queued' as const, runId: null, error: null };
    if (!(await insertFire(tx, claim))) continue;
    const fired = await fireOne(deps, firing, { fire, overlap });
    const { outcome, runId = null, error = null } = fired;
    if (outcome !== 'queued') await updateFire(tx, row, { outcome, runId, error });
    await tell(deps, firing, { dueMs: fire.dueMs, ...fired });
    last = { lastDueAt: dueAt, lastOutcome: outcome };
  }
  const nextDueAt = plan.nextDueMs === null ? null : new Date(plan.nextDueMs);
  await updateSchedule(tx, schedule.id, { nextDueAt, ...last });
}

/** Runs and waiting due times of the schedule; kept up to date while several due times are handled. */
interface Overlap {
  open: string[];
  queued: number;
}

async function fireOne(
  deps: FireDeps,
  firing: Firing,
  { fire, overlap }: { fire: PlannedFire; overlap: Overlap },
): Promise<Fired> {
  const { spec } = firing.schedule;
  if (fire.action === 'skip') return { outcome: 'skipped_misfire' };
  const isFree = overlap.open.length === 0 && overlap.queued === 0;
  // Made up one after another: `skip` and `cancel_previous` among themselves would undo `misfire: all`.
  const policy =
    fire.missed && spec.misfire === 'all' && spec.overlap !== 'allow' ? 'queue' : spec.overlap;
  if (!isFree && policy === 'skip') return { outcome: 'skipped_overlap' };
  if (!isFree && policy === 'queue') {
    if (overlap.queued >= QUEUED_MAX) return { outcome: 'skipped_overlap', error: queueFull() };
    overlap.queued += 1;
    return { outcome: 'queued' };
  }
  if (!isFree && policy === 'cancel_previous') await displace(firing, overlap);
  const fired = await start(deps, firing, fire.dueMs);
  if (fired.runId !== undefined) overlap.open.push(fired.runId);
  return fired;
}

/** The runs before are cancelled right after the commit, by whichever process hears of it, also after a crash. */
async function displace({ tx, schedule, workspaceId }: Firing, overlap: Overlap): Promise<void> {
  for (const runId of overlap.open) {
    const payload = { run_id: runId, schedule: schedule.name };
    await enqueueOutbox(tx, { workspaceId, topic: CANCEL_TOPIC, key: runId, payload });
  }
  overlap.open.length = 0;
}

async function start(
  deps: FireDeps,
  { tx, schedule, workspaceId, announce }: Firing,
  dueMs: number,
): Promise<Fired> {
  const due = new Date(dueMs).toISOString();
  const started = await attempt(tx, () =>
    deps.startRecipe(tx, {
      workspaceId,
      recipeId: schedule.recipeId,
      inputs: schedule.spec.inputs,
      trigger: { kind: 'schedule', id: schedule.id, name: schedule.name, depth: 0 },
      idempotencyKey: `schedule:${schedule.id}:${due}`,
      by: { kind: 'system', id: `schedule:${schedule.id}`, name: `Schedule "${schedule.name}"` },
    }),
  );
  if (!started.ok) return { outcome: 'failed', error: started.error };
  announce.push(started.value.announce);
  return { outcome: 'started', runId: started.value.run.id };
}

async function tell(
  deps: FireDeps,
  { tx, schedule, workspaceId }: Firing,
  { dueMs, outcome, runId, error }: Fired & { dueMs: number },
): Promise<void> {
  await deps.emit(tx, workspaceId, {
    type: 'schedule.fired',
    subject: `schedule:${schedule.id}`,
    data: {
      schedule_id: schedule.id,
      recipe_slug: schedule.recipeSlug,
      due_at: new Date(dueMs).toISOString(),
      outcome,
      ...(runId === undefined ? {} : { run_id: runId }),
      ...(error === undefined ? {} : { error: errorData(error) }),
    },
  });
}

async function tellOmitted(deps: FireDeps, firing: Firing, firstMs: number): Promise<void> {
  const error: ErrorInfo = {
    code: 'triggers.schedule.misfire_limited',
    kind: 'limit-reached',
    message: `More than ${MISSED_MAX} due times passed while nothing ran; only the newest ${MISSED_MAX} are looked at, those from ${new Date(firstMs).toISOString()} on are left out.`,
  };
  await tell(deps, firing, { dueMs: firstMs, outcome: 'skipped_misfire', error });
}

function queueFull(): ErrorInfo {
  const message = `${QUEUED_MAX} due times of this schedule wait already. Make its recipe faster, or let it be due less often.`;
  return { code: 'triggers.schedule.queue_full', kind: 'limit-reached', message };
}

/** The queue of a schedule that a person changed or switched off. */
export async function forgetQueued(tx: Tx, scheduleId: string): Promise<void> {
  await dropQueued(tx, scheduleId, {
    code: 'triggers.schedule.changed',
    kind: 'cancelled',
    message: 'The schedule was changed while this due time waited for the run before.',
  });
}
