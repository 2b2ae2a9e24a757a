import {
  bigint,
  integer,
  pgTable,
  primaryKey,
  real,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';

/** How each unit of work went; the selection of agents learns from it. One row for each attempt. */
export const taskUnits = pgTable(
  'task_units',
  {
    runId: uuid('run_id').notNull(),
    unitId: text('unit_id').notNull(),
    attempt: integer('attempt').notNull(),
    workspaceId: uuid('workspace_id').notNull(),
    need: text('need'),
    agent: text('agent').notNull(),
    status: text('status').$type<'completed' | 'failed'>().notNull(),
    quality: real('quality'),
    durationMs: integer('duration_ms').notNull(),
    costMicros: bigint('cost_micros', { mode: 'number' }),
    tokens: bigint('tokens', { mode: 'number' }).notNull(),
    toolCalls: integer('tool_calls').notNull(),
    findingsTotal: integer('findings_total').notNull(),
    errorCode: text('error_code'),
    at: timestamp('at', { withTimezone: true, mode: 'date' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.unitId, table.attempt] })],
);
