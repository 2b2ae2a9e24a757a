import type { Permission } from '@automatos/contracts';
import type { JsonObject } from '@automatos/kernel';
import type { McpTool } from './mcp-types.ts';
import { describeRun, WAIT_PROPERTY, waitForRun, waitSeconds } from './run-to-end.ts';
import { textOf } from '../own-api/text-of.ts';

const RUN_ID: JsonObject = { type: 'string', format: 'uuid', description: 'Id of the run' };

function object(properties: JsonObject, required: string[] = []): JsonObject {
  return { type: 'object', properties, required, additionalProperties: false };
}

/** Tools that are there in every workspace, with what a caller needs for each. */
export const FIXED_TOOLS: readonly { needs: Permission; tool: McpTool }[] = [
  {
    needs: 'tasks:run',
    tool: {
      name: 'submit_task',
      title: 'Submit a task',
      description:
        'Gives a goal to the agents: it is split, given to those that suit, carried out and answered with evidence.',
      inputSchema: object(
        {
          goal: { type: 'string', minLength: 1, description: 'What is to be reached, in words' },
          target: { type: 'string', description: 'Folder, file or address that it is about' },
          agents: {
            type: 'array',
            items: { type: 'string' },
            description: 'Only these agents, by their short names',
          },
          pattern: { type: 'string', description: 'Short name of a pattern of coordination' },
          wait_seconds: WAIT_PROPERTY,
        },
        ['goal'],
      ),
      annotations: { readOnlyHint: false, destructiveHint: false },
      async run({ wait_seconds: _wait, ...task }, site) {
        const { id } = await site.ask.json({ method: 'POST', path: '/api/tasks', body: task });
        const runId = textOf(id);
        await waitForRun(site, runId, waitSeconds({ wait_seconds: _wait ?? null }));
        return describeRun(site, runId);
      },
    },
  },
  {
    needs: 'runs:read',
    tool: {
      name: 'get_run',
      title: 'Look at a run',
      description: 'Status, outputs and documents of a run; waits for its end if asked to.',
      inputSchema: object({ run_id: RUN_ID, wait_seconds: { ...WAIT_PROPERTY, default: 0 } }, [
        'run_id',
      ]),
      annotations: { readOnlyHint: true },
      async run(input, site) {
        const runId = textOf(input['run_id']);
        // Asked before the wait, so that a foreign or unknown id is refused and not waited for.
        await site.ask.json({ method: 'GET', path: `/api/runs/${encodeURIComponent(runId)}` });
        const seconds = input['wait_seconds'] === undefined ? 0 : waitSeconds(input);
        if (seconds > 0) await waitForRun(site, runId, seconds);
        return describeRun(site, runId);
      },
    },
  },
  {
    needs: 'runs:read',
    tool: {
      name: 'get_findings',
      title: 'Findings of a run',
      description: 'What a run found: rule, severity, place, evidence and fix of each.',
      inputSchema: object(
        { run_id: RUN_ID, limit: { type: 'integer', minimum: 1, maximum: 100, default: 50 } },
        ['run_id'],
      ),
      annotations: { readOnlyHint: true },
      async run(input, site) {
        const path = `/api/runs/${encodeURIComponent(textOf(input['run_id']))}/findings`;
        const limit = typeof input['limit'] === 'number' ? String(input['limit']) : '50';
        const { items, total } = await site.ask.json({ method: 'GET', path, query: { limit } });
        return { findings: items ?? [], total: total ?? null };
      },
    },
  },
  {
    needs: 'runs:control',
    tool: {
      name: 'cancel_run',
      title: 'Cancel a run',
      description: 'Stops a run; what is under way is aborted.',
      inputSchema: object({ run_id: RUN_ID }, ['run_id']),
      annotations: { readOnlyHint: false, destructiveHint: true },
      async run(input, site) {
        const path = `/api/runs/${encodeURIComponent(textOf(input['run_id']))}/cancel`;
        const run = await site.ask.json({ method: 'POST', path });
        return { run_id: run['id'] ?? null, status: run['status'] ?? null };
      },
    },
  },
];
