import { z } from 'zod';
import { idSchema, jsonSchema, listOf, listQuerySchema, timeSchema } from '../common.ts';
import { route } from '../http.ts';

/** What an assessment may find: twelve kinds of attack, and what the caller does as such. */
export const THREAT_CATEGORIES = [
  'sqli',
  'nosql',
  'path_traversal',
  'template_injection',
  'command_injection',
  'ssrf',
  'xss',
  'xxe',
  'header_injection',
  'prototype_pollution',
  'lookup_injection',
  'prompt_injection',
  'behaviour',
  'anomaly',
] as const;
export type ThreatCategory = (typeof THREAT_CATEGORIES)[number];

export const THREAT_LEVELS = ['low', 'medium', 'high', 'critical'] as const;
export type ThreatLevel = (typeof THREAT_LEVELS)[number];

/** What follows from a level, mildest first. */
export const THREAT_ACTIONS = ['allow', 'challenge', 'throttle', 'block'] as const;
export type ThreatAction = (typeof THREAT_ACTIONS)[number];

export const THREAT_MODES = ['observe', 'enforce'] as const;
export type ThreatMode = (typeof THREAT_MODES)[number];

const category = z.enum(THREAT_CATEGORIES);
const level = z.enum(THREAT_LEVELS);
const action = z.enum(THREAT_ACTIONS);

/** One IPv4 or IPv6 address, or a network with its prefix. */
const network = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
  error: 'is not an address or a network such as 203.0.113.0/24',
});

/**
 * `workspace`: traffic that was proven to belong to this workspace. `platform`: everything else, and what holds for all; needs
 * `platform:write`.
 */
const scope = { scope: z.enum(['workspace', 'platform']).default('workspace') };

export const threatReasonSchema = z.object({
  category,
  /** Id of the rule, e.g. `sqli.union_select`. */
  rule: z.string(),
  /** 1–100: what this finding alone makes of the score. */
  points: z.int(),
  /** Why it counts, in one sentence. */
  why: z.string(),
  /** `path`, `query:<name>`, `header:<name>`, `body:<JSON pointer>`, `text`, or `behaviour`. */
  where: z.string(),
  /** The text around the finding, secrets taken out; empty when there is none to show. */
  excerpt: z.string(),
  /** How the text was hidden, e.g. `percent`, `base64`; empty when it stood there as it is. */
  decoded: z.array(z.string()),
});
export type ThreatReason = z.infer<typeof threatReasonSchema>;

export const threatAssessmentSchema = z.object({
  id: idSchema,
  at: timeSchema,
  /** 0–100. */
  score: z.int(),
  level,
  /** What the level calls for. */
  action,
  /** Whether it was done; false while settings only observe, and for addresses that are always allowed. */
  enforced: z.boolean(),
  categories: z.array(category),
  principal: z.object({
    kind: z.enum(['user', 'api_key', 'operator', 'anonymous']),
    id: z.string(),
    name: z.string(),
  }),
  address: z.string(),
  user_agent: z.string(),
  request_id: z.string(),
  method: z.string(),
  /** Template of the route, or the path as it was asked for when there is none. */
  route: z.string(),
  /** Status of the answer; null while it is not known, and for what has none. */
  status: z.int().nullable(),
  /** Run that was started with the text. */
  run_id: idSchema.nullable(),
  /** How long the detector took, in microseconds. */
  duration_us: z.int(),
  reasons: z.array(threatReasonSchema),
});
export type ThreatAssessmentView = z.infer<typeof threatAssessmentSchema>;

export const threatBlockSchema = z.object({
  id: idSchema,
  kind: z.enum(['address', 'principal']),
  /** Address or network; of a principal `user:<id>` or `api_key:<id>`. */
  subject: z.string(),
  reason: z.string(),
  /** `detector` for those that it made of its own accord, else `<kind>:<id>` of who made it. */
  created_by: z.string(),
  created_at: timeSchema,
  /** Null: until it is removed. */
  until: timeSchema.nullable(),
  active: z.boolean(),
  /** Requests refused because of it. */
  refused: z.int(),
  assessment_id: idSchema.nullable(),
});
export type ThreatBlockView = z.infer<typeof threatBlockSchema>;

const threshold = z.int().min(1).max(100);

export const threatSettingsInputSchema = z
  .strictObject({
    /** `observe` assesses and stores, `enforce` also challenges, throttles and blocks. */
    mode: z.enum(THREAT_MODES),
    /** Score from which a level begins. */
    thresholds: z.strictObject({ medium: threshold, high: threshold, critical: threshold }),
    /** Addresses and networks on which nothing is enforced. */
    allowed_addresses: z.array(network).max(200),
    /** Categories that are not looked for. */
    disabled_categories: z.array(category).max(THREAT_CATEGORIES.length),
  })
  .refine(({ thresholds: { medium, high, critical } }) => medium < high && high < critical, {
    path: ['thresholds'],
    message: 'must rise: medium, then high, then critical',
  });
export type ThreatSettingsInput = z.infer<typeof threatSettingsInputSchema>;

export const threatSettingsSchema = z.object({
  ...threatSettingsInputSchema.shape,
  version: z.int(),
  /** Null: the defaults, never changed. */
  updated_at: timeSchema.nullable(),
});

const counted = z.object({ key: z.string(), count: z.int() });

