import { z } from 'zod';
import { idSchema, listOf, listQuerySchema, timeSchema } from '../common.ts';
import { route } from '../http.ts';
import { PERMISSIONS, ROLES } from '../permissions.ts';

export const userSchema = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  created_at: timeSchema,
});
export const workspaceSchema = z.object({
  id: idSchema,
  slug: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  created_at: timeSchema,
});
export const sessionSchema = z.object({
  user: userSchema.nullable(),
  principal: z.object({
    kind: z.enum(['user', 'api_key', 'operator']),
    id: z.string(),
    name: z.string(),
  }),
  workspace: workspaceSchema,
  workspaces: z.array(workspaceSchema),
  permissions: z.array(z.enum(PERMISSIONS)),
});
export type Session = z.infer<typeof sessionSchema>;

export const apiKeySchema = z.object({
  id: z.string(),
  name: z.string(),
  /** First characters, for recognising it. */
  start: z.string(),
  role: z.enum(ROLES),
  created_at: timeSchema,
  expires_at: timeSchema.nullable(),
  last_used_at: timeSchema.nullable(),
});

const email = z.email().max(254);
const password = z.string().min(10, 'use at least 10 characters').max(200);

export const authRoutes = {
  status: route({
    operationId: 'getAuthStatus',
    method: 'GET',
    path: '/api/auth/status',
    tag: 'auth',
    permission: 'public',
    summary: 'Whether the first owner is still missing and whether sign-up is open',
    response: z.object({
      needs_owner: z.boolean(),
      sign_up_open: z.boolean(),
      authenticated: z.boolean(),
    }),
  }),
  signUp: route({
    operationId: 'signUp',
    method: 'POST',
    path: '/api/auth/sign-up',
    tag: 'auth',
    permission: 'public',
    rateLimitPerMinute: 20,
    summary: 'Create an account; the first one becomes owner of the first workspace',
    body: z.strictObject({ email, password, name: z.string().trim().min(1).max(100) }),
    response: sessionSchema,
    status: 201,
  }),
  signIn: route({
    operationId: 'signIn',
    method: 'POST',
    path: '/api/auth/sign-in',
    tag: 'auth',
    permission: 'public',
    rateLimitPerMinute: 20,
    summary: 'Start a session with e-mail and password',
    body: z.strictObject({ email, password: z.string().min(1).max(200) }),
    response: sessionSchema,
  }),
  signOut: route({
    operationId: 'signOut',
    method: 'POST',
    path: '/api/auth/sign-out',
    tag: 'auth',
    permission: 'authenticated',
    summary: 'End this session',
    status: 204,
  }),
  session: route({
    operationId: 'getSession',
    method: 'GET',
    path: '/api/auth/session',
    tag: 'auth',
    permission: 'authenticated',
    summary: 'Who I am, where, and what I may do',
    response: sessionSchema,
  }),
  ticket: route({
    operationId: 'createTicket',
    method: 'POST',
    path: '/api/auth/ticket',
    tag: 'auth',
    permission: 'authenticated',
    summary: 'One-use ticket (60 s) for opening the WebSocket as `ticket` sub-protocol value',
    response: z.object({ ticket: z.string(), expires_at: timeSchema }),
    status: 201,
  }),
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
    summary: 'Make an API key; its secret is shown once',
    body: z.strictObject({
      name: z.string().trim().min(1).max(100),
      role: z.enum(['admin', 'member', 'viewer']).default('member'),
      expires_in_days: z.int().min(1).max(3650).optional(),
    }),
    response: apiKeySchema.extend({ key: z.string() }),
    status: 201,
  }),
  deleteKey: route({
    operationId: 'deleteApiKey',
    method: 'DELETE',
    path: '/api/auth/api-keys/:key_id',
    tag: 'auth',
    permission: 'keys:write',
    summary: 'Revoke an API key',
    params: z.strictObject({ key_id: z.string().max(64) }),
    status: 204,
  }),
};
