import type { CredentialTypeView } from '@automatos/contracts';

/** One kind of credential, as data. */
export type CredentialType = CredentialTypeView & {
  /** Model vendor whose key it is, or the field that names it. */
  vendor?: { id: string } | { field: string };
};
export type CredentialField = CredentialType['fields'][number];

type Extra = Partial<Omit<CredentialField, 'name' | 'label' | 'secret'>>;

function field(
  name: string,
  label: string,
  extra: Extra & { secret?: true } = {},
): CredentialField {
  return {
    name,
    label,
    secret: false,
    required: true,
    format: 'text',
    help: null,
    options: null,
    verifies: false,
    ...extra,
  };
}
const secret = (name: string, label: string, extra: Extra = {}) =>
  field(name, label, { ...extra, secret: true });
/** Checks signatures of what the service sends. */
const verifying = (name: string, label: string, extra: Extra = {}) =>
  secret(name, label, { ...extra, verifies: true });
const url = (name: string, label: string, extra: Extra = {}) =>
  field(name, label, { format: 'url', ...extra });
const OPTIONAL = { required: false } as const;

function type(
  id: string,
  name: string,
  rest: Pick<CredentialType, 'category' | 'docs' | 'fields' | 'test'> & Partial<CredentialType>,
): CredentialType {
  return { id, name, one_of: [], open: false, ...rest };
}

const LIST = 'Lists the models';
const OTHER_URL = 'Only for a proxy in front of the service';
const apiKey = secret('api_key', 'API key');

const MODEL_TYPES: readonly CredentialType[] = [
  type('openai', 'OpenAI', {
    category: 'model',
    docs: 'platform.openai.com, API keys',
    fields: [
      apiKey,
      url('base_url', 'Base URL', { ...OPTIONAL, help: OTHER_URL }),
      field('organization', 'Organization', { ...OPTIONAL, help: 'Whom calls are billed to' }),
    ],
    test: LIST,
    vendor: { id: 'openai' },
  }),
  type('anthropic', 'Anthropic', {
    category: 'model',
    docs: 'platform.claude.com, API keys',
    fields: [apiKey, url('base_url', 'Base URL', { ...OPTIONAL, help: OTHER_URL })],
    test: LIST,
    vendor: { id: 'anthropic' },
  }),
  type('google_ai', 'Google AI', {
    category: 'model',
    docs: 'aistudio.google.com, Get API key',
    fields: [apiKey, url('base_url', 'Base URL', { ...OPTIONAL, help: OTHER_URL })],
    test: LIST,
    vendor: { id: 'google' },
  }),
  type('llm_api_key', 'Other model vendor', {
    category: 'model',
    docs: 'Account pages of the vendor, API keys',
    fields: [
      field('provider', 'Vendor', { help: 'Its id in the catalogue, e.g. groq or mistral' }),
      apiKey,
      url('base_url', 'Base URL', {
        ...OPTIONAL,
        help: 'Aleph Alpha needs that of your installation',
      }),
    ],
    test: 'Lists the models, or asks for one token where the vendor has no list',
    vendor: { field: 'provider' },
  }),
  type('openai_compatible', 'OpenAI-compatible server', {
    category: 'model',
    docs: 'Whoever runs the server',
    fields: [
      url('base_url', 'Base URL', { help: 'What stands before /chat/completions' }),
      secret('api_key', 'API key', OPTIONAL),
      field('headers', 'Headers', {
        ...OPTIONAL,
        format: 'headers',
        help: 'Sent with each call; no secrets',
      }),
    ],
    test: LIST,
    vendor: { id: 'openai-compatible' },
  }),
  type('ollama', 'Ollama', {
    category: 'model',
    docs: 'Runs on a machine of yours; normally at port 11434',
    fields: [
      url('base_url', 'Base URL'),
      secret('api_key', 'API key', { ...OPTIONAL, help: 'Only behind a proxy that wants one' }),
      field('headers', 'Headers', {
        ...OPTIONAL,
        format: 'headers',
        help: 'Sent with each call; no secrets',
      }),
    ],
    test: LIST,
    vendor: { id: 'ollama' },
  }),
];

