import { TERMINAL_RUN_STATUSES } from '@automatos/contracts';
import type { RunStatus } from '@automatos/contracts';
import type { JsonObject } from '@automatos/kernel';
import type { ToolSite } from './mcp-types.ts';
import { textOf } from '../own-api/text-of.ts';

/** Longest wait for a run within one call, in seconds; what takes longer is asked for again by its id. */
export const WAIT_SECONDS_MAX = 600;
export const WAIT_SECONDS_DEFAULT = 120;

/** As a property of input schemas. */
export const WAIT_PROPERTY: JsonObject = {
  type: 'integer',
  minimum: 0,
  maximum: WAIT_SECONDS_MAX,
  default: WAIT_SECONDS_DEFAULT,
  description: 'How long to wait for the end; then the run goes on and get_run tells how it is',
};

/** Seconds that a caller wants to wait. */
export function waitSeconds(input: JsonObject): number {
  const given = input['wait_seconds'];
  return typeof given === 'number'
    ? Math.min(WAIT_SECONDS_MAX, Math.max(0, given))
    : WAIT_SECONDS_DEFAULT;
}

/** Waits until the run has ended or the time is over, and tells each step that begins. */
export async function waitForRun(site: ToolSite, runId: string, seconds: number): Promise<void> {
  const over = AbortSignal.timeout(Math.max(1, Math.round(seconds * 1000)));
  const signal = AbortSignal.any([site.signal, over]);
  try {
    for await (const event of site.follow(site.call.workspaceId, runId, { after: 0, signal })) {
      if (event.type === 'step.started') await site.progress(textOf(event.data['name']));
      if (event.type === 'tool.started') await site.progress(`tool ${textOf(event.data['tool'])}`);
    }
  } catch (error) {
    if (!over.aborted || site.signal.aborted) throw error;
  }
}

/** A run as clients of the protocol see it. */
export async function describeRun(site: ToolSite, runId: string): Promise<JsonObject> {
  const run = await site.ask.json({ method: 'GET', path: `/api/runs/${runId}` });
  const { items } = await site.ask.json({ method: 'GET', path: `/api/runs/${runId}/artifacts` });
  const ended = TERMINAL_RUN_STATUSES.includes(run['status'] as RunStatus);
  return {
    run_id: runId,
    status: run['status'] ?? null,
    ended,
    title: run['title'] ?? null,
    outputs: run['outputs'] ?? null,
    error: run['error'] ?? null,
    findings_total: run['findings_total'] ?? 0,
    usage: run['usage'] ?? null,
    documents: (Array.isArray(items) ? (items as JsonObject[]) : []).map((item) => ({
      title: item['title'] ?? '',
      content_type: item['content_type'] ?? '',
      uri: `automatos://runs/${runId}/documents/${textOf(item['id'])}`,
    })),
    ...(ended ? {} : { next: `It goes on. Ask get_run with run_id "${runId}" later.` }),
  };
}
