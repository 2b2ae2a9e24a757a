import {
  bindRoutes,
  RUN_STATUSES,
  runRoutes,
  runStatusSchema,
  type BoundRoute,
  type EventEnvelope,
  type Handlers,
  type Principal,
  type RunStatus,
  type SseMessage,
} from '@automatos/contracts';
import { exportFindings } from '@automatos/agents';
import { invalidInput } from '@automatos/kernel';
import type { Clock, Metrics, WorkspaceId } from '@automatos/kernel';
import type { Actor, Approver, RunFinding, RunReads, Runs } from '@automatos/runs';
import type { WorkspaceRoots } from '@automatos/tools';
import { VERSION } from '../wiring/product.ts';
import { readRunSource } from './run-source.ts';

export interface RunRoutesDeps {
  runs: Pick<
    Runs,
    | 'list'
    | 'get'
    | 'steps'
    | 'events'
    | 'follow'
    | 'cancel'
    | 'pause'
    | 'resume'
    | 'approvals'
    | 'decide'
    | 'signal'
    | 'limits'
    | 'setLimits'
  >;
  reads: Pick<RunReads, 'findings' | 'artifacts' | 'artifact' | 'quality' | 'compare'>;
  /** Address of a person, for approvals that name who may decide. */
  emailOf: (userId: string) => Promise<string | undefined>;
  /** Folders that tools may read; the source view stays inside them and inside the run's own inputs. */
  roots: WorkspaceRoots;
  clock: Clock;
  metrics: Metrics;
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  markdown: 'md',
  html: 'html',
  json: 'json',
  pdf: 'pdf',
  docx: 'docx',
};

/** Lists, watches and steers runs. */
export function createRunRoutes(deps: RunRoutesDeps): BoundRoute[] {
  const { runs } = deps;
  // Retry and fork belong to what was run: the recipes room serves them.
  const { retry: _retry, fork: _fork, ...own } = runRoutes;
  return bindRoutes(own, {
    ...approvalHandlers(deps),
    ...resultHandlers(deps),
    async list({ workspaceId, query: { statuses, ...query } }) {
      const { items, nextCursor, total } = await runs.list(workspaceId, {
        ...query,
        statuses: statuses === undefined ? undefined : toStatuses(statuses),
      });
      return { body: { items, next_cursor: nextCursor, total } };
    },
    async get({ workspaceId, params }) {
      return { body: await runs.get(workspaceId, params.run_id) };
    },
    async steps({ workspaceId, params }) {
      return { body: { items: await runs.steps(workspaceId, params.run_id) } };
    },
    async events({ workspaceId, params, query, headers, signal }) {
      const run = await runs.get(workspaceId, params.run_id);
      if (headers['accept']?.includes('text/event-stream') === true) {
        const after = resumePoint(headers['last-event-id']) ?? query.after;
        return { stream: toMessages(deps, runs.follow(workspaceId, run.id, { after, signal })) };
      }
      return {
        body: { items: await runs.events(workspaceId, run.id, query), last_seq: run.last_seq },
      };
    },
    async source({ workspaceId, params, query }) {
      const run = await runs.get(workspaceId, params.run_id);
      return { body: await readRunSource(deps.roots, run, query) };
    },
    async cancel({ workspaceId, params, principal }) {
      return { body: await runs.cancel(workspaceId, params.run_id, toActor(principal)) };
    },
    async pause({ workspaceId, params, principal }) {
      return { body: await runs.pause(workspaceId, params.run_id, toActor(principal)) };
    },
    async resume({ workspaceId, params, principal }) {
      return { body: await runs.resume(workspaceId, params.run_id, toActor(principal)) };
    },
  });
}

/** What a run brought forth. */
function resultHandlers({
  runs,
  reads,
}: RunRoutesDeps): Pick<Handlers<Own>, 'findings' | 'exportFindings' | 'artifacts' | 'artifact'> {
  return {
    async findings({ workspaceId, params, query }) {
      const { items, nextCursor, total } = await reads.findings(workspaceId, params.run_id, query);
      return { body: { items, next_cursor: nextCursor, total } };
    },
    async exportFindings({ workspaceId, params, query }) {
      const run = await runs.get(workspaceId, params.run_id);
      const { findings, total } = await allFindings(reads, workspaceId, run.id);
      const source = {
        run,
        findings,
        findingsTotal: Math.max(total, run.findings_total),
        version: VERSION,
      };
      return { bytes: exportFindings(source, query.format) };
    },
    async artifacts({ workspaceId, params }) {
      return { body: { items: await reads.artifacts(workspaceId, params.run_id) } };
    },
    async artifact({ workspaceId, params }) {
      const found = await reads.artifact(workspaceId, params.run_id, params.artifact_id);
      const filename = `${found.title}.${EXTENSIONS[found.format] ?? 'txt'}`;
      return {
        bytes: { content: found.content, contentType: withCharset(found.contentType), filename },
      };
    },
  };
}

