import {
  bigint,
  boolean,
  doublePrecision,
  integer,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';

const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** What each agent did in each step of a run; filled from the events of runs. */
export const agentTurns = pgTable(
  'agent_turns',
  {
    workspaceId: uuid('workspace_id').notNull(),
    agentId: uuid('agent_id').notNull(),
    runId: uuid('run_id').notNull(),
    stepId: text('step_id').notNull(),
    dryRun: boolean('dry_run').notNull(),
    status: text('status').notNull(),
    errorCode: text('error_code'),
    startedAt: time('started_at').notNull(),
    finishedAt: time('finished_at'),
    modelCalls: integer('model_calls').notNull(),
    toolCalls: integer('tool_calls').notNull(),
    toolFailures: integer('tool_failures').notNull(),
    inputTokens: bigint('input_tokens', { mode: 'number' }).notNull(),
    outputTokens: bigint('output_tokens', { mode: 'number' }).notNull(),
    costMicros: bigint('cost_micros', { mode: 'number' }).notNull(),
    unpricedCalls: integer('unpriced_calls').notNull(),
    findings: integer('findings').notNull(),
    quality: doublePrecision('quality'),
  },
  (table) => [primaryKey({ columns: [table.runId, table.stepId, table.agentId] })],
);

/** What people thought of an agent's work in a run. */
export const agentFeedback = pgTable('agent_feedback', {
  id: uuid('id').primaryKey(),
  workspaceId: uuid('workspace_id').notNull(),
  agentId: uuid('agent_id').notNull(),
  runId: uuid('run_id').notNull(),
  byId: text('by_id').notNull(),
  byName: text('by_name').notNull(),
  /** 1–5. */
  rating: smallint('rating').notNull(),
  comment: text('comment').notNull(),
  createdAt: time('created_at').notNull(),
  updatedAt: time('updated_at').notNull(),
});
