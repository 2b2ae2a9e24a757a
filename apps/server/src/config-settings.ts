import { ROUTING_STRATEGIES } from '@automatos/contracts';
import { z } from 'zod';
import { PROVIDER_SETTINGS } from './config-provider-settings.ts';
import {
  count,
  flag,
  httpUrl,
  isReachablePlace,
  issuerUrl,
  list,
  masterKey,
  port,
  secret,
  setting,
  vaultPath,
} from './config-setting-kinds.ts';
import type { Setting } from './config-setting-kinds.ts';

const ROLES = ['api', 'web', 'worker'] as const;
const DEFAULT_SECRETS = /^(change[-_ ]?me|secret|password|test|example|default|admin)/i;

export const SETTINGS = {
  PORT: setting(
    'Port of the web application; the API answers there too.',
    '3000',
    port.default(3000),
  ),
  API_PORT: setting('Port of the API alone.', '8000', port.default(8000)),
  HOST: setting(
    'Address to listen on; 0.0.0.0 makes the product reachable from other machines.',
    '127.0.0.1',
    z
      .union([z.ipv4(), z.ipv6(), z.literal('localhost')], 'must be an IP address or localhost')
      .default('127.0.0.1'),
  ),
  AUTOMATOS_DATA_DIR: setting(
    'Folder for the embedded database, keys and the operator file; relative to where the server is started.',
    './data',
    z.string().min(1).default('./data'),
  ),
  DATABASE_URL: setting(
    'PostgreSQL 15 or newer with pgvector, e.g. postgresql://user:password@host:5432/automatos.',
    'the embedded database in the data folder',
    z
      .url({ protocol: /^postgres(?:ql)?$/, error: 'must be a URL that starts with postgresql://' })
      .optional(),
  ),
  FSYNC: setting(
    'Whether the embedded database flushes each commit to the disk; false is faster and may lose the last commits in a power cut.',
    'true',
    flag.default(true),
  ),
  REDIS_URL: setting(
    'Redis that several processes share for their request limits and kept answers of models, e.g. redis://host:6379.',
    'each process counts for itself',
    z
      .url({ protocol: /^rediss?$/, error: 'must be a URL that starts with redis:// or rediss://' })
      .optional(),
  ),
  AUTOMATOS_ROLES: setting(
    'What this process does, separated by commas: api, web, worker.',
    'all three',
    list(',')
      .pipe(
        z
          .array(z.enum(ROLES, 'may only name api, web and worker'))
          .min(1, 'must name at least one of api, web, worker'),
      )
      .default([...ROLES]),
  ),
  AUTOMATOS_ROOTS: setting(
    "Folders that tools may read, separated by the system's path delimiter.",
    'your home folder and the folder of the start with the embedded database; none with DATABASE_URL',
    z.string().optional(),
  ),
  AUTOMATOS_OUTBOUND_ALLOW: setting(
    'Private hosts, addresses or networks that tools may call, separated by commas, e.g. localhost,10.0.0.0/8.',
    'none',
    list(',')
      .pipe(
        z.array(
          z
            .string()
            .refine(
              isReachablePlace,
              'must hold hosts, host:port, IP addresses or networks such as 10.0.0.0/8',
            ),
        ),
      )
      .default([]),
  ),
  CORS_ALLOW_ORIGINS: setting(
    'Origins of other sites whose pages may call the API, separated by commas, e.g. https://app.example.com.',
    'none',
    list(',')
      .pipe(
        z.array(
          httpUrl.refine(
            (url) => new URL(url).origin === url,
            'must be an origin without path or trailing slash',
          ),
        ),
      )
      .default([]),
  ),
  TRUST_PROXY: setting(
    'Addresses or networks of proxies whose X-Forwarded headers are believed, separated by commas.',
    'none',
    list(',')
      .pipe(
        z.array(
          z.union(
            [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()],
            'must hold IP addresses or networks such as 10.0.0.0/8',
          ),
        ),
      )
      .default([]),
  ),
  RATE_LIMIT_PER_MINUTE: setting(
    'Requests per minute and address without a valid sign-in or key.',
    '60',
    count(1_000_000).default(60),
  ),
  RATE_LIMIT_PRINCIPAL_PER_MINUTE: setting(
    'Requests per minute of one signed-in person or one API key; live pages need more than a script.',
    '600',
    count(1_000_000).default(600),
  ),
  RATE_LIMIT_WORKSPACE_PER_MINUTE: setting(
    'Requests per minute of all callers of one workspace together.',
    'no limit of its own',
    count(10_000_000).optional(),
  ),
  REQUEST_TIMEOUT_MS: setting(
    'How long a request may take to arrive whole; its headers have 20 seconds at most.',
    '120000',
    count(3_600_000).default(120_000),
  ),
  SIGNUP_OPEN: setting(
    'Whether anyone may sign up after the first owner.',
    'false',
    flag.default(false),
  ),
  OIDC_ISSUER: setting(
    'OpenID provider that people sign in with and whose bearer tokens count, as its issuer, e.g. https://login.example.com/realms/acme.',
    'none',
    issuerUrl.optional(),
  ),
  OIDC_CLIENT_ID: setting(
    'Client that this installation is at the provider; its redirect address there is PUBLIC_URL with /api/auth/oidc/oidc/callback.',
    'no sign-in by the provider',
    z.string().min(1).max(500).optional(),
  ),
  OIDC_CLIENT_SECRET: {
    ...setting(
      'Secret of that client; public clients have none.',
      'none: a public client with PKCE',
      z.string().min(1).max(2000).optional(),
    ),
    secret: true,
  },
  OIDC_NAME: setting(
    'Name of the provider on the sign-in page.',
    'its host',
    z.string().trim().min(1).max(60).optional(),
  ),
  OIDC_AUDIENCE: setting(
    'Audiences of the bearer tokens of the provider that count here, separated by commas.',
    'OIDC_CLIENT_ID',
    list(',')
      .pipe(z.array(z.string().max(500)).max(10))
      .default([]),
  ),
  CLERK_ISSUER: setting(
    'Issuer of Clerk session tokens that count as bearer tokens, e.g. https://example.clerk.accounts.dev; needs CLERK_JWKS_URL.',
    'none',
    issuerUrl.optional(),
  ),
  CLERK_JWKS_URL: setting(
    'Where the public keys of that issuer are, e.g. https://example.clerk.accounts.dev/.well-known/jwks.json.',
    'none',
    issuerUrl.optional(),
  ),
  CLERK_AUDIENCE: setting(
    'Audiences (aud) or authorized parties (azp) of the Clerk tokens that count here, separated by commas.',
    'every token of the issuer counts',
    list(',')
      .pipe(z.array(z.string().max(500)).max(10))
      .default([]),
  ),
  REQUIRE_AUTH: setting(
    'Whether callers have to prove who they are. With false everybody at this machine is the operator; only with a HOST that no other machine reaches.',
    'true',
    flag.default(true),
  ),
  DEFAULT_TENANT_ID: setting(
    'Workspace of the single tenant: the first person owns it, and the operator works in it when nothing names another; made at the start when it is not there.',
    '00000000-0000-0000-0000-000000000000',
    z.uuid('must be a workspace id').default('00000000-0000-0000-0000-000000000000'),
  ),
  WORKSPACE_ID: setting(
    'Workspace of requests that name none.',
    "the caller's own workspace",
    z.uuid('must be a workspace id').optional(),
  ),
  ORCHESTRATOR_API_KEY: {
    ...setting(
      'Key with which the operator calls the API before any other key exists; at least 24 characters.',
      'made at the start and kept in operator.json of the data folder',
      z
        .string()
        .min(24, 'must have at least 24 characters')
        .refine(
          (value) => !DEFAULT_SECRETS.test(value),
          'looks like a placeholder; make a random one',
        )
        .optional(),
    ),
    secret: true,
  },
  AUTOMATOS_SECRET: {
    ...setting(
      'Secret of the installation, at least 32 characters, the same in every process; the secrets of triggers and webhooks are derived from it.',
      'made at the first start and kept in secret.key of the data folder',
      z
        .string()
        .min(32, 'must have at least 32 characters')
        .refine(
          (value) => !DEFAULT_SECRETS.test(value),
          'looks like a placeholder; make a random one',
        )
        .optional(),
    ),
    secret: true,
  },
  ENCRYPTION_KEY: masterKey(
    'Master key that stored credentials are encrypted under: 32 random bytes as base64 or hex, the same in every process; "openssl rand -base64 32" makes one.',
    'made at the first start and kept in encryption.key of the data folder',
  ),
  ENCRYPTION_KEY_OLD: masterKey(
    'Master key before ENCRYPTION_KEY, needed until "automatos credentials rotate-key" has ended.',
    'not set',
  ),
  VAULT_ADDR: setting(
    'HashiCorp Vault that keeps the secrets of credentials instead of the database, e.g. https://vault.example.com:8200.',
    'the database keeps them, encrypted',
    httpUrl.optional(),
  ),
  VAULT_TOKEN: secret('Token for Vault; its policy allows all operations under VAULT_PREFIX.'),
  VAULT_MOUNT: setting(
    'Where the KV engine (version 2) of Vault is mounted.',
    'secret',
    vaultPath.default('secret'),
  ),
  VAULT_PREFIX: setting('Folder inside of the mount.', 'automatos', vaultPath.default('automatos')),
  VAULT_NAMESPACE: setting('Namespace of Vault Enterprise.', 'none', vaultPath.optional()),
  PUBLIC_URL: setting(
    'Address under which people and other systems reach this installation: in the links of invitations, the addresses of incoming webhooks and of the way back from OpenID providers, and as the issuer of access tokens.',
    'http:// with HOST and PORT, or API_PORT without the role web',
    httpUrl.optional(),
  ),
  RUNS_ACTIVE_MAX: setting(
    'Runs that this process works on at once; runs that wait for a person or a time do not count.',
    '50',
    count(1_000).default(50),
  ),
  RUNS_PER_WORKSPACE: setting(
    'Runs of one workspace at once over all processes, where the workspace has no limit of its own.',
    '50',
    count(10_000).default(50),
  ),
  DRAIN_TIMEOUT_MS: setting(
    'How long a process that is told to stop lets calls under way finish; the rest goes on elsewhere or at the next start.',
    '5000',
    count(600_000).default(5_000),
  ),
  LLM_DEFAULT_PROVIDER: setting(
    'Provider of agents that name none, e.g. openai, anthropic, google, ollama, offline.',
    'the first configured one, else offline',
    z
      .string()
      .regex(/^[a-z0-9-]+$/, 'must be a provider id such as openai')
      .optional(),
  ),
  LLM_DEFAULT_MODEL: setting(
    'Model of agents that name none.',
    "the provider's default",
    z.string().min(1).optional(),
  ),
  LLM_CHAIN: setting(
    'Models tried when the wanted one does not answer, in this order, separated by commas, e.g. openai/gpt-5.4-mini,anthropic/claude-haiku-4-5; the end of every chain of a workspace.',
    'none',
    list(',')
      .pipe(
        z
          .array(z.string().regex(/^[a-z0-9-]+\/.+$/, 'must hold models as provider/model'))
          .max(20, 'may name at most 20 models'),
      )
      .default([]),
  ),
  LLM_STRATEGY: setting(
    `How candidates are ordered in workspaces without settings of their own: ${ROUTING_STRATEGIES.join(', ')}.`,
    'priority',
    z
      .enum(ROUTING_STRATEGIES, `must be one of ${ROUTING_STRATEGIES.join(', ')}`)
      .default('priority'),
  ),
  LLM_ALLOW_OFFLINE: setting(
    'Whether a call may end at the offline provider when every vendor failed, in workspaces without settings of their own.',
    'false',
    flag.default(false),
  ),
  LLM_PRICES_URL: setting(
    'Address of the price package that the platform loads when its models are refreshed.',
    'https://models.dev/api.json',
    httpUrl.default('https://models.dev/api.json'),
  ),
  LLM_CACHE_MB: setting(
    'Memory in this process for kept answers of models, in megabytes.',
    '64',
    count(65_536).default(64),
  ),
  LOG_LEVEL: setting(
    'Least important log line that is written: debug, info, warn or error.',
    'info',
    z
      .enum(['debug', 'info', 'warn', 'error'], 'must be debug, info, warn or error')
      .default('info'),
  ),
  LOG_FORMAT: setting(
    'Form of log lines: json for machines, pretty for people.',
    'pretty in a terminal, else json',
    z.enum(['json', 'pretty'], 'must be json or pretty').optional(),
  ),
} as const satisfies Record<string, Setting>;

/** Text of `.env.example`: each key with its sentence and default, all commented out. */
export function renderEnvExample(): string {
  const head = [
    '# Settings of Automatos. Copy to .env and uncomment what you change; real environment variables win over the file.',
    '# Made by apps/server/scripts/write-env-example.ts from apps/server/src/config-settings.ts.',
  ];
  const entry = ([name, { doc, fallback }]: [string, Setting]) => [
    '',
    `# ${doc}`,
    `# Default: ${fallback}`,
    `# ${name}=`,
  ];
  const entries = Object.entries<Setting>({ ...SETTINGS, ...PROVIDER_SETTINGS });
  return [...head, ...entries.flatMap(entry), ''].join('\n');
}