export const threatOverviewSchema = z.object({
  from: timeSchema,
  to: timeSchema,
  /** Requests and texts assessed; most of them score 0 and are kept as counts only. */
  assessed: z.int(),
  /** Of these, those with a score, each stored whole. */
  scored: z.int(),
  enforced: z.int(),
  by_level: z.array(counted),
  by_category: z.array(counted),
  by_action: z.array(counted),
  by_day: z.array(
    z.object({
      /** UTC, `YYYY-MM-DD`. */
      day: z.string(),
      assessed: z.int(),
      low: z.int(),
      medium: z.int(),
      high: z.int(),
      critical: z.int(),
    }),
  ),
  top_principals: z.array(
    z.object({
      kind: z.string(),
      id: z.string(),
      name: z.string(),
      count: z.int(),
      score_max: z.int(),
    }),
  ),
  top_addresses: z.array(
    z.object({ address: z.string(), count: z.int(), score_max: z.int(), blocked: z.boolean() }),
  ),
  blocks_active: z.int(),
  /** Of this process, since its start. */
  detector: z.object({
    latency_p50_us: z.int(),
    latency_p95_us: z.int(),
    /** Requests that went on without an assessment because the detector failed. */
    failed: z.int(),
    /** Assessments that were made and could not be stored. */
    dropped: z.int(),
    queued: z.int(),
  }),
});
export type ThreatOverview = z.infer<typeof threatOverviewSchema>;

const shortText = z.string().max(2_000);

/** Threats: what was found, what was done about it, and how it is set. */
export const securityRoutes = {
  overview: route({
    operationId: 'getSecurityOverview',
    method: 'GET',
    path: '/api/security/overview',
    tag: 'security',
    permission: 'security:read',
    summary: 'How many threats of which kind, from whom, and how the detector does',
    query: z.strictObject({ ...scope, days: z.coerce.number().int().min(1).max(30).default(7) }),
    response: threatOverviewSchema,
  }),
  listAssessments: route({
    operationId: 'listThreatAssessments',
    method: 'GET',
    path: '/api/security/assessments',
    tag: 'security',
    permission: 'security:read',
    summary: 'Assessments with a score, newest first',
    query: listQuerySchema.extend({
      ...scope,
      level: level.optional(),
      action: action.optional(),
      category: category.optional(),
      /** Id of a user or key, or a kind: user, api_key, operator, anonymous. */
      principal: z.string().min(1).max(200).optional(),
      address: z.string().min(1).max(100).optional(),
      from: timeSchema.optional(),
      /** Not included. */
      to: timeSchema.optional(),
      /** Part of a route, a rule, an excerpt, a name, an address or a request id. */
      search: z.string().min(1).max(100).optional(),
    }),
    response: listOf(threatAssessmentSchema),
  }),
  getAssessment: route({
    operationId: 'getThreatAssessment',
    method: 'GET',
    path: '/api/security/assessments/:assessment_id',
    tag: 'security',
    permission: 'security:read',
    summary: 'One assessment with its reasons',
    params: z.strictObject({ assessment_id: idSchema }),
    query: z.strictObject(scope),
    response: threatAssessmentSchema,
  }),
  listBlocks: route({
    operationId: 'listThreatBlocks',
    method: 'GET',
    path: '/api/security/blocks',
    tag: 'security',
    permission: 'security:read',
    summary: 'Who is kept out, newest first',
    query: listQuerySchema.extend({
      ...scope,
      /** `true`: also those that are over. */
      ended: z.enum(['true', 'false']).default('false'),
    }),
    response: listOf(threatBlockSchema),
  }),
  createBlock: route({
    operationId: 'createThreatBlock',
    method: 'POST',
    path: '/api/security/blocks',
    tag: 'security',
    permission: 'security:write',
    summary: 'Keep an address or a principal out',
    query: z.strictObject(scope),
    body: z.strictObject({
      kind: z.enum(['address', 'principal']),
      /** Address or network; of a principal `user:<id>` or `api_key:<id>`. */
      subject: z.string().trim().min(1).max(200),
      reason: z.string().trim().min(1).max(500),
      /** Null: until it is removed. */
      until: timeSchema.nullable().default(null),
    }),
    response: threatBlockSchema,
    status: 201,
  }),
  deleteBlock: route({
    operationId: 'deleteThreatBlock',
    method: 'DELETE',
    path: '/api/security/blocks/:block_id',
    tag: 'security',
    permission: 'security:write',
    summary: 'Let somebody in again',
    params: z.strictObject({ block_id: idSchema }),
    query: z.strictObject(scope),
    status: 204,
  }),
  getSettings: route({
    operationId: 'getThreatSettings',
    method: 'GET',
    path: '/api/security/settings',
    tag: 'security',
    permission: 'security:read',
    summary: 'How the detector is set',
    query: z.strictObject(scope),
    response: threatSettingsSchema,
  }),
  putSettings: route({
    operationId: 'putThreatSettings',
    method: 'PUT',
    path: '/api/security/settings',
    tag: 'security',
    permission: 'security:write',
    summary: 'Set what the detector looks for and what it does',
    ifMatch: true,
    query: z.strictObject(scope),
    body: threatSettingsInputSchema,
    response: threatSettingsSchema,
  }),
  assess: route({
    operationId: 'assessThreat',
    method: 'POST',
    path: '/api/security/assess',
    tag: 'security',
    permission: 'security:read',
    summary: 'Try the detector on a text or a request; nothing is stored and nothing follows',
    body: z
      .strictObject({
        /** As the input of an agent. */
        text: z.string().min(1).max(100_000).optional(),
        /** As a request. */
        request: z
          .strictObject({
            method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'),
            /** With its query, e.g. `/api/runs?search=x`. */
            url: z.string().startsWith('/').max(8_000),
            headers: z.record(z.string().max(100), shortText).default({}),
            body: jsonSchema.optional(),
          })
          .optional(),
      })
      .refine(({ text, request }) => (text === undefined) !== (request === undefined), {
        path: ['text'],
        message: 'give either a text or a request',
      }),
    response: z.object({
      score: z.int(),
      level,
      action,
      duration_us: z.int(),
      reasons: z.array(threatReasonSchema),
    }),
  }),
};
