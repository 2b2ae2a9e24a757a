import { z } from 'zod';
import {
  idSchema,
  jsonObjectSchema,
  listOf,
  listQuerySchema,
  slugSchema,
  timeSchema,
} from '../common.ts';
import { route } from '../http.ts';
import { patternKindSchema } from '../patterns.ts';

const patternFields = {
  name: z.string().trim().min(1).max(120),
  kind: patternKindSchema,
  description: z.string().max(2000).default(''),
  /** By the schema of the kind; what is left out gets its default. */
  settings: jsonObjectSchema.default({}),
};

export const patternInputSchema = z.strictObject({ slug: slugSchema.optional(), ...patternFields });
export type PatternInput = z.infer<typeof patternInputSchema>;
export const patternUpdateSchema = z.strictObject(patternFields);

export const patternSchema = z.object({
  id: idSchema,
  slug: z.string(),
  ...patternFields,
  version: z.int(),
  /** Came with the product; may be changed, but not deleted. */
  seeded: z.boolean(),
  created_at: timeSchema,
  updated_at: timeSchema,
});
export type Pattern = z.infer<typeof patternSchema>;

const unitId = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,63}$/, 'use lower-case letters, digits and underscores');

/** Work to be shared out, as far as that depends on it. */
const previewUnitSchema = z.strictObject({
  id: unitId,
  title: z.string().trim().min(1).max(200),
  needs: z.array(z.string().max(60)).max(20).default([]),
  depends_on: z.array(unitId).max(50).default([]),
  complexity: z.number().min(0).max(1).default(0.5),
});

export const decisionSchema = z.object({
  decision: z.string(),
  subject: z.string(),
  chosen: z.array(z.string()),
  reason: z.string(),
  candidates: z.array(
    z.object({ name: z.string(), score: z.number(), reasons: z.array(z.string()) }),
  ),
});

const byPattern = z.strictObject({ pattern_id: z.string().max(64) });

/** `pattern_id` is an id or a slug. */
export const patternRoutes = {
  list: route({
    operationId: 'listPatterns',
    method: 'GET',
    path: '/api/patterns',
    tag: 'patterns',
    permission: 'patterns:read',
    summary: 'Patterns of coordination, newest first',
    query: listQuerySchema.extend({ kind: patternKindSchema.optional() }),
    response: listOf(patternSchema),
  }),
  create: route({
    operationId: 'createPattern',
    method: 'POST',
    path: '/api/patterns',
    tag: 'patterns',
    permission: 'patterns:write',
    summary: 'Create a pattern',
    body: patternInputSchema,
    response: patternSchema,
    status: 201,
  }),
  preview: route({
    operationId: 'previewPattern',
    method: 'POST',
    path: '/api/patterns/preview',
    tag: 'patterns',
    permission: 'patterns:read',
    summary: 'Who would get what and why, without running anything',
    body: z.strictObject({
      /** Id or slug of a stored one, else `kind` and `settings`. */
      pattern: z.string().max(64).optional(),
      kind: patternKindSchema.optional(),
      settings: jsonObjectSchema.optional(),
      goal: z.string().max(10_000).default(''),
      units: z.array(previewUnitSchema).min(1).max(50),
      /** Ids or slugs of agents; without any, all active ones. */
      team: z.array(z.string().max(64)).max(50).default([]),
    }),
    response: z.object({
      kind: patternKindSchema,
      settings: jsonObjectSchema,
      units: z.array(
        z.object({
          unit_id: z.string(),
          /** Who would begin with it; empty when nobody could, or when it is decided later. */
          agents: z.array(z.string()),
          reason: z.string(),
        }),
      ),
      decisions: z.array(decisionSchema),
    }),
  }),
  get: route({
    operationId: 'getPattern',
    method: 'GET',
    path: '/api/patterns/:pattern_id',
    tag: 'patterns',
    permission: 'patterns:read',
    summary: 'One pattern',
    params: byPattern,
    response: patternSchema,
  }),
  update: route({
    operationId: 'updatePattern',
    method: 'PUT',
    path: '/api/patterns/:pattern_id',
    tag: 'patterns',
    permission: 'patterns:write',
    summary: 'Replace a pattern; makes a new version',
    params: byPattern,
    body: patternUpdateSchema,
    response: patternSchema,
    ifMatch: true,
  }),
  remove: route({
    operationId: 'deletePattern',
    method: 'DELETE',
    path: '/api/patterns/:pattern_id',
    tag: 'patterns',
    permission: 'patterns:write',
    summary: 'Delete an own pattern',
    params: byPattern,
    status: 204,
  }),
};
