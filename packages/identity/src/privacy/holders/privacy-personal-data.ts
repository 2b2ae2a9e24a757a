import { createTableHolder } from '@automatos/database';
import type { PersonalDataHolder, PersonalTable } from '@automatos/database';

const REQUESTS = 'Requests of people about their data';
const CONSENT = 'Consents given and withdrawn';
const RECORDS = 'Records of processing and retention';
const scope = 'workspace_id';

const TABLES: readonly PersonalTable[] = [
  {
    table: 'privacy_exports',
    category: REQUESTS,
    key: ['request_id', 'format'],
    workspace: scope,
    erase: 'delete',
    people: ['user_id'],
    secret: ['content'],
  },
  // What was gathered for somebody else, in which the person is named.
  {
    table: 'privacy_exports',
    category: REQUESTS,
    key: ['request_id', 'format'],
    workspace: scope,
    texts: ['content'],
  },
  {
    table: 'privacy_requests',
    category: REQUESTS,
    key: ['id'],
    workspace: scope,
    people: ['subject_id', 'executed_by'],
    names: ['subject_name'],
    texts: ['subject_email', 'details', 'extension_reason', 'verification_note', 'refusal_reason'],
    json: ['corrections', 'target', 'result'],
    provided: {
      by: 'subject_id',
      columns: ['type', 'details', 'corrections', 'target', 'received_at'],
    },
    plain: ['type', 'status', 'filed_by', 'verification_method'],
  },
  {
    table: 'privacy_request_history',
    category: REQUESTS,
    key: ['id'],
    workspace: scope,
    people: ['actor_id'],
    texts: ['note'],
    plain: ['request_id', 'action', 'by'],
  },
  {
    table: 'privacy_consents',
    category: CONSENT,
    key: ['id'],
    workspace: scope,
    people: ['user_id'],
    provided: { by: 'user_id', columns: ['purpose_id', 'given', 'version', 'at'] },
    plain: ['purpose_id', 'text_hash', 'via'],
  },
  {
    table: 'privacy_restrictions',
    category: REQUESTS,
    key: ['id'],
    workspace: scope,
    erase: 'delete',
    people: ['user_id'],
    plain: ['request_id'],
  },
  {
    table: 'privacy_exclusions',
    category: REQUESTS,
    key: ['workspace_id', 'user_id', 'processing'],
    workspace: scope,
    erase: 'delete',
    people: ['user_id'],
    plain: ['request_id'],
  },
  {
    table: 'privacy_purposes',
    category: CONSENT,
    key: ['id'],
    workspace: scope,
    texts: ['name'],
    plain: ['key'],
  },
  {
    table: 'privacy_purpose_texts',
    category: CONSENT,
    key: ['purpose_id', 'version'],
    workspace: scope,
    texts: ['text'],
  },
  {
    table: 'privacy_processing_records',
    category: RECORDS,
    key: ['id'],
    workspace: scope,
    texts: [
      'name',
      'purpose',
      'legal_basis_detail',
      'third_countries',
      'retention',
      'security_measures',
    ],
    json: ['data_categories', 'subject_categories', 'recipients'],
    plain: ['key', 'legal_basis'],
  },
  {
    table: 'privacy_retention',
    category: RECORDS,
    key: ['ctid'],
    workspace: scope,
    plain: ['category'],
  },
  {
    table: 'privacy_retention_runs',
    category: RECORDS,
    key: ['id'],
    workspace: scope,
    plain: ['trigger', 'deleted', 'error'],
  },
];

/** What this room keeps about people. A request outlives the person that it was about, without saying who that was. */
export function createPrivacyPersonalData(): PersonalDataHolder {
  return createTableHolder({
    name: 'privacy',
    tables: TABLES,
  });
}
