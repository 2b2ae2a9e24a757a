import { z } from 'zod';
import { idSchema, listOf, listQuerySchema, slugSchema, timeSchema } from '../common.ts';
import { route } from '../http.ts';
import { ROLES } from '../permissions.ts';
import { emailSchema, workspaceSchema } from './auth.ts';

const name = z.string().trim().min(1).max(100);
const ofWorkspace = z.strictObject({ workspace_id: idSchema });
const ofMember = z.strictObject({ workspace_id: idSchema, user_id: z.string().max(64) });

export const memberSchema = z.object({
  user_id: z.string(),
  name: z.string(),
  email: z.string(),
  role: z.enum(ROLES),
  /** Whether the account has a second factor. */
  mfa: z.boolean(),
  joined_at: timeSchema,
  last_seen_at: timeSchema.nullable(),
});

export const invitationSchema = z.object({
  id: idSchema,
  email: z.string(),
  role: z.enum(ROLES),
  state: z.enum(['pending', 'accepted', 'expired', 'revoked']),
  invited_by: z.string(),
  created_at: timeSchema,
  expires_at: timeSchema,
});

/** Workspaces, who is in them, and who is asked to join. */
export const workspaceRoutes = {
  list: route({
    operationId: 'listWorkspaces',
    method: 'GET',
    path: '/api/workspaces',
    tag: 'workspaces',
    permission: 'authenticated',
    summary: 'Workspaces that I am in; of a key its own, of the operator all',
    query: listQuerySchema,
    response: listOf(workspaceSchema),
  }),
  create: route({
    operationId: 'createWorkspace',
    method: 'POST',
    path: '/api/workspaces',
    tag: 'workspaces',
    permission: 'authenticated',
    summary: 'Make a workspace; who makes it owns it',
    body: z.strictObject({ name, slug: slugSchema.optional() }),
    response: workspaceSchema,
    status: 201,
  }),
  get: route({
    operationId: 'getWorkspace',
    method: 'GET',
    path: '/api/workspaces/:workspace_id',
    tag: 'workspaces',
    permission: 'workspace:read',
    workspaceFrom: 'path',
    summary: 'One workspace',
    params: ofWorkspace,
    response: workspaceSchema,
  }),
  update: route({
    operationId: 'updateWorkspace',
    method: 'PATCH',
    path: '/api/workspaces/:workspace_id',
    tag: 'workspaces',
    permission: 'workspace:write',
    workspaceFrom: 'path',
    summary: 'Rename a workspace',
    params: ofWorkspace,
    body: z.strictObject({ name: name.optional(), slug: slugSchema.optional() }),
    response: workspaceSchema,
  }),
  delete: route({
    operationId: 'deleteWorkspace',
    method: 'DELETE',
    path: '/api/workspaces/:workspace_id',
    tag: 'workspaces',
    permission: 'workspace:write',
    workspaceFrom: 'path',
    summary:
      'Delete a workspace with everything in it; owners only, and its slug has to be repeated',
    params: ofWorkspace,
    query: z.strictObject({ confirm: z.string().max(64) }),
    status: 204,
  }),
  listMembers: route({
    operationId: 'listMembers',
    method: 'GET',
    path: '/api/workspaces/:workspace_id/members',
    tag: 'workspaces',
    permission: 'members:read',
    workspaceFrom: 'path',
    summary: 'People of a workspace',
    params: ofWorkspace,
    query: listQuerySchema.extend({ search: z.string().max(100).optional() }),
    response: listOf(memberSchema),
  }),
  updateMember: route({
    operationId: 'updateMember',
    method: 'PATCH',
    path: '/api/workspaces/:workspace_id/members/:user_id',
    tag: 'workspaces',
    permission: 'members:write',
    workspaceFrom: 'path',
    summary: "Change somebody's role; only owners make and unmake owners, and one owner stays",
    params: ofMember,
    body: z.strictObject({ role: z.enum(ROLES) }),
    response: memberSchema,
  }),
  removeMember: route({
    operationId: 'removeMember',
    method: 'DELETE',
    path: '/api/workspaces/:workspace_id/members/:user_id',
    tag: 'workspaces',
    permission: 'workspace:read',
    workspaceFrom: 'path',
    summary: 'Remove somebody (members:write), or leave; one owner stays',
    params: ofMember,
    status: 204,
  }),
  listInvitations: route({
    operationId: 'listInvitations',
    method: 'GET',
    path: '/api/workspaces/:workspace_id/invitations',
    tag: 'workspaces',
    permission: 'members:read',
    workspaceFrom: 'path',
    summary: 'Invitations of a workspace',
    params: ofWorkspace,
    query: listQuerySchema.extend({
      state: z.enum(['pending', 'accepted', 'expired', 'revoked']).optional(),
    }),
    response: listOf(invitationSchema),
  }),
  createInvitation: route({
    operationId: 'createInvitation',
    method: 'POST',
    path: '/api/workspaces/:workspace_id/invitations',
    tag: 'workspaces',
    permission: 'members:write',
    workspaceFrom: 'path',
    secretAnswer: true,
    summary: 'Ask somebody to join; the link is shown once and is passed on by whoever invites',
    params: ofWorkspace,
    body: z.strictObject({
      email: emailSchema,
      role: z.enum(ROLES).default('member'),
      expires_in_days: z.int().min(1).max(30).default(7),
    }),
    response: invitationSchema.extend({ token: z.string(), url: z.string() }),
    status: 201,
  }),
  revokeInvitation: route({
    operationId: 'revokeInvitation',
    method: 'DELETE',
    path: '/api/workspaces/:workspace_id/invitations/:invitation_id',
    tag: 'workspaces',
    permission: 'members:write',
    workspaceFrom: 'path',
    summary: 'Take an invitation back',
    params: z.strictObject({ workspace_id: idSchema, invitation_id: idSchema }),
    status: 204,
  }),
  inspectInvitation: route({
    operationId: 'inspectInvitation',
    method: 'POST',
    path: '/api/auth/invitations/inspect',
    tag: 'workspaces',
    permission: 'public',
    rateLimitPerMinute: 30,
    summary: 'What an invitation is for; the token is in the body, so that no log holds it',
    body: z.strictObject({ token: z.string().min(1).max(200) }),
    response: z.object({
      workspace_name: z.string(),
      email: z.string(),
      role: z.enum(ROLES),
      invited_by: z.string(),
      expires_at: timeSchema,
      /** Whether its address has an account, so that a page can offer sign-in instead of sign-up. */
      has_account: z.boolean(),
    }),
  }),
  acceptInvitation: route({
    operationId: 'acceptInvitation',
    method: 'POST',
    path: '/api/auth/invitations/accept',
    tag: 'workspaces',
    permission: 'authenticated',
    summary: 'Join a workspace as the person who was invited',
    body: z.strictObject({ token: z.string().min(1).max(200) }),
    response: workspaceSchema,
  }),
};

