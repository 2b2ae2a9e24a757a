import { createTableHolder } from '@automatos/database';
import type { PersonalDataHolder, PersonalTable } from '@automatos/database';

const ACCOUNT = 'Account and ways to sign in';
const SESSIONS = 'Sessions: where and with what somebody signed in';
const SECURITY = 'Security: assessments of requests, blocks, usual places';
const AUDIT = 'Audit log: who did what';
const WORKSPACE = 'Workspaces, members and invitations';

/** The same wherever it is: with the account, rows about the person count in every workspace and in none. */
const everywhere = (table: PersonalTable): PersonalTable[] => [
  table,
  { ...table, workspace: null, reach: 'account' },
];

/** Belongs to the person and goes with the account. */
const own = (table: Omit<PersonalTable, 'workspace' | 'reach' | 'erase'>): PersonalTable => ({
  ...table,
  workspace: null,
  reach: 'account',
  erase: 'delete',
});

const ACCOUNT_TABLES: readonly PersonalTable[] = [
  own({
    table: 'sessions',
    category: SESSIONS,
    key: ['id'],
    people: ['user_id'],
    plain: ['ip_address', 'user_agent', 'method'],
    secret: ['token'],
  }),
  own({
    table: 'accounts',
    category: ACCOUNT,
    key: ['id'],
    people: ['user_id'],
    plain: ['account_id', 'provider_id', 'scope'],
    secret: ['access_token', 'refresh_token', 'id_token', 'password'],
  }),
  own({ table: 'verifications', category: ACCOUNT, key: ['id'], texts: ['identifier', 'value'] }),
  own({
    table: 'mfa_challenges',
    category: ACCOUNT,
    key: ['hash'],
    people: ['user_id'],
    plain: ['method'],
  }),
  own({
    table: 'mfa_backup_codes',
    category: ACCOUNT,
    key: ['user_id', 'hash'],
    people: ['user_id'],
  }),
  own({
    table: 'user_mfa',
    category: ACCOUNT,
    key: ['user_id'],
    people: ['user_id'],
    plain: ['store'],
    secret: ['secret_id', 'revision'],
  }),
  own({
    table: 'oidc_sign_ins',
    category: ACCOUNT,
    key: ['state_hash'],
    people: ['link_user_id'],
    plain: ['provider_id', 'next_path', 'link_session_id'],
  }),
  // Hashes of e-mail and address, forgotten after a day.
  { table: 'sign_in_tries', category: SECURITY, key: ['subject'], workspace: null },
  { table: 'revoked_tokens', category: ACCOUNT, key: ['jti'], workspace: null },
  {
    table: 'token_keys',
    category: ACCOUNT,
    key: ['kid'],
    workspace: null,
    secret: ['ciphertext', 'wrapped_key'],
  },
  {
    table: 'tickets',
    category: SESSIONS,
    key: ['hash'],
    workspace: 'workspace_id',
    erase: 'delete',
    json: ['principal'],
  },
];

/** Last of all: while the account is there, an erasure that broke off can go on. */
const USERS: PersonalTable = own({
  table: 'users',
  category: ACCOUNT,
  key: ['id'],
  people: ['id'],
  plain: ['name', 'email', 'image'],
  provided: { by: 'id', columns: ['name', 'email', 'created_at'] },
});

