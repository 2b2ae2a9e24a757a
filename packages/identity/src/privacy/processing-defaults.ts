import type { z } from 'zod';
import type { processingFieldsSchema } from '@automatos/contracts';

export type ProcessingFields = z.output<typeof processingFieldsSchema>;

const NOBODY = 'Nobody beside the operator of this installation';
const COMMON = {
  third_countries: '',
  recipients: [NOBODY],
  subject_categories: ['Members of the workspace'],
};
const AT_REST =
  'Row-level security by workspace, roles and permissions, audit log, TLS where the operator sets it up.';

/** Activity that leaves a person's runs out after an objection. */
export const LEARNING = 'recipe_learning';

/** What the product itself does with personal data; the record of processing of every workspace begins with it. */
export const PROCESSING_DEFAULTS: Readonly<Record<string, ProcessingFields>> = {
  accounts: {
    ...COMMON,
    name: 'Accounts and sign-in',
    purpose: 'Let people in who belong here, and nobody else; tell them apart in what they do.',
    legal_basis: 'contract',
    legal_basis_detail: 'Use of the platform needs an account.',
    data_categories: [
      'Name',
      'E-mail address',
      'Hash of the password',
      'Second factor',
      'Membership and role',
    ],
    retention: 'Until the account is erased.',
    security_measures: `Passwords as scrypt hashes, secrets of second factors encrypted (AES-256-GCM). ${AT_REST}`,
  },
  sessions: {
    ...COMMON,
    name: 'Sessions',
    purpose: 'Keep people signed in, and show them where they are.',
    legal_basis: 'contract',
    legal_basis_detail: '',
    data_categories: ['IP address', 'Browser', 'Times of sign-in and last use'],
    retention: 'Seven days after the last sign-in; ended ones by the retention period "sessions".',
    security_measures: `Only hashes of session secrets are kept. ${AT_REST}`,
  },
  audit: {
    ...COMMON,
    name: 'Audit log',
    purpose: 'Find out afterwards who changed what, and prove that the record was not changed.',
    legal_basis: 'legitimate_interests',
    legal_basis_detail: 'Security of the platform and accountability of those who use it.',
    data_categories: ['Id and name of the actor', 'IP address', 'Browser', 'Action and target'],
    retention:
      'Rows are never removed; name, address, browser and names of targets by the retention period "audit_personal" and with an erasure.',
    security_measures: `Append-only, hash-chained. ${AT_REST}`,
  },
  runs: {
    ...COMMON,
    name: 'Runs of recipes and agents',
    purpose:
      'Do the work that people give to agents, recover it after a crash, and show what was done.',
    legal_basis: 'contract',
    legal_basis_detail:
      'People start runs to get their results. For data of others in the inputs the workspace decides on the basis.',
    data_categories: [
      'Inputs and outputs, with whatever people put in',
      'Documents',
      'Events',
      'Who started and approved',
    ],
    subject_categories: ['Members of the workspace', 'People whom inputs and documents speak of'],
    retention: 'By the retention periods "runs" and "run_documents".',
    security_measures: AT_REST,
  },
  model_calls: {
    ...COMMON,
    name: 'Calls of language models',
    purpose: 'Have texts written, judged and classified by models; account for what they cost.',
    legal_basis: 'contract',
    legal_basis_detail: 'Part of a run or of a call that a person makes.',
    data_categories: [
      'What of inputs, documents and instructions goes into a prompt',
      'Answers of models',
    ],
    subject_categories: ['Members of the workspace', 'People whom prompts speak of'],
    recipients: [
      'The model vendors that the workspace has set up; none with the offline provider or a local server',
    ],
    third_countries:
      'Depends on the vendors that are set up: name them here with the safeguards that you agreed on.',
    retention:
      'Prompts as part of runs; figures of use by "model_usage"; kept answers by "kept_answers".',
    security_measures: `Keys of vendors encrypted; secrets are redacted from logs. ${AT_REST}`,
  },
  security: {
    ...COMMON,
    name: 'Detection of attacks',
    purpose: 'Notice attacks on requests and agents, and stop them.',
    legal_basis: 'legitimate_interests',
    legal_basis_detail: 'Network and information security (recital 49).',
    data_categories: [
      'IP address',
      'Browser',
      'Times and kinds of requests',
      'Excerpts that look like attacks',
    ],
    subject_categories: ['Members of the workspace', 'Others who send requests'],
    retention: 'By the retention period "security_assessments".',
    security_measures: AT_REST,
  },
  [LEARNING]: {
    ...COMMON,
    name: 'Learning from runs',
    purpose:
      'Suggest better recipes from durations, costs, failures and quality of runs that ended.',
    legal_basis: 'legitimate_interests',
    legal_basis_detail: 'Better results at less cost. Who objects has their runs left out.',
    data_categories: ['Figures of runs that a person started', 'Shape of their results'],
    retention: 'Suggestions as long as their recipe; runs by "runs".',
    security_measures: AT_REST,
  },
  webhooks: {
    ...COMMON,
    name: 'Webhooks to other systems',
    purpose: 'Tell other systems what happened here.',
    legal_basis: 'legitimate_interests',
    legal_basis_detail: 'The workspace works with these systems.',
    data_categories: ['Events of runs, with the names of those who started them'],
    recipients: ['The receivers that the workspace has set up'],
    third_countries: 'Depends on the receivers that are set up.',
    retention: 'By the retention period "webhook_deliveries"; what was sent is with its receiver.',
    security_measures: `Signed deliveries, no private addresses. ${AT_REST}`,
  },
  data_requests: {
    ...COMMON,
    name: 'Requests of people about their data',
    purpose: 'Answer requests under chapter III of the GDPR, and prove that they were answered.',
    legal_basis: 'legal_obligation',
    legal_basis_detail: 'Art. 12 to 22 and 5(2) GDPR.',
    data_categories: [
      'Name and e-mail address',
      'What was asked and answered',
      'How identity was verified',
    ],
    retention:
      'By the retention period "closed_requests"; after an erasure without saying whose it was.',
    security_measures: AT_REST,
  },
};