/** Findings in one file; more are told as left out. */
const EXPORTED_MAX = 50_000;
const FINDINGS_PAGE = 2_000;

async function allFindings(
  reads: RunRoutesDeps['reads'],
  workspaceId: WorkspaceId,
  runId: string,
): Promise<{ findings: RunFinding[]; total: number }> {
  const findings: RunFinding[] = [];
  let cursor: string | undefined;
  for (;;) {
    const page = await reads.findings(workspaceId, runId, { limit: FINDINGS_PAGE, cursor });
    findings.push(...page.items);
    if (page.nextCursor === null || findings.length >= EXPORTED_MAX)
      return { findings, total: page.total };
    cursor = page.nextCursor;
  }
}

type Own = Omit<typeof runRoutes, 'retry' | 'fork'>;
type Later = 'approvals' | 'decide' | 'signal' | 'limits' | 'setLimits' | 'quality' | 'compare';

/** Decisions of people, signals, limits, and what runs are judged by. */
function approvalHandlers({ runs, reads, emailOf }: RunRoutesDeps): Pick<Handlers<Own>, Later> {
  return {
    async approvals({ workspaceId, query, principal }) {
      const approver = await toApprover(principal, emailOf);
      const { items, nextCursor } = await runs.approvals(workspaceId, { ...query, approver });
      return { body: { items, next_cursor: nextCursor } };
    },
    async decide({ workspaceId, params, body, principal }) {
      const approver = await toApprover(principal, emailOf);
      return {
        body: await runs.decide(workspaceId, params.approval_id, { ...body, approver }),
      };
    },
    async signal({ workspaceId, params, body, principal }) {
      const by = toActor(principal);
      const { signalId } = await runs.signal(workspaceId, params.run_id, { ...body, by });
      return { body: { signal_id: signalId } };
    },
    async limits({ workspaceId }) {
      return { body: await runs.limits(workspaceId) };
    },
    async setLimits({ workspaceId, body }) {
      return { body: { items: await runs.setLimits(workspaceId, body.items) } };
    },
    async quality({ workspaceId, params }) {
      return { body: await reads.quality(workspaceId, params.run_id) };
    },
    async compare({ workspaceId, query }) {
      return { body: await reads.compare(workspaceId, query) };
    },
  };
}

function toStatuses(text: string): RunStatus[] {
  return text.split(',').map((status) => {
    const known = runStatusSchema.safeParse(status);
    if (known.success) return known.data;
    throw invalidInput(`"${status}" is no status of a run; known are ${RUN_STATUSES.join(', ')}.`, [
      { pointer: '/statuses', message: `must hold statuses of ${RUN_STATUSES.join(', ')}` },
    ]);
  });
}

async function toApprover(
  principal: Principal | null,
  emailOf: RunRoutesDeps['emailOf'],
): Promise<Approver> {
  const actor = toActor(principal);
  const email = actor.kind === 'user' ? await emailOf(actor.id) : undefined;
  return { ...actor, role: principal?.role ?? 'viewer', ...(email === undefined ? {} : { email }) };
}

/** Each event as one message whose id is its seq, so that a browser resumes by itself. */
async function* toMessages(
  deps: Pick<RunRoutesDeps, 'clock' | 'metrics'>,
  events: AsyncIterable<EventEnvelope>,
): AsyncGenerator<SseMessage> {
  const openedAt = deps.clock.now();
  for await (const event of events) {
    const storedAt = Date.parse(event.at);
    if (storedAt >= openedAt) {
      deps.metrics.observe(
        'amas_websocket_latency_seconds',
        { transport: 'sse' },
        Math.max(0, deps.clock.now() - storedAt) / 1000,
      );
    }
    yield { id: String(event.seq), event: event.type, data: JSON.stringify(event) };
  }
}

function resumePoint(lastEventId: string | undefined): number | undefined {
  return lastEventId !== undefined && /^\d{1,9}$/.test(lastEventId)
    ? Number(lastEventId)
    : undefined;
}

/** The edge lets nobody through to these routes without a principal. */
function toActor(principal: Principal | null): Actor {
  if (principal === null) return { kind: 'system', id: 'system', name: 'system' };
  return { kind: principal.kind, id: principal.id, name: principal.name };
}

function withCharset(contentType: string): string {
  return contentType.startsWith('text/') && !contentType.includes('charset')
    ? `${contentType}; charset=utf-8`
    : contentType;
}
