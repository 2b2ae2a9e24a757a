import { z } from 'zod';
import { idSchema, jsonObjectSchema, slugSchema, timeSchema } from '../common.ts';
import { emailSchema } from './auth.ts';

export const gdprShortText = z.string().trim().min(1).max(200);
export const gdprLongText = z.string().trim().min(1).max(4000);
export const gdprWords = z.array(gdprShortText).max(50);

export const LEGAL_BASES = [
  'consent',
  'contract',
  'legal_obligation',
  'vital_interests',
  'public_task',
  'legitimate_interests',
] as const;

/** What an entry of the record of processing activities says (Art. 30 GDPR). */
export const processingFieldsSchema = z.strictObject({
  name: gdprShortText,
  purpose: gdprLongText,
  legal_basis: z.enum(LEGAL_BASES),
  /** Why this basis holds, e.g. which interest is the legitimate one. */
  legal_basis_detail: z.string().trim().max(4000).default(''),
  data_categories: gdprWords.min(1),
  subject_categories: gdprWords.min(1),
  recipients: gdprWords.default([]),
  /** Transfers to third countries and what safeguards them; empty: none. */
  third_countries: z.string().trim().max(4000).default(''),
  retention: gdprLongText,
  security_measures: z.string().trim().max(4000).default(''),
});

export const processingRecordSchema = processingFieldsSchema.extend({
  id: idSchema,
  /** Name of an activity that the product itself brings; null for a workspace's own. */
  key: z.string().nullable(),
  source: z.enum(['product', 'workspace']),
  created_at: timeSchema,
  updated_at: timeSchema,
});
export type ProcessingRecord = z.infer<typeof processingRecordSchema>;

/** What everybody is told of an activity (Art. 13 GDPR). */
export const processingSummarySchema = processingRecordSchema.pick({
  id: true,
  name: true,
  purpose: true,
  legal_basis: true,
  data_categories: true,
  recipients: true,
  retention: true,
});

export const consentPurposeSchema = z.object({
  id: idSchema,
  key: slugSchema,
  name: z.string(),
  /** What people agree to, in the words of its newest version. */
  text: z.string(),
  /** Rises with each change of the text; a consent counts for the version it was given to. */
  version: z.int(),
  /** Nobody is asked any more; consents given count no more. */
  retired: z.boolean(),
  created_at: timeSchema,
  updated_at: timeSchema,
});

export const ownConsentSchema = z.object({
  purpose: consentPurposeSchema,
  given: z.boolean(),
  /** Version of the text that was agreed to; null when never. Older than the purpose's: it no longer counts, ask again. */
  version: z.int().nullable(),
  /** When it was given or withdrawn; null: never asked. */
  at: timeSchema.nullable(),
});

/** One decision, as proof. */
export const consentDecisionSchema = z.object({
  id: idSchema,
  purpose: z.string(),
  user: z.object({ id: z.string(), name: z.string(), email: z.string() }),
  given: z.boolean(),
  version: z.int(),
  /** SHA-256 of the text that was shown. */
  text_hash: z.string(),
  /** Who took it: the person on a page, or a decision on an objection. */
  via: z.enum(['person', 'objection']),
  at: timeSchema,
});

export const retentionCategorySchema = z.object({
  category: z.string(),
  name: z.string(),
  description: z.string(),
  /** Days that are kept now; null: without limit. */
  days: z.int().nullable(),
  default_days: z.int().nullable(),
  min_days: z.int(),
  max_days: z.int(),
  /** Why less is not possible; empty when nothing forbids it. */
  minimum_reason: z.string(),
  /** `platform`: one period for the installation, changed by its administrators. */
  scope: z.enum(['workspace', 'platform']),
  updated_at: timeSchema.nullable(),
});
export const retentionCountSchema = z.object({
  category: z.string(),
  /** Older than this goes. */
  before: timeSchema,
  rows: z.int(),
});
export const retentionRunSchema = z.object({
  id: idSchema,
  trigger: z.enum(['schedule', 'person']),
  started_at: timeSchema,
  finished_at: timeSchema.nullable(),
  deleted: z.array(retentionCountSchema),
  error: z.string().nullable(),
});

export const DATA_REQUEST_TYPES = [
  'access',
  'rectification',
  'erasure',
  'portability',
  'restriction',
  'objection',
] as const;
export type DataRequestType = (typeof DATA_REQUEST_TYPES)[number];
export const DATA_REQUEST_STATUSES = [
  'received',
  'verified',
  'in_progress',
  'completed',
  'refused',
  'withdrawn',
] as const;
export type DataRequestStatus = (typeof DATA_REQUEST_STATUSES)[number];

export const correctionsSchema = z.strictObject({
  name: z.string().trim().min(1).max(100).optional(),
  email: emailSchema.optional(),
  /** Words that stand wrongly in texts about the person, and the right ones. */
  texts: z
    .array(z.strictObject({ wrong: z.string().trim().min(4).max(500), right: z.string().max(500) }))
    .max(20)
    .optional(),
});
export const objectionTargetSchema = z.strictObject({
  /** Key or id of the activity in the record of processing that is objected to. */
  processing: z.string().max(100).optional(),
  /** Key of the purpose whose consent is to end. */
  purpose: slugSchema.optional(),
});
export const askedFields = {
  type: z.enum(DATA_REQUEST_TYPES),
  details: z.string().trim().max(4000).default(''),
  /** For `rectification`. */
  corrections: correctionsSchema.optional(),
  /** For `objection`. */
  target: objectionTargetSchema.optional(),
};

export const dataRequestSchema = z.object({
  id: idSchema,
  type: z.enum(DATA_REQUEST_TYPES),
  status: z.enum(DATA_REQUEST_STATUSES),
  /** Null once the person was erased. */
  subject: z.object({ id: z.string(), name: z.string(), email: z.string() }).nullable(),
  filed_by: z.enum(['person', 'administrator']),
  details: z.string(),
  corrections: correctionsSchema.nullable(),
  target: objectionTargetSchema.nullable(),
  received_at: timeSchema,
  /** One month after receipt (Art. 12(3)), or later when it was extended. */
  due_at: timeSchema,
  overdue: z.boolean(),
  extension_reason: z.string().nullable(),
  /** How it was made sure that it is the person. */
  verification: z
    .object({ method: z.enum(['session', 'administrator']), note: z.string(), at: timeSchema })
    .nullable(),
  refusal_reason: z.string().nullable(),
  closed_at: timeSchema.nullable(),
  /** What was done: counts by holder, what was kept and why. */
  result: jsonObjectSchema.nullable(),
  /** Of `access` and `portability`: until when it can be fetched. Null: nothing to fetch. */
  export: z
    .object({ formats: z.array(z.enum(['json', 'markdown'])), expires_at: timeSchema })
    .nullable(),
  history: z.array(
    z.object({
      at: timeSchema,
      action: z.enum([
        'received',
        'verified',
        'started',
        'extended',
        'completed',
        'failed',
        'refused',
        'withdrawn',
        'fetched',
        'lifted',
      ]),
      by: z.enum(['person', 'administrator', 'system']),
      note: z.string(),
    }),
  ),
});
export type DataRequest = z.infer<typeof dataRequestSchema>;

export const restrictionSchema = z.object({
  id: idSchema,
  user: z.object({ id: z.string(), name: z.string(), email: z.string() }),
  request_id: idSchema,
  since: timeSchema,
});