const WORKSPACE_TABLES: readonly PersonalTable[] = [
  {
    table: 'workspaces',
    category: WORKSPACE,
    key: ['id'],
    workspace: 'id',
    names: ['name'],
    plain: ['slug'],
  },
  {
    table: 'members',
    category: WORKSPACE,
    key: ['workspace_id', 'user_id'],
    workspace: 'workspace_id',
    erase: 'delete',
    people: ['user_id'],
    plain: ['role'],
  },
  ...everywhere({
    table: 'invitations',
    category: WORKSPACE,
    key: ['id'],
    workspace: 'workspace_id',
    people: ['invited_by_id', 'accepted_by'],
    names: ['invited_by'],
    plain: ['role'],
    secret: ['token_hash'],
    texts: ['email'],
    distinct: ['email'],
  }),
  // Keys that somebody made act for them: they end with the person.
  {
    table: 'api_keys',
    category: 'API keys',
    key: ['id'],
    workspace: 'workspace_id',
    erase: 'delete',
    people: ['created_by'],
    provided: { by: 'created_by', columns: ['name', 'role', 'created_at', 'expires_at'] },
    plain: ['start', 'role', 'kind', 'scopes', 'origins'],
    secret: ['hash', 'previous_hash'],
  },
  {
    table: 'api_keys',
    category: 'API keys',
    key: ['id'],
    workspace: 'workspace_id',
    texts: ['name'],
  },
  {
    table: 'credentials',
    category: 'Credentials of other services',
    key: ['id'],
    workspace: 'workspace_id',
    people: ['created_by'],
    texts: ['name'],
    json: ['fields', 'hints', 'last_test'],
    plain: ['type', 'provider', 'store'],
    secret: ['revision', 'previous_revision'],
  },
  {
    // Encrypted; what a person typed into one goes by deleting the credential.
    table: 'credential_secrets',
    category: 'Credentials of other services',
    key: ['credential_id', 'revision'],
    workspace: 'workspace_id',
    plain: ['type', 'key_id'],
    secret: ['ciphertext', 'wrapped_key'],
  },
  {
    table: 'encryption_keys',
    category: 'The installation',
    key: ['id'],
    workspace: null,
    plain: ['state'],
  },
];

const SECURITY_TABLES: readonly PersonalTable[] = [
  ...everywhere({
    table: 'threat_assessments',
    category: SECURITY,
    key: ['id'],
    workspace: 'workspace_id',
    erase: 'delete',
    people: ['principal_id'],
    plain: [
      'level',
      'action',
      'categories',
      'principal_kind',
      'address',
      'request_id',
      'method',
      'run_id',
    ],
  }),
  // Of others, in which the person is named.
  ...everywhere({
    table: 'threat_assessments',
    category: SECURITY,
    key: ['id'],
    workspace: 'workspace_id',
    names: ['principal_name'],
    json: ['reasons'],
    texts: ['user_agent', 'route'],
  }),
  ...everywhere({
    table: 'threat_counts',
    category: SECURITY,
    key: ['ctid'],
    workspace: 'workspace_id',
    erase: 'delete',
    people: ['principal_id'],
    plain: ['principal_kind'],
  }),
  ...everywhere({
    table: 'threat_blocks',
    category: SECURITY,
    key: ['id'],
    workspace: 'workspace_id',
    people: ['created_by'],
    texts: ['subject', 'reason'],
    plain: ['kind', 'assessment_id'],
  }),
  {
    table: 'threat_settings',
    category: SECURITY,
    key: ['ctid'],
    workspace: 'workspace_id',
    plain: ['mode', 'allowed_addresses', 'disabled_categories'],
  },
  own({
    table: 'threat_profiles',
    category: SECURITY,
    key: ['principal'],
    texts: ['principal'],
    plain: ['seen'],
  }),
];

/**
 * The log itself is emptied by its own room, so that its chain still holds: name, address, browser and the names of what was done
 * go, the id stays as a pseudonym. What waits to be a row is rewritten here.
 */
const AUDIT_TABLES: readonly PersonalTable[] = [
  {
    table: 'audit_log',
    category: AUDIT,
    key: ['workspace_id', 'sequence'],
    workspace: 'workspace_id',
    erase: 'elsewhere',
    people: ['actor_id', 'target_id'],
    texts: ['target_name'],
    json: ['personal', 'details'],
    plain: ['id', 'actor_kind', 'action', 'target_type', 'outcome', 'request_id'],
    secret: ['personal_hash', 'prev_hash', 'hash'],
  },
  {
    table: 'audit_pending',
    category: AUDIT,
    key: ['id'],
    workspace: 'workspace_id',
    json: ['entry'],
  },
];

/** What identity keeps about people, the account itself aside. */
export function createIdentityPersonalData(): PersonalDataHolder {
  return createTableHolder({
    name: 'identity',
    tables: [...WORKSPACE_TABLES, ...SECURITY_TABLES, ...AUDIT_TABLES, ...ACCOUNT_TABLES],
  });
}

/** The account; the last holder of an erasure. */
export function createAccountPersonalData(): PersonalDataHolder {
  return createTableHolder({ name: 'account', tables: [USERS] });
}