const PLATFORM_TYPES: readonly CredentialType[] = [
  type('github_token', 'GitHub token', {
    category: 'code',
    docs: 'GitHub, Settings, Developer settings, Personal access tokens',
    fields: [
      secret('token', 'Token'),
      url('base_url', 'API URL', {
        ...OPTIONAL,
        help: 'Of an Enterprise server, ending in /api/v3',
      }),
    ],
    test: 'Reads the user of the token',
  }),
  type('github_app', 'GitHub App', {
    category: 'code',
    docs: 'GitHub, Settings, Developer settings, GitHub Apps',
    fields: [
      field('app_id', 'App id'),
      field('installation_id', 'Installation id'),
      secret('private_key', 'Private key', { format: 'multiline', help: 'The .pem file as text' }),
      verifying('webhook_secret', 'Webhook secret'),
    ],
    test: 'Reads the app',
  }),
  type('slack_app', 'Slack app', {
    category: 'chat',
    docs: 'api.slack.com, Your apps',
    fields: [
      secret('bot_token', 'Bot token', { help: 'Starts with xoxb-' }),
      verifying('signing_secret', 'Signing secret'),
      secret('app_token', 'App token', { ...OPTIONAL, help: 'Starts with xapp-; for socket mode' }),
    ],
    test: 'Asks Slack whose token it is',
  }),
  type('n8n', 'n8n', {
    category: 'work',
    docs: 'n8n, Settings, n8n API',
    fields: [
      url('base_url', 'URL of n8n'),
      secret('api_key', 'API key'),
      verifying('webhook_secret', 'Webhook secret'),
    ],
    test: 'Lists one workflow',
  }),
  type('notion', 'Notion', {
    category: 'work',
    docs: 'notion.so, My integrations',
    fields: [
      secret('token', 'Integration token'),
      verifying('verification_token', 'Verification token', { ...OPTIONAL, help: 'Of webhooks' }),
    ],
    test: 'Reads the bot user',
  }),
  type('jira', 'Jira', {
    category: 'work',
    docs: 'id.atlassian.com, Security, API tokens',
    fields: [
      url('site_url', 'Site URL'),
      field('email', 'E-mail', { format: 'email' }),
      secret('api_token', 'API token'),
      verifying('webhook_secret', 'Webhook secret', OPTIONAL),
    ],
    test: 'Reads the own user',
  }),
  type('salesforce', 'Salesforce', {
    category: 'work',
    docs: 'Salesforce, Setup, External Client Apps',
    fields: [
      url('login_url', 'Login URL'),
      field('client_id', 'Client id'),
      secret('client_secret', 'Client secret', OPTIONAL),
      secret('private_key', 'Private key', { ...OPTIONAL, format: 'multiline' }),
      secret('refresh_token', 'Refresh token', OPTIONAL),
      url('instance_url', 'Instance URL'),
      field('org_id', 'Organization id'),
      field('username', 'User name', { ...OPTIONAL, help: 'Needed with a private key' }),
    ],
    one_of: [['client_secret', 'private_key']],
    test: 'Gets an access token and lists the API versions',
  }),
  type('composio', 'Composio', {
    category: 'work',
    docs: 'platform.composio.dev, Settings, API keys',
    fields: [apiKey, verifying('webhook_secret', 'Webhook secret')],
    test: 'Lists one toolkit',
  }),
];

const GENERAL_TYPES: readonly CredentialType[] = [
  type('oauth2', 'OAuth 2', {
    category: 'other',
    docs: 'The app registration of the service',
    fields: [
      url('authorize_url', 'Authorization URL'),
      url('token_url', 'Token URL'),
      field('client_id', 'Client id'),
      secret('client_secret', 'Client secret'),
      field('scopes', 'Scopes', { help: 'Separated by spaces' }),
      secret('access_token', 'Access token', OPTIONAL),
      secret('refresh_token', 'Refresh token', OPTIONAL),
      field('expires_at', 'Expires at', { ...OPTIONAL, format: 'time' }),
    ],
    test: 'Refreshes the access token and stores what comes back',
  }),
  type('aws_s3', 'S3 storage', {
    category: 'data',
    docs: 'AWS console, IAM, Users, Security credentials; or your own S3 server',
    fields: [
      field('access_key_id', 'Access key id'),
      secret('secret_access_key', 'Secret access key'),
      field('region', 'Region'),
      field('bucket', 'Bucket'),
      url('endpoint', 'Endpoint', { ...OPTIONAL, help: 'Of an S3 server other than that of AWS' }),
    ],
    test: 'Asks whether the bucket is there',
  }),
  type('smtp', 'Mail server (SMTP)', {
    category: 'mail',
    docs: 'Settings of your mail provider, outgoing mail',
    fields: [
      field('host', 'Host'),
      field('port', 'Port', { format: 'number' }),
      field('tls', 'Encryption', {
        options: ['implicit', 'starttls'],
        help: 'implicit is usual at port 465, starttls at 587',
      }),
      field('username', 'User name'),
      secret('password', 'Password'),
      field('from', 'Sender', { format: 'email' }),
    ],
    test: 'Logs in and leaves; sends no mail',
  }),
  type('http_auth', 'HTTP service', {
    category: 'other',
    docs: 'Whoever runs the service',
    fields: [
      url('base_url', 'Base URL'),
      field('scheme', 'Scheme', { options: ['basic', 'bearer', 'header'] }),
      field('username', 'User or header name', {
        ...OPTIONAL,
        help: 'User with basic; with header its name, X-API-Key when empty',
      }),
      secret('secret', 'Secret'),
      field('test_path', 'Path of the test', { ...OPTIONAL, help: '/ when empty' }),
    ],
    test: 'GET of the test path',
  }),
  type('postgresql', 'PostgreSQL', {
    category: 'data',
    docs: 'Whoever runs the database',
    fields: [
      secret('url', 'Connection URL', {
        format: 'url',
        help: 'postgresql://user:password@host/database',
      }),
      field('read_only', 'Read only', { format: 'boolean' }),
    ],
    test: 'SELECT 1',
  }),
  type('custom', 'Custom', {
    category: 'other',
    docs: 'Whatever your own tools need',
    fields: [],
    test: null,
    open: true,
  }),
];

/** Every kind of credential, in the order in which people are shown them. */
export const CREDENTIAL_TYPES: readonly CredentialType[] = [
  ...MODEL_TYPES,
  ...PLATFORM_TYPES,
  ...GENERAL_TYPES,
];

const BY_ID = new Map(CREDENTIAL_TYPES.map((row) => [row.id, row]));

export function findCredentialType(id: string): CredentialType | undefined {
  return BY_ID.get(id);
}
