import { auditRoutes, bindRoutes } from '@automatos/contracts';
import type { BoundRoute, ResponseSink } from '@automatos/contracts';
import { decodeCursor, toPage } from '@automatos/database';
import type { Database } from '@automatos/database';
import { csvLine, notFound } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { NO_HASH } from './audit-hash.ts';
import type { AuditLog } from './audit-log.ts';
import {
  findAuditHead,
  findAuditRow,
  listAudit,
  listAuditActions,
  listAuditForward,
} from './audit-query.ts';
import type { AuditFilter } from './audit-query.ts';
import { CSV_COLUMNS, presentAuditRow, toCsvLine } from './present-audit.ts';
import { verifyChain } from './verify-chain.ts';

const EXPORT_ROWS_PER_READ = 500;

/** A cursor holds the sequence of the last row of its page. */
const cursorSchema = {
  safeParse: (value: unknown) =>
    Number.isSafeInteger(value) && (value as number) > 0
      ? ({ success: true, data: value as number } as const)
      : ({ success: false } as const),
};

export interface AuditRoutesDeps {
  database: Pick<Database, 'workspace'>;
  audit: Pick<AuditLog, 'seal'>;
  clock: Clock;
}

/** Reads, checks and exports the audit log of a workspace; what was only noted so far is made rows of first. */
export function createAuditRoutes(deps: AuditRoutesDeps): BoundRoute[] {
  const { database, audit, clock } = deps;
  return bindRoutes(auditRoutes, {
    async list({ workspaceId, query: { limit, cursor, ...filter } }) {
      await audit.seal();
      const before =
        cursor === undefined ? null : decodeCursor(cursor, cursorSchema, 'audit.cursor.invalid');
      const found = await database.workspace(workspaceId, (tx) =>
        listAudit(tx, workspaceId, { filter, before, limit: limit + 1 }),
      );
      const { rows, nextCursor } = toPage(found, limit, (row) => row.sequence);
      return { body: { items: rows.map(presentAuditRow), next_cursor: nextCursor } };
    },
    async facets({ workspaceId }) {
      const actions = await database.workspace(workspaceId, (tx) =>
        listAuditActions(tx, workspaceId),
      );
      return { body: { actions } };
    },
    async get({ workspaceId, params }) {
      const row = await database.workspace(workspaceId, (tx) =>
        findAuditRow(tx, workspaceId, params.entry_id),
      );
      if (row === null) throw notFound('audit', params.entry_id);
      return { body: presentAuditRow(row) };
    },
    async anchor({ workspaceId }) {
      await audit.seal();
      return { body: await readAnchor(deps, workspaceId) };
    },
    async verify({ workspaceId, query, signal }) {
      await audit.seal();
      const startedAt = clock.now();
      const result = await verifyChain(database, workspaceId, {
        from: query.from,
        rowsMax: query.rows_max,
        signal,
        anchor:
          query.anchor_sequence === undefined || query.anchor_hash === undefined
            ? undefined
            : { sequence: query.anchor_sequence, hash: query.anchor_hash },
      });
      const { headHash, firstBreak, ...rest } = result;
      const durationMs = Math.round(clock.now() - startedAt);
      return {
        body: { ...rest, head_hash: headHash, first_break: firstBreak, duration_ms: durationMs },
      };
    },
    async export({ workspaceId, query: { format, ...filter }, signal }) {
      await audit.seal();
      const head = await readAnchor(deps, workspaceId);
      const job = { workspaceId, filter, format, head, signal };
      return { respond: (sink) => sendExport(deps, job, sink) };
    },
  });
}

async function readAnchor({ database, clock }: AuditRoutesDeps, workspaceId: WorkspaceId) {
  const head = await database.workspace(workspaceId, (tx) => findAuditHead(tx, workspaceId));
  return {
    workspace_id: workspaceId,
    sequence: head?.sequence ?? 0,
    hash: head?.hash ?? NO_HASH,
    at: head?.at ?? new Date(clock.now()).toISOString(),
  };
}

interface ExportJob {
  workspaceId: WorkspaceId;
  filter: AuditFilter;
  format: 'ndjson' | 'csv';
  head: Awaited<ReturnType<typeof readAnchor>>;
  signal: AbortSignal;
}

const CONTENT_TYPES = { ndjson: 'application/x-ndjson', csv: 'text/csv; charset=utf-8' } as const;

/** Ends at the head that was read first, so that what is recorded meanwhile does not make it endless. */
async function sendExport(
  { database }: AuditRoutesDeps,
  { workspaceId, filter, format, head, signal }: ExportJob,
  sink: ResponseSink,
): Promise<void> {
  const day = head.at.slice(0, 10);
  sink.start(200, {
    'content-type': CONTENT_TYPES[format],
    'content-disposition': `attachment; filename="audit-${day}.${format}"`,
  });
  if (format === 'csv') sink.write(csvLine(CSV_COLUMNS));
  for (let after = 0; after < head.sequence;) {
    signal.throwIfAborted();
    const rows = await database.workspace(workspaceId, (tx) =>
      listAuditForward(tx, workspaceId, { filter, after, limit: EXPORT_ROWS_PER_READ }),
    );
    const wanted = rows.filter((row) => row.sequence <= head.sequence);
    const text = wanted.map((row) =>
      format === 'csv' ? toCsvLine(row) : `${JSON.stringify(presentAuditRow(row))}\n`,
    );
    if (!sink.write(text.join(''))) await sink.drained();
    if (rows.length < EXPORT_ROWS_PER_READ) break;
    after = rows.at(-1)?.sequence ?? head.sequence;
  }
  sink.end(format === 'csv' ? '' : `${JSON.stringify({ head })}\n`);
}
