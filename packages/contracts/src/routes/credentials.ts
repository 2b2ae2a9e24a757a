import { z } from 'zod';
import { idSchema, listOf, listQuerySchema, timeSchema } from '../common.ts';
import { route } from '../http.ts';

export const CREDENTIAL_FIELD_FORMATS = [
  'text',
  'url',
  'email',
  'number',
  'boolean',
  'multiline',
  'time',
  'headers',
] as const;

export const credentialFieldSchema = z.object({
  name: z.string(),
  label: z.string(),
  /** Never given out again once stored. */
  secret: z.boolean(),
  required: z.boolean(),
  format: z.enum(CREDENTIAL_FIELD_FORMATS),
  help: z.string().nullable(),
  /** The only values allowed. */
  options: z.array(z.string()).nullable(),
  /** Checks signatures of what comes in: after a rotation the value before counts for 24 h. */
  verifies: z.boolean(),
});

export const credentialTypeSchema = z.object({
  id: z.string(),
  name: z.string(),
  category: z.enum(['model', 'code', 'chat', 'work', 'data', 'mail', 'other']),
  /** Where in the service the values are found. */
  docs: z.string(),
  fields: z.array(credentialFieldSchema),
  /** At least one field of each list has to be given. */
  one_of: z.array(z.array(z.string())),
  /** What a test does; null when there is none. */
  test: z.string().nullable(),
  /** Takes fields of any name. */
  open: z.boolean(),
});
export type CredentialTypeView = z.infer<typeof credentialTypeSchema>;

export const credentialTestSchema = z.object({
  ok: z.boolean(),
  /** What the service said, or why it could not be asked; never holds the secret. */
  message: z.string(),
  code: z.string().nullable(),
  duration_ms: z.int(),
  at: timeSchema,
});
export type CredentialTest = z.infer<typeof credentialTestSchema>;

const publicValue = z.union([z.string(), z.number(), z.boolean()]);
export const credentialSchema = z.object({
  id: idSchema,
  /** `platform`: serves every workspace that has none of its own. */
  scope: z.enum(['workspace', 'platform']),
  type: z.string(),
  name: z.string(),
  /** Model vendor that it is a key of. */
  provider: z.string().nullable(),
  /** Fields that are no secrets. */
  fields: z.record(z.string(), publicValue),
  /** Secrets that are set, by name; the last four characters of those with at least 12. */
  secrets: z.record(z.string(), z.object({ last_four: z.string().nullable() })),
  version: z.int(),
  /** Until when signatures by the secret before a rotation count. */
  previous_until: timeSchema.nullable(),
  last_used_at: timeSchema.nullable(),
  last_test: credentialTestSchema.nullable(),
  created_by: z.string(),
  created_at: timeSchema,
  updated_at: timeSchema,
});
export type Credential = z.infer<typeof credentialSchema>;

const fieldName = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'e.g. api_key');
const fieldValue = z.union([
  z.string().max(20_000),
  z.number(),
  z.boolean(),
  z.record(z.string().max(200), z.string().max(4_000)),
]);
const nameSchema = z.string().trim().min(1).max(120);

export const encryptionStatusSchema = z.object({
  /** `database`: encrypted here; `vault`: kept there. */
  store: z.enum(['database', 'vault']),
  /** Where the master key comes from; null when the secrets are elsewhere or it is missing. */
  source: z.enum(['environment', 'file']).nullable(),
  /** Fingerprints of the key that is used and of the one configured first; they differ until a rotation begins. */
  current_key: z.string().nullable(),
  configured_key: z.string().nullable(),
  keys: z.array(
    z.object({
      id: z.string(),
      state: z.enum(['current', 'retiring', 'retired']),
      records: z.int(),
      /** Whether this process has it. */
      available: z.boolean(),
    }),
  ),
  records: z.int(),
  /** Records that are still under another key than the current one. */
  pending: z.int(),
  rotating: z.boolean(),
  /** What is wrong, in sentences. */
  findings: z.array(z.string()),
});
export type EncryptionStatus = z.infer<typeof encryptionStatusSchema>;

