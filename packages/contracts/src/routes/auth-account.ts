import { z } from 'zod';
import { timeSchema } from '../common.ts';
import { route } from '../http.ts';
import {
  emailSchema,
  invitationTokenSchema,
  newPasswordSchema,
  signedInSchema,
  statedPasswordSchema,
  userSchema,
} from './auth.ts';

const totpCode = z.string().regex(/^\d{6}$/, 'is the six digits of the authenticator');
/** Six digits of the authenticator, or a backup code. */
const anyCode = z
  .string()
  .trim()
  .regex(
    /^(?:\d{6}|[A-Za-z0-9]{5}-[A-Za-z0-9]{5})$/,
    'is six digits or a backup code (xxxxx-xxxxx)',
  );
const backupCodes = z.object({ backup_codes: z.array(z.string()) });

export const ownSessionSchema = z.object({
  id: z.string(),
  /** True for the session that asks. */
  current: z.boolean(),
  ip_address: z.string().nullable(),
  user_agent: z.string().nullable(),
  /** How it began: password, or the id of the OpenID provider. */
  method: z.string(),
  /** Whether a second factor was shown in it. */
  mfa: z.boolean(),
  created_at: timeSchema,
  last_used_at: timeSchema,
  expires_at: timeSchema,
});

/** A person's own account: only for people, keys are refused with `auth.person.required`. */
export const accountRoutes = {
  updateProfile: route({
    operationId: 'updateProfile',
    method: 'PATCH',
    path: '/api/auth/profile',
    tag: 'auth',
    permission: 'authenticated',
    summary: 'Change my name, or my e-mail with the password',
    body: z.strictObject({
      name: z.string().trim().min(1).max(100).optional(),
      email: emailSchema.optional(),
      /** Needed with `email`. */
      password: statedPasswordSchema.optional(),
    }),
    response: userSchema,
  }),
  changePassword: route({
    operationId: 'changePassword',
    method: 'POST',
    path: '/api/auth/password',
    tag: 'auth',
    permission: 'authenticated',
    rateLimitPerMinute: 20,
    summary: 'Change my password; every other session ends',
    body: z.strictObject({
      current_password: statedPasswordSchema,
      new_password: newPasswordSchema,
    }),
    status: 204,
  }),
  listSessions: route({
    operationId: 'listSessions',
    method: 'GET',
    path: '/api/auth/sessions',
    tag: 'auth',
    permission: 'authenticated',
    summary: 'Where I am signed in',
    response: z.object({ items: z.array(ownSessionSchema) }),
  }),
  revokeSession: route({
    operationId: 'revokeSession',
    method: 'DELETE',
    path: '/api/auth/sessions/:session_id',
    tag: 'auth',
    permission: 'authenticated',
    summary: 'End one of my sessions, with its access tokens',
    params: z.strictObject({ session_id: z.string().max(64) }),
    status: 204,
  }),
  revokeOtherSessions: route({
    operationId: 'revokeOtherSessions',
    method: 'POST',
    path: '/api/auth/sessions/revoke-others',
    tag: 'auth',
    permission: 'authenticated',
    summary: 'End all my sessions but this one',
    response: z.object({ revoked: z.int() }),
  }),
  mfaStatus: route({
    operationId: 'getMfa',
    method: 'GET',
    path: '/api/auth/mfa',
    tag: 'auth',
    permission: 'authenticated',
    summary: 'Whether my account has a second factor',
    response: z.object({
      enabled: z.boolean(),
      enabled_at: timeSchema.nullable(),
      backup_codes_left: z.int(),
    }),
  }),
  enrolMfa: route({
    operationId: 'enrolMfa',
    method: 'POST',
    path: '/api/auth/mfa/enrol',
    tag: 'auth',
    permission: 'authenticated',
    rateLimitPerMinute: 20,
    secretAnswer: true,
    summary: 'Begin to set up an authenticator; it counts once a code of it was shown',
    body: z.strictObject({
      /** Needed unless the account has none; then a sign-in of the last ten minutes counts. */
      password: statedPasswordSchema.optional(),
    }),
    response: z.object({
      /** Base32, for typing in by hand. */
      secret: z.string(),
      /** `otpauth://totp/…`, for a QR code. */
      otpauth_uri: z.string(),
      expires_at: timeSchema,
    }),
  }),
  confirmMfa: route({
    operationId: 'confirmMfa',
    method: 'POST',
    path: '/api/auth/mfa/confirm',
    tag: 'auth',
    permission: 'authenticated',
    rateLimitPerMinute: 20,
    secretAnswer: true,
    summary: 'Turn the second factor on; the backup codes are shown once',
    body: z.strictObject({ code: totpCode }),
    response: backupCodes,
  }),
  renewBackupCodes: route({
    operationId: 'renewBackupCodes',
    method: 'POST',
    path: '/api/auth/mfa/backup-codes',
    tag: 'auth',
    permission: 'authenticated',
    rateLimitPerMinute: 20,
    secretAnswer: true,
    summary: 'New backup codes; the old ones count no more',
    body: z.strictObject({ code: totpCode }),
    response: backupCodes,
  }),
  disableMfa: route({
    operationId: 'disableMfa',
    method: 'POST',
    path: '/api/auth/mfa/disable',
    tag: 'auth',
    permission: 'authenticated',
    rateLimitPerMinute: 20,
    summary: 'Turn the second factor off',
    body: z.strictObject({
      /** Needed unless the account has none; then a sign-in of the last ten minutes counts. */
      password: statedPasswordSchema.optional(),
      code: anyCode,
    }),
    status: 204,
  }),
  verifyMfa: route({
    operationId: 'verifyMfa',
    method: 'POST',
    path: '/api/auth/mfa/verify',
    tag: 'auth',
    permission: 'public',
    rateLimitPerMinute: 20,
    summary: 'Finish a sign-in with the second factor',
    body: z.strictObject({
      challenge: z.string().min(1).max(200),
      code: anyCode,
      invitation_token: invitationTokenSchema.optional(),
      tokens: z.boolean().default(false),
    }),
    response: signedInSchema,
  }),
  stepUp: route({
    operationId: 'stepUp',
    method: 'POST',
    path: '/api/auth/mfa/step-up',
    tag: 'auth',
    permission: 'authenticated',
    rateLimitPerMinute: 20,
    summary: 'Prove again who I am: by a code, or without a second factor by the password',
    body: z.strictObject({ code: anyCode.optional(), password: statedPasswordSchema.optional() }),
    response: z.object({ verified_until: timeSchema }),
  }),
};
