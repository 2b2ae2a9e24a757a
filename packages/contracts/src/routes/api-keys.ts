import { z } from 'zod';
import { listOf, listQuerySchema, timeSchema } from '../common.ts';
import { route } from '../http.ts';
import { PERMISSIONS, ROLES } from '../permissions.ts';

const origin = z
  .url({ protocol: /^https?$/, error: 'is an origin such as https://app.example.com' })
  .refine((url) => new URL(url).origin === url, 'is an origin without path or trailing slash');
const settings = {
  name: z.string().trim().min(1).max(100),
  /** Null: everything that its role may. Never more than its role, whatever is named. */
  scopes: z.array(z.enum(PERMISSIONS)).min(1).max(PERMISSIONS.length).nullable(),
  /** Pages that may use it; at least one for browser keys, none for server keys. */
  origins: z.array(origin).max(20),
  /** Requests per minute; null: what the installation gives each caller. */
  rate_limit_per_minute: z.int().min(1).max(1_000_000).nullable(),
};

export const apiKeySchema = z.object({
  id: z.string(),
  name: z.string(),
  /** `server` keys begin with `ak_srv_`, `browser` keys with `ak_pub_` and count only from their origins. */
  kind: z.enum(['server', 'browser']),
  /** First characters, for recognising it. */
  start: z.string(),
  role: z.enum(ROLES),
  scopes: z.array(z.enum(PERMISSIONS)).nullable(),
  origins: z.array(z.string()),
  rate_limit_per_minute: z.int().nullable(),
  created_by: z.string(),
  created_at: timeSchema,
  expires_at: timeSchema.nullable(),
  last_used_at: timeSchema.nullable(),
  rotated_at: timeSchema.nullable(),
  /** Until when the key before the last rotation still counts; null when there is none. */
  previous_until: timeSchema.nullable(),
});
const withSecret = apiKeySchema.extend({ key: z.string() });
const params = z.strictObject({ key_id: z.string().max(64) });

export const apiKeyRoutes = {
  listKeys: route({
    operationId: 'listApiKeys',
    method: 'GET',
    path: '/api/auth/api-keys',
    tag: 'auth',
    permission: 'keys:read',
    summary: 'API keys of the workspace',
    query: listQuerySchema,
    response: listOf(apiKeySchema),
  }),
  createKey: route({
    operationId: 'createApiKey',
    method: 'POST',
    path: '/api/auth/api-keys',
    tag: 'auth',
    permission: 'keys:write',
    secretAnswer: true,
    summary: 'Make an API key; its secret is shown once',
    body: z.strictObject({
      name: settings.name,
      kind: z.enum(['server', 'browser']).default('server'),
      role: z.enum(['admin', 'member', 'viewer']).default('member'),
      scopes: settings.scopes.default(null),
      origins: settings.origins.default([]),
      rate_limit_per_minute: settings.rate_limit_per_minute.default(null),
      expires_in_days: z.int().min(1).max(3650).optional(),
    }),
    response: withSecret,
    status: 201,
  }),
  updateKey: route({
    operationId: 'updateApiKey',
    method: 'PATCH',
    path: '/api/auth/api-keys/:key_id',
    tag: 'auth',
    permission: 'keys:write',
    summary: 'Change name, scopes, origins or limit of an API key',
    params,
    body: z.strictObject({
      name: settings.name.optional(),
      scopes: settings.scopes.optional(),
      origins: settings.origins.optional(),
      rate_limit_per_minute: settings.rate_limit_per_minute.optional(),
    }),
    response: apiKeySchema,
  }),
  rotateKey: route({
    operationId: 'rotateApiKey',
    method: 'POST',
    path: '/api/auth/api-keys/:key_id/rotate',
    tag: 'auth',
    permission: 'keys:write',
    secretAnswer: true,
    summary: 'Give an API key a new secret; the old one still counts for a while',
    params,
    body: z.strictObject({ grace_hours: z.int().min(0).max(720).default(24) }),
    response: withSecret,
  }),
  deleteKey: route({
    operationId: 'deleteApiKey',
    method: 'DELETE',
    path: '/api/auth/api-keys/:key_id',
    tag: 'auth',
    permission: 'keys:write',
    summary: 'Revoke an API key',
    params,
    status: 204,
  }),
};