const byCredential = z.strictObject({ credential_id: idSchema });

export const credentialRoutes = {
  types: route({
    operationId: 'listCredentialTypes',
    method: 'GET',
    path: '/api/credentials/types',
    tag: 'credentials',
    permission: 'credentials:read',
    summary: 'Kinds of credentials with their fields',
    response: z.object({ items: z.array(credentialTypeSchema) }),
  }),
  list: route({
    operationId: 'listCredentials',
    method: 'GET',
    path: '/api/credentials',
    tag: 'credentials',
    permission: 'credentials:read',
    summary: 'Credentials by name, secrets masked',
    query: listQuerySchema.extend({
      scope: z.enum(['workspace', 'platform']).default('workspace'),
      type: z.string().max(64).optional(),
    }),
    response: listOf(credentialSchema),
  }),
  create: route({
    operationId: 'createCredential',
    secretAnswer: true,
    method: 'POST',
    path: '/api/credentials',
    tag: 'credentials',
    permission: 'credentials:write',
    summary: 'Store a credential, encrypted; those of the platform only by its operator',
    body: z.strictObject({
      type: z.string().max(64),
      name: nameSchema,
      scope: z.enum(['workspace', 'platform']).default('workspace'),
      fields: z.record(fieldName, fieldValue),
      /** Names of the fields of a `custom` credential that are no secrets; the others are. */
      public_fields: z.array(fieldName).max(50).default([]),
    }),
    response: credentialSchema,
    status: 201,
  }),
  get: route({
    operationId: 'getCredential',
    method: 'GET',
    path: '/api/credentials/:credential_id',
    tag: 'credentials',
    permission: 'credentials:read',
    summary: 'One credential, secrets masked',
    params: byCredential,
    response: credentialSchema,
  }),
  update: route({
    operationId: 'updateCredential',
    secretAnswer: true,
    method: 'PATCH',
    path: '/api/credentials/:credential_id',
    tag: 'credentials',
    permission: 'credentials:write',
    summary: 'Change the name or some fields; absent fields stay, null takes one away',
    params: byCredential,
    body: z.strictObject({
      name: nameSchema.optional(),
      fields: z.record(fieldName, fieldValue.nullable()).default({}),
    }),
    response: credentialSchema,
    ifMatch: true,
  }),
  remove: route({
    operationId: 'deleteCredential',
    method: 'DELETE',
    path: '/api/credentials/:credential_id',
    tag: 'credentials',
    permission: 'credentials:write',
    summary: 'Delete a credential; 409 with its users while something needs it',
    params: byCredential,
    status: 204,
  }),
  rotate: route({
    operationId: 'rotateCredential',
    secretAnswer: true,
    method: 'POST',
    path: '/api/credentials/:credential_id/rotate',
    tag: 'credentials',
    permission: 'credentials:write',
    summary: 'New secrets; those that check signatures count side by side for 24 h',
    params: byCredential,
    body: z.strictObject({ fields: z.record(fieldName, fieldValue) }),
    response: credentialSchema,
  }),
  test: route({
    operationId: 'testCredential',
    method: 'POST',
    path: '/api/credentials/:credential_id/test',
    tag: 'credentials',
    permission: 'credentials:write',
    summary: 'Ask the service whether it takes the credential',
    params: byCredential,
    response: credentialTestSchema,
    rateLimitPerMinute: 30,
  }),
};

export const encryptionRoutes = {
  status: route({
    operationId: 'getEncryption',
    method: 'GET',
    path: '/api/system/encryption',
    tag: 'system',
    permission: 'platform:write',
    summary: 'Master keys of the stored credentials, and how far a rotation is',
    response: encryptionStatusSchema,
  }),
  rotate: route({
    operationId: 'rotateEncryptionKey',
    method: 'POST',
    path: '/api/system/encryption/rotate',
    tag: 'system',
    permission: 'platform:write',
    summary:
      'Begin a rotation of the master key or take it further; repeat until nothing is pending',
    body: z.strictObject({ records_max: z.int().min(1).max(10_000).default(1_000) }),
    response: encryptionStatusSchema,
  }),
};
