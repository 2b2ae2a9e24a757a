import { z } from 'zod';
import { timeSchema } from '../common.ts';
import { route } from '../http.ts';
import { tokensSchema } from './auth.ts';

const provider = z.strictObject({
  provider_id: z.string().regex(/^[a-z0-9-]{1,40}$/, 'is no provider id'),
});

/** RFC 7517. Public keys of our own access tokens; one that is retired stays until the last token by it has ended. */
const jwksSchema = z.object({
  keys: z.array(
    z.object({
      kty: z.string(),
      crv: z.string().optional(),
      x: z.string().optional(),
      n: z.string().optional(),
      e: z.string().optional(),
      kid: z.string(),
      alg: z.string(),
      use: z.literal('sig'),
    }),
  ),
});

/** Access tokens, their keys, and sign-in at OpenID providers. */
export const tokenRoutes = {
  createToken: route({
    operationId: 'createToken',
    method: 'POST',
    path: '/api/auth/token',
    tag: 'auth',
    permission: 'public',
    rateLimitPerMinute: 60,
    secretAnswer: true,
    summary: 'A new access token of 15 minutes, for a refresh token or the session cookie',
    body: z.strictObject({
      /** Absent: the session cookie counts, from a page of this site. */
      refresh_token: z.string().min(1).max(200).optional(),
      /** Workspace that the token works in when a request names none. */
      workspace_id: z.uuid().optional(),
    }),
    response: tokensSchema.omit({ refresh_token: true }),
  }),
  revokeToken: route({
    operationId: 'revokeToken',
    method: 'POST',
    path: '/api/auth/token/revoke',
    tag: 'auth',
    permission: 'public',
    rateLimitPerMinute: 60,
    summary:
      'End an access token, or a session by its refresh token (RFC 7009: unknown ones are fine too)',
    body: z.strictObject({ token: z.string().min(1).max(4096) }),
    status: 204,
  }),
  jwks: route({
    operationId: 'getJwks',
    method: 'GET',
    path: '/.well-known/jwks.json',
    tag: 'auth',
    permission: 'public',
    summary: 'Public keys that access tokens are signed with',
    response: jwksSchema,
  }),
  jwksUnderApi: route({
    operationId: 'getAuthJwks',
    method: 'GET',
    path: '/api/auth/jwks',
    tag: 'auth',
    permission: 'public',
    summary: 'The same keys, for clients that know only /api',
    response: jwksSchema,
  }),
  startOidc: route({
    operationId: 'startOidc',
    method: 'GET',
    path: '/api/auth/oidc/:provider_id/start',
    tag: 'auth',
    permission: 'public',
    rateLimitPerMinute: 60,
    summary: 'Send the browser to an OpenID provider (code flow with PKCE, state and nonce)',
    params: provider,
    query: z.strictObject({
      /** Path of this site to come back to. */
      next: z.string().max(500).optional(),
      invitation_token: z.string().max(200).optional(),
    }),
    status: 302,
  }),
  linkOidc: route({
    operationId: 'linkOidc',
    method: 'POST',
    path: '/api/auth/oidc/:provider_id/link',
    tag: 'auth',
    permission: 'authenticated',
    rateLimitPerMinute: 60,
    summary: 'Begin to connect an OpenID provider with my account; answers the address to open',
    params: provider,
    response: z.object({ url: z.string() }),
  }),
  finishOidc: route({
    operationId: 'finishOidc',
    method: 'GET',
    path: '/api/auth/oidc/:provider_id/callback',
    tag: 'auth',
    permission: 'public',
    rateLimitPerMinute: 60,
    summary:
      'Where the provider sends the browser back; starts a session, or tells on the sign-in page why not',
    params: provider,
    query: z.object({
      code: z.string().max(4096).optional(),
      state: z.string().max(500).optional(),
      iss: z.string().max(500).optional(),
      error: z.string().max(200).optional(),
      error_description: z.string().max(2000).optional(),
    }),
    status: 302,
  }),
  listIdentities: route({
    operationId: 'listIdentities',
    method: 'GET',
    path: '/api/auth/identities',
    tag: 'auth',
    permission: 'authenticated',
    summary: 'How I can sign in: password and connected providers',
    response: z.object({
      items: z.array(
        z.object({
          id: z.string(),
          /** `password`, or the id of an OpenID provider. */
          provider: z.string(),
          name: z.string(),
          created_at: timeSchema,
        }),
      ),
    }),
  }),
  deleteIdentity: route({
    operationId: 'deleteIdentity',
    method: 'DELETE',
    path: '/api/auth/identities/:identity_id',
    tag: 'auth',
    permission: 'authenticated',
    summary: 'Disconnect a provider; the last way to sign in stays',
    params: z.strictObject({ identity_id: z.string().max(64) }),
    status: 204,
  }),
};
