import { sql } from 'drizzle-orm';
import { SEVERITIES } from '@automatos/contracts';
import type { EventProjection } from './types.ts';
import { newId } from '@automatos/kernel';
import { toStorableJson } from './storable-json.ts';

/** Keeps the findings of finished tool calls in their table, worst first by `rank`. */
export const projectFindings: EventProjection = async (tx, workspaceId, events) => {
  const rows = events.flatMap(({ event, attachment }) =>
    event.type !== 'tool.completed'
      ? []
      : (attachment?.findings ?? []).map((finding) => ({
          id: newId(),
          run_id: event.run_id,
          step_id: event.step_id ?? '',
          agent: event.data['agent'] ?? null,
          tool: finding.tool,
          rule: finding.rule,
          severity: finding.severity,
          rank: SEVERITIES.length - 1 - SEVERITIES.indexOf(finding.severity),
          path: finding.location?.path ?? null,
          line: finding.location?.line ?? null,
          finding,
        })),
  );
  if (rows.length === 0) return;
  await tx.execute(sql`
    INSERT INTO run_findings (id, workspace_id, run_id, step_id, agent, tool, rule, severity, rank, path, line, finding)
    SELECT id, ${workspaceId}::uuid, run_id, step_id, agent, tool, rule, severity, rank, path, line, finding
    FROM jsonb_to_recordset(${toStorableJson(rows)}::jsonb) AS x(
      id uuid, run_id uuid, step_id text, agent text, tool text, rule text, severity text, rank smallint, path text, line int, finding jsonb)`);
};