export const adminUserSchema = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  platform_admin: z.boolean(),
  disabled: z.boolean(),
  mfa: z.boolean(),
  workspaces: z.int(),
  created_at: timeSchema,
  last_seen_at: timeSchema.nullable(),
});

/** What platform administrators see of the whole installation. */
export const adminRoutes = {
  listUsers: route({
    operationId: 'listUsers',
    method: 'GET',
    path: '/api/admin/users',
    tag: 'admin',
    permission: 'platform:write',
    summary: 'All people of the installation',
    query: listQuerySchema.extend({ search: z.string().max(100).optional() }),
    response: listOf(adminUserSchema),
  }),
  updateUser: route({
    operationId: 'updateUser',
    method: 'PATCH',
    path: '/api/admin/users/:user_id',
    tag: 'admin',
    permission: 'platform:write',
    summary: 'Let somebody administer the platform, or lock an account; one administrator stays',
    params: z.strictObject({ user_id: z.string().max(64) }),
    body: z.strictObject({
      platform_admin: z.boolean().optional(),
      /** Ends all sessions and tokens at once. */
      disabled: z.boolean().optional(),
      /** For people who lost their authenticator and their backup codes. */
      reset_mfa: z.literal(true).optional(),
    }),
    response: adminUserSchema,
  }),
  listAllWorkspaces: route({
    operationId: 'listAllWorkspaces',
    method: 'GET',
    path: '/api/admin/workspaces',
    tag: 'admin',
    permission: 'platform:write',
    summary: 'All workspaces of the installation',
    query: listQuerySchema.extend({ search: z.string().max(100).optional() }),
    response: listOf(
      workspaceSchema
        .omit({ role: true })
        .extend({ members: z.int(), owners: z.array(z.string()) }),
    ),
  }),
};
