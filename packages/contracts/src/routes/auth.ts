import { z } from 'zod';
import { idSchema, timeSchema } from '../common.ts';
import { route } from '../http.ts';
import { PERMISSIONS, ROLES } from '../permissions.ts';

export const userSchema = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  created_at: timeSchema,
  platform_admin: z.boolean(),
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

/** For programs that keep no cookies: the access token is a JWT of 15 minutes, the refresh token is the session of 7 days. */
export const tokensSchema = z.object({
  token_type: z.literal('Bearer'),
  access_token: z.string(),
  /** Seconds. */
  expires_in: z.int(),
  refresh_token: z.string(),
});

/** What sign-in answers to a person with a second factor: nothing is signed in yet. */
export const mfaChallengeSchema = z.object({
  mfa_required: z.literal(true),
  /** To be sent with the code to `verifyMfa`; good for five minutes and five tries. */
  challenge: z.string(),
  methods: z.array(z.enum(['totp', 'backup_code'])),
  expires_at: timeSchema,
});

export const signedInSchema = sessionSchema.extend({
  /** With `tokens: true` in the request. */
  tokens: tokensSchema.optional(),
});

export const emailSchema = z.email().max(254);
export const newPasswordSchema = z.string().min(10, 'use at least 10 characters').max(200);
/** A password as somebody says it is; its form tells nothing. */
export const statedPasswordSchema = z.string().min(1).max(200);
export const invitationTokenSchema = z.string().min(1).max(200);
/** Whether the answer also holds tokens; then no cookie is set. */
const tokens = z.boolean().default(false);

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
      /** OpenID providers that people may sign in with. */
      providers: z.array(z.object({ id: z.string(), name: z.string() })),
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
    body: z.strictObject({
      email: emailSchema,
      password: newPasswordSchema,
      name: z.string().trim().min(1).max(100),
      /** From an invitation; needed while sign-up is closed, and its address has to be `email`. */
      invitation_token: invitationTokenSchema.optional(),
      tokens,
    }),
    response: signedInSchema,
    status: 201,
  }),
  signIn: route({
    operationId: 'signIn',
    method: 'POST',
    path: '/api/auth/sign-in',
    tag: 'auth',
    permission: 'public',
    rateLimitPerMinute: 20,
    summary: 'Start a session with e-mail and password, or be asked for the second factor',
    body: z.strictObject({
      email: emailSchema,
      password: statedPasswordSchema,
      /** Joins the workspace on the way in; who is in none comes in by no other way. With a second factor it goes with the code. */
      invitation_token: invitationTokenSchema.optional(),
      tokens,
    }),
    response: z.union([signedInSchema, mfaChallengeSchema]),
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
};
