import { z } from 'zod';
import { idSchema, timeSchema } from '../common.ts';
import { route } from '../http.ts';

/** `changes`: calls that write, destroy or spend money. */
export const TOOL_APPROVALS = ['never', 'changes', 'always'] as const;
export type ToolApproval = (typeof TOOL_APPROVALS)[number];

const toolName = z.strictObject({ tool: z.string().max(100) });

export const toolSettingsInputSchema = z.strictObject({
  enabled: z.boolean().default(true),
  /** When a person is asked before a call. */
  approval: z.enum(TOOL_APPROVALS).default('never'),
  /** Calls in the whole workspace; null = no limit. */
  rate_per_minute: z.int().min(1).max(100_000).nullable().default(null),
});
export type ToolSettingsInput = z.output<typeof toolSettingsInputSchema>;

export const toolSettingsSchema = z.object({
  tool: z.string(),
  enabled: z.boolean(),
  approval: z.enum(TOOL_APPROVALS),
  rate_per_minute: z.int().nullable(),
  /** Null: never changed, these are the defaults. */
  updated_at: timeSchema.nullable(),
});
export type ToolSettings = z.infer<typeof toolSettingsSchema>;

const GIB = 1024 ** 3;
const HOST =
  /^(?:\*\.)?(?=.{1,253}(?::|$))[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?)*(?::\d{1,5})?$/;

/** A variable that commands may ask for by its name; they get it for the time of the command, and it is masked in what they write. */
const commandSecret = z.strictObject({
  name: z.string().regex(/^[A-Z][A-Z0-9_]{0,99}$/, 'must be like GITHUB_TOKEN'),
  credential_id: idSchema,
  /** Secret field of the credential. */
  field: z.string().min(1).max(100),
});

export const toolEnvironmentInputSchema = z.strictObject({
  /** All files of the workspace's own folder, in bytes. */
  disk_quota_bytes: z
    .int()
    .min(1024 * 1024)
    .max(1024 * GIB)
    .default(5 * GIB),
  /** What commands may reach: `host`, `*.host`, with `:port` when other than 80 and 443. Empty: no network. */
  network_hosts: z
    .array(
      z
        .string()
        .max(260)
        .regex(HOST, 'must be a host name such as example.com or *.example.com:8443'),
    )
    .max(200)
    .default([]),
  command_secrets: z.array(commandSecret).max(50).default([]),
  /** A person is asked before an agent that has read text of strangers destroys, spends money or writes to the network. */
  ask_after_foreign_text: z.boolean().default(true),
});
export type ToolEnvironmentInput = z.output<typeof toolEnvironmentInputSchema>;

export const toolEnvironmentSchema = z.object({
  disk_quota_bytes: z.int(),
  network_hosts: z.array(z.string()),
  command_secrets: z.array(commandSecret),
  ask_after_foreign_text: z.boolean(),
  /** Null: never changed, these are the defaults. */
  updated_at: timeSchema.nullable(),
});
export type ToolEnvironmentSettings = z.infer<typeof toolEnvironmentSchema>;

export const toolHintSchema = z.object({
  tool: z.string(),
  title: z.string(),
  description: z.string(),
  /** Comparable within one answer only. */
  score: z.number(),
  /** Words of the task that led to it, as stems. */
  because: z.array(z.string()),
});

export const toolRoutes = {
  listToolSettings: route({
    operationId: 'listToolSettings',
    method: 'GET',
    path: '/api/tools/settings',
    tag: 'tools',
    permission: 'tools:read',
    summary: 'Tools whose settings differ from the defaults',
    response: z.object({ items: z.array(toolSettingsSchema) }),
  }),
  getToolEnvironment: route({
    operationId: 'getToolEnvironment',
    method: 'GET',
    path: '/api/tools/environment',
    tag: 'tools',
    permission: 'tools:read',
    summary: 'What commands of agents may use: disk, network, consent',
    response: toolEnvironmentSchema,
  }),
  putToolEnvironment: route({
    operationId: 'putToolEnvironment',
    method: 'PUT',
    path: '/api/tools/environment',
    tag: 'tools',
    permission: 'tools:write',
    summary: 'Change what commands of agents may use',
    body: toolEnvironmentInputSchema,
    response: toolEnvironmentSchema,
  }),
  hintTools: route({
    operationId: 'hintTools',
    method: 'GET',
    path: '/api/tools/hints',
    tag: 'tools',
    permission: 'tools:read',
    summary: 'Tools that serve a task best',
    query: z.strictObject({
      task: z.string().min(1).max(4000),
      limit: z.coerce.number().int().min(1).max(50).default(5),
    }),
    response: z.object({ items: z.array(toolHintSchema) }),
  }),
  getToolSettings: route({
    operationId: 'getToolSettings',
    method: 'GET',
    path: '/api/tools/:tool/settings',
    tag: 'tools',
    permission: 'tools:read',
    summary: 'Settings of a tool in this workspace',
    params: toolName,
    response: toolSettingsSchema,
  }),
  putToolSettings: route({
    operationId: 'putToolSettings',
    method: 'PUT',
    path: '/api/tools/:tool/settings',
    tag: 'tools',
    permission: 'tools:write',
    summary: 'Switch a tool on or off, ask before its calls, limit its rate',
    params: toolName,
    body: toolSettingsInputSchema,
    response: toolSettingsSchema,
  }),
};
