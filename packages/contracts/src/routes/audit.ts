import { z } from 'zod';
import { idSchema, jsonObjectSchema, listOf, listQuerySchema, timeSchema } from '../common.ts';
import { route } from '../http.ts';

export const auditEntrySchema = z.object({
  id: idSchema,
  workspace_id: idSchema,
  /** 1, 2, 3 … without gaps in each workspace. */
  sequence: z.int(),
  /** Version of the form that is hashed; see docs/audit.md. */
  version: z.int(),
  at: timeSchema,
  actor: z.object({
    kind: z.enum(['user', 'api_key', 'operator', 'anonymous', 'system']),
    id: z.string(),
  }),
  /** `area.verb`, e.g. `api_key.create`. */
  action: z.string(),
  target: z.object({ type: z.string(), id: z.string(), name: z.string() }),
  outcome: z.enum(['success', 'denied', 'failure']),
  request_id: z.string(),
  details: jsonObjectSchema,
  /** Null once a person's data were erased; the chain holds only its hash. */
  personal: z
    .object({
      nonce: z.string(),
      name: z.string(),
      ip: z.string(),
      user_agent: z.string(),
      /** Since version 2; `target.name` shows it. */
      target_name: z.string().optional(),
    })
    .nullable(),
  personal_hash: z.string(),
  prev_hash: z.string(),
  hash: z.string(),
});
export type AuditEntryView = z.infer<typeof auditEntrySchema>;

export const auditBreakSchema = z.object({
  kind: z.enum(['changed', 'missing', 'reordered', 'inserted', 'anchor']),
  /** Row at which it was noticed. */
  sequence: z.int(),
  detail: z.string(),
});

const hash = z.string().regex(/^[0-9a-f]{64}$/, 'is not a hash of the audit log');
const filters = {
  /** Id of the user or key, or a kind: user, api_key, operator, anonymous, system. */
  actor: z.string().min(1).max(200).optional(),
  /** One action, or an area with a dot at its end: `api_key.`. */
  action: z.string().min(1).max(100).optional(),
  outcome: z.enum(['success', 'denied', 'failure']).optional(),
  target: z.string().min(1).max(200).optional(),
  target_type: z.string().min(1).max(100).optional(),
  from: timeSchema.optional(),
  /** Not included. */
  to: timeSchema.optional(),
  /** Part of an action, a target, an actor's name or id, an address or a request id. */
  search: z.string().min(1).max(100).optional(),
};

export const auditRoutes = {
  list: route({
    operationId: 'listAudit',
    method: 'GET',
    path: '/api/audit',
    tag: 'audit',
    permission: 'audit:read',
    summary: 'The audit log, newest first',
    query: listQuerySchema.extend(filters),
    response: listOf(auditEntrySchema),
  }),
  facets: route({
    operationId: 'getAuditFacets',
    method: 'GET',
    path: '/api/audit/facets',
    tag: 'audit',
    permission: 'audit:read',
    summary: 'Which actions there are, for choosing',
    response: z.object({ actions: z.array(z.string()) }),
  }),
  anchor: route({
    operationId: 'getAuditAnchor',
    method: 'GET',
    path: '/api/audit/anchor',
    tag: 'audit',
    permission: 'audit:read',
    summary:
      'The head of the chain, to be kept outside: with it a later check finds a cut tail or a rewritten chain',
    response: z.object({
      workspace_id: idSchema,
      sequence: z.int(),
      hash: z.string(),
      at: timeSchema,
    }),
  }),
  verify: route({
    operationId: 'verifyAudit',
    method: 'GET',
    path: '/api/audit/verify',
    tag: 'audit',
    permission: 'audit:read',
    summary: 'Checks the chain row by row and gives the first break',
    query: z
      .strictObject({
        /** First row to check; the one before it is believed. */
        from: z.coerce.number().int().min(1).default(1),
        rows_max: z.coerce.number().int().min(1).max(200_000).default(100_000),
        anchor_sequence: z.coerce.number().int().min(0).optional(),
        anchor_hash: hash.optional(),
      })
      .refine(
        (query) => (query.anchor_sequence === undefined) === (query.anchor_hash === undefined),
        { path: ['anchor_hash'], message: 'anchor_sequence and anchor_hash go together' },
      ),
    response: z.object({
      ok: z.boolean(),
      checked: z.int(),
      /** Of these, rows whose personal data were erased. */
      erased: z.int(),
      from: z.int(),
      to: z.int(),
      head_hash: z.string(),
      /** False: the end was not reached. Without a break, go on with `from` = `to` + 1. */
      complete: z.boolean(),
      first_break: auditBreakSchema.nullable(),
      duration_ms: z.int(),
    }),
  }),
  export: route({
    operationId: 'exportAudit',
    method: 'GET',
    path: '/api/audit/export',
    tag: 'audit',
    permission: 'audit:read',
    kind: 'bytes',
    summary:
      'The audit log, oldest first, as it is hashed: NDJSON whose last line is the head of the chain, or CSV for spreadsheets',
    query: z.strictObject({ ...filters, format: z.enum(['ndjson', 'csv']).default('ndjson') }),
  }),
  get: route({
    operationId: 'getAuditEntry',
    method: 'GET',
    path: '/api/audit/:entry_id',
    tag: 'audit',
    permission: 'audit:read',
    summary: 'One entry of the audit log',
    params: z.strictObject({ entry_id: idSchema }),
    response: auditEntrySchema,
  }),
};
