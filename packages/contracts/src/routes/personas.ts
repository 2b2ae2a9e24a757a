import { z } from 'zod';
import { idSchema, listOf, listQuerySchema, slugSchema, timeSchema } from '../common.ts';
import { route } from '../http.ts';

export const personaSchema = z.object({
  id: idSchema,
  slug: z.string(),
  name: z.string(),
  category: z.string(),
  description: z.string(),
  prompt: z.string(),
  /** Predefined ones are read-only; clone them to change them. */
  predefined: z.boolean(),
  created_at: timeSchema,
  updated_at: timeSchema,
});
export type Persona = z.infer<typeof personaSchema>;
const personaInput = z.strictObject({
  slug: slugSchema.optional(),
  name: z.string().trim().min(1).max(120),
  category: z.string().trim().min(1).max(60),
  description: z.string().max(2000).default(''),
  prompt: z.string().min(1).max(50_000),
});

const byPersona = z.strictObject({ persona_id: z.string().max(64) });

export const personaRoutes = {
  list: route({
    operationId: 'listPersonas',
    method: 'GET',
    path: '/api/personas',
    tag: 'personas',
    permission: 'personas:read',
    summary: 'Personas',
    query: listQuerySchema.extend({ category: z.string().max(60).optional() }),
    response: listOf(personaSchema),
  }),
  create: route({
    operationId: 'createPersona',
    method: 'POST',
    path: '/api/personas',
    tag: 'personas',
    permission: 'personas:write',
    summary: 'Create a persona',
    body: personaInput,
    response: personaSchema,
    status: 201,
  }),
  get: route({
    operationId: 'getPersona',
    method: 'GET',
    path: '/api/personas/:persona_id',
    tag: 'personas',
    permission: 'personas:read',
    summary: 'One persona',
    params: byPersona,
    response: personaSchema,
  }),
  update: route({
    operationId: 'updatePersona',
    method: 'PUT',
    path: '/api/personas/:persona_id',
    tag: 'personas',
    permission: 'personas:write',
    summary: 'Replace an own persona',
    params: byPersona,
    body: personaInput.omit({ slug: true }),
    response: personaSchema,
  }),
  clone: route({
    operationId: 'clonePersona',
    method: 'POST',
    path: '/api/personas/:persona_id/clone',
    tag: 'personas',
    permission: 'personas:write',
    summary: 'Copy a persona to change it',
    params: byPersona,
    body: z.strictObject({ name: z.string().trim().min(1).max(120).optional() }),
    response: personaSchema,
    status: 201,
  }),
  remove: route({
    operationId: 'deletePersona',
    method: 'DELETE',
    path: '/api/personas/:persona_id',
    tag: 'personas',
    permission: 'personas:write',
    summary: 'Delete an own persona that no agent uses',
    params: byPersona,
    status: 204,
  }),
};
