/** The only reader of the environment. Everything else gets slices of the frozen result. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, resolve } from 'node:path';
import { parseArgs, parseEnv } from 'node:util';
import { routerSettingsSchema } from '@automatos/contracts';
import type { RouterSettings } from '@automatos/contracts';
import { isLoopback } from '@automatos/identity';
import { PlatformError } from '@automatos/kernel';
import type { z } from 'zod';
import { issuersOf, issuerNotes, issuerProblems } from './config-issuers.ts';
import type { IssuerSettings } from './config-issuers.ts';
import { ARRIVAL_TIMES, type ArrivalTimes } from './http/arrival-times.ts';
import { PROVIDER_SETTINGS } from './config-provider-settings.ts';
import type { Setting } from './config-setting-kinds.ts';
import { SETTINGS } from './config-settings.ts';

export interface Config {
  roles: { api: boolean; web: boolean; worker: boolean };
  host: string;
  webPort: number;
  apiPort: number;
  /** Absolute. */
  dataDir: string;
  database: { kind: 'embedded'; fsync: boolean } | { kind: 'server'; url: string };
  redisUrl: string | undefined;
  /** Absolute folders that tools may read. */
  workspaceRoots: readonly string[];
  outboundAllow: readonly string[];
  http: {
    corsAllowOrigins: readonly string[];
    trustProxy: readonly string[];
    rateLimitPerMinute: number;
    rateLimitPrincipalPerMinute: number;
    /** Callers prove nothing; every answer says so. */
    signInOff: boolean;
    rateLimitWorkspacePerMinute: number | undefined;
    arrival: ArrivalTimes;
  };
  identity: {
    signUpOpen: boolean;
    workspaceId: string | undefined;
    defaultTenantId: string;
    /** False: who is at this machine needs no credentials. */
    requireAuth: boolean;
    operatorKey: string | undefined;
    /** Other issuers whose tokens count, and the provider that people sign in with. */
    issuers: IssuerSettings;
  };
  /** Secret of the installation, when it comes from the environment. */
  secret: string | undefined;
  encryption: {
    /** Master keys from the environment, the one in use first. */
    keys: readonly string[];
    /** Where secrets are kept instead of the database. */
    vault:
      | { address: string; token: string; mount: string; prefix: string; namespace?: string }
      | undefined;
  };
  runs: { activeMax: number; perWorkspace: number; drainMs: number };
  /** Without a slash at the end. */
  publicUrl: string;
  /** The same as the operator has set it; undefined where it is only this process's own address. */
  statedPublicUrl: string | undefined;
  providers: {
    /** The vendors' keys and base URLs that are set, by their environment names. */
    env: Readonly<Record<string, string>>;
    defaultProvider: string | undefined;
    defaultModel: string | undefined;
    /** Of workspaces without router settings of their own; its chain ends every chain. */
    router: RouterSettings;
    pricesUrl: string;
    cacheBytesMax: number;
  };
  log: { level: 'debug' | 'info' | 'warn' | 'error'; format: 'json' | 'pretty' };
  /** Sentences about settings that are on and have no effect; shown by the health page. */
  notes: readonly string[];
}

export interface ConfigSources {
  env: Record<string, string | undefined>;
  /** Arguments after the script: `--port`, `--api-port`, `--host`, `--data`. */
  argv: readonly string[];
  cwd: string;
  home: string;
  /** Whether logs go to a person. */
  isTerminal: boolean;
}

const FLAGS = {
  port: 'PORT',
  'api-port': 'API_PORT',
  host: 'HOST',
  data: 'AUTOMATOS_DATA_DIR',
} as const;
/** Read by the command-line client, not by the server. */
const CLIENT_KEYS = new Set(['AUTOMATOS_API_KEY', 'AUTOMATOS_URL']);

type Values = { [Key in keyof typeof SETTINGS]: z.output<(typeof SETTINGS)[Key]['schema']> };

/**
 * Returns the configuration from flags, environment and `.env` of the working folder, in that order of weight. Throws
 * one `config.settings.invalid` that lists every problem in a sentence of its own.
 */
export function loadConfig(sources: ConfigSources = processSources()): Config {
  const problems: string[] = [];
  const given = {
    ...readEnvFile(sources.cwd),
    ...withoutEmpty(sources.env),
    ...readFlags(sources.argv, problems),
  };
  const values = parseAll(SETTINGS, given, problems) as Values;
  const providerValues = parseAll(PROVIDER_SETTINGS, given, problems) as Record<
    string,
    string | undefined
  >;
  if (values.PORT !== undefined && values.PORT === values.API_PORT && values.PORT !== 0) {
    problems.push(`PORT and API_PORT are both ${values.PORT}: give them different ports.`);
  }
  if ((values.VAULT_ADDR === undefined) !== (values.VAULT_TOKEN === undefined)) {
    problems.push('VAULT_ADDR and VAULT_TOKEN belong together: set both or none.');
  }
  if (!values.REQUIRE_AUTH) problems.push(...openProblems(values));
  if (values.ENCRYPTION_KEY_OLD !== undefined && values.ENCRYPTION_KEY === undefined) {
    problems.push('ENCRYPTION_KEY_OLD is set and ENCRYPTION_KEY is not: set the new key too.');
  }
  problems.push(...issuerProblems(given));
  if (problems.length > 0) throw configError(problems);
  return deepFreeze(toConfig(values, withoutEmpty(providerValues), { given, sources }));
}

/** Without sign-in whoever reaches the port is the operator, so nobody else may reach it. */
function openProblems(values: Values): string[] {
  const out = 'REQUIRE_AUTH=false lets everybody in who reaches the port';
  const problems: string[] = [];
  if (!isLoopback(values.HOST))
    problems.push(
      `${out}, and HOST is ${values.HOST}, which other machines reach: set HOST=127.0.0.1, or REQUIRE_AUTH=true.`,
    );
  if (values.TRUST_PROXY.length > 0)
    problems.push(
      `${out}, and TRUST_PROXY names a proxy, which passes strangers on: remove it, or set REQUIRE_AUTH=true.`,
    );
  if (values.PUBLIC_URL !== undefined && !isLoopback(hostOf(values.PUBLIC_URL)))
    problems.push(
      `${out}, and PUBLIC_URL says that others reach it: remove it, or set REQUIRE_AUTH=true.`,
    );
  return problems;
}

const hostOf = (url: string) => new URL(url).hostname.replace(/^\[|\]$/g, '');

function toConfig(
  values: Values,
  providerEnv: Record<string, string>,
  context: { given: Record<string, string>; sources: ConfigSources },
): Config {
  const { given, sources } = context;
  const roles = new Set<string>(values.AUTOMATOS_ROLES);
  const url = values.DATABASE_URL;
  return {
    roles: { api: roles.has('api'), web: roles.has('web'), worker: roles.has('worker') },
    host: values.HOST,
    webPort: values.PORT,
    apiPort: values.API_PORT,
    dataDir: resolve(sources.cwd, values.AUTOMATOS_DATA_DIR),
    database:
      url === undefined ? { kind: 'embedded', fsync: values.FSYNC } : { kind: 'server', url },
    redisUrl: values.REDIS_URL,
    workspaceRoots: workspaceRoots(values, sources),
    outboundAllow: values.AUTOMATOS_OUTBOUND_ALLOW,
    http: {
      corsAllowOrigins: values.CORS_ALLOW_ORIGINS,
      trustProxy: values.TRUST_PROXY,
      rateLimitPerMinute: values.RATE_LIMIT_PER_MINUTE,
      rateLimitPrincipalPerMinute: values.RATE_LIMIT_PRINCIPAL_PER_MINUTE,
      signInOff: !values.REQUIRE_AUTH,
      rateLimitWorkspacePerMinute: values.RATE_LIMIT_WORKSPACE_PER_MINUTE,
      arrival: { ...ARRIVAL_TIMES, requestMs: values.REQUEST_TIMEOUT_MS },
    },
    identity: toIdentity(values),
    secret: values.AUTOMATOS_SECRET,
    encryption: toEncryption(values),
    publicUrl: (
      values.PUBLIC_URL ??
      `http://${values.HOST}:${roles.has('web') ? values.PORT : values.API_PORT}`
    ).replace(/\/+$/, ''),
    statedPublicUrl: values.PUBLIC_URL?.replace(/\/+$/, ''),
    runs: {
      activeMax: values.RUNS_ACTIVE_MAX,
      perWorkspace: values.RUNS_PER_WORKSPACE,
      drainMs: values.DRAIN_TIMEOUT_MS,
    },
    providers: {
      env: providerEnv,
      defaultProvider: values.LLM_DEFAULT_PROVIDER,
      defaultModel: values.LLM_DEFAULT_MODEL,
      router: routerSettings(values),
      pricesUrl: values.LLM_PRICES_URL,
      cacheBytesMax: values.LLM_CACHE_MB * 1024 * 1024,
    },
    log: {
      level: values.LOG_LEVEL,
      format: values.LOG_FORMAT ?? (sources.isTerminal ? 'pretty' : 'json'),
    },
    notes: findIneffective(given, values),
  };
}

function toIdentity(values: Values): Config['identity'] {
  return {
    signUpOpen: values.SIGNUP_OPEN,
    workspaceId: values.WORKSPACE_ID,
    defaultTenantId: values.DEFAULT_TENANT_ID,
    requireAuth: values.REQUIRE_AUTH,
    operatorKey: values.ORCHESTRATOR_API_KEY,
    issuers: issuersOf(values),
  };
}

function routerSettings(values: Values): RouterSettings {
  const chain = values.LLM_CHAIN.map((entry) => {
    const cut = entry.indexOf('/');
    return { provider: entry.slice(0, cut), model: entry.slice(cut + 1) };
  });
  return routerSettingsSchema.parse({
    strategy: values.LLM_STRATEGY,
    allow_offline: values.LLM_ALLOW_OFFLINE,
    chain,
  });
}

function toEncryption(values: Values): Config['encryption'] {
  const { ENCRYPTION_KEY: key, ENCRYPTION_KEY_OLD: old, VAULT_NAMESPACE: namespace } = values;
  const keys = key === undefined ? [] : old === undefined ? [key] : [key, old];
  const { VAULT_ADDR: address, VAULT_TOKEN: token, VAULT_MOUNT: mount } = values;
  if (address === undefined || token === undefined) return { keys, vault: undefined };
  const vault = { address, token, mount, prefix: values.VAULT_PREFIX };
  return { keys, vault: namespace === undefined ? vault : { ...vault, namespace } };
}

function workspaceRoots(values: Values, sources: ConfigSources): string[] {
  if (values.AUTOMATOS_ROOTS !== undefined) {
    const folders = values.AUTOMATOS_ROOTS.split(delimiter).filter((folder) => folder !== '');
    return folders.map((folder) => resolve(sources.cwd, folder));
  }
  // On a laptop the person who starts the product owns these files; on a server they belong to somebody else.
  return values.DATABASE_URL === undefined ? [...new Set([sources.home, sources.cwd])] : [];
}

function findIneffective(given: Record<string, string>, values: Values): string[] {
  const notes: string[] = [];
  const known = new Set([
    ...Object.keys(SETTINGS),
    ...Object.keys(PROVIDER_SETTINGS),
    ...CLIENT_KEYS,
  ]);
  for (const name of Object.keys(given)) {
    if (name.startsWith('AUTOMATOS_') && !known.has(name))
      notes.push(`${name} is not a setting of this version and has no effect.`);
  }
  if (given['FSYNC'] !== undefined && values.DATABASE_URL !== undefined) {
    notes.push(
      'FSYNC has no effect with DATABASE_URL: the database server decides about flushing.',
    );
  }
  if (values.LLM_DEFAULT_MODEL !== undefined && values.LLM_DEFAULT_PROVIDER === undefined) {
    notes.push('LLM_DEFAULT_MODEL has no effect without LLM_DEFAULT_PROVIDER.');
  }
  return [...notes, ...issuerNotes(values)];
}

function parseAll(
  settings: Record<string, Setting>,
  given: Record<string, string>,
  problems: string[],
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, { schema, secret }] of Object.entries(settings)) {
    const result = schema.safeParse(given[name]);
    if (result.success) values[name] = result.data;
    else {
      const shown = secret === true ? '' : ` (it is ${JSON.stringify(given[name])})`;
      problems.push(`${name} ${result.error.issues[0]?.message ?? 'is not valid'}${shown}.`);
    }
  }
  return values;
}

function readFlags(argv: readonly string[], problems: string[]): Record<string, string> {
  const flags: Record<string, string> = {};
  try {
    const options = Object.fromEntries(
      Object.keys(FLAGS).map((flag) => [flag, { type: 'string' as const }]),
    );
    const { values } = parseArgs({
      args: [...argv],
      options,
      strict: true,
      allowPositionals: false,
    });
    for (const [flag, value] of Object.entries(values)) {
      if (typeof value === 'string') flags[FLAGS[flag as keyof typeof FLAGS]] = value;
    }
  } catch (error) {
    const known = Object.keys(FLAGS)
      .map((flag) => `--${flag}`)
      .join(', ');
    problems.push(`${(error as Error).message.split('. ')[0]}; the flags are ${known}.`);
  }
  return flags;
}

function readEnvFile(cwd: string): Record<string, string> {
  const path = resolve(cwd, '.env');
  return existsSync(path) ? withoutEmpty(parseEnv(readFileSync(path, 'utf8'))) : {};
}

/** An empty value means "not set", as in `PORT=` of a copied example. */
function withoutEmpty(env: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
    ),
  );
}

function configError(problems: string[]): PlatformError {
  return new PlatformError({
    code: 'config.settings.invalid',
    kind: 'invalid-input',
    message: `The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    details: { problems },
  });
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}

function processSources(): ConfigSources {
  return {
    env: process.env,
    argv: process.argv.slice(2),
    cwd: process.cwd(),
    home: homedir(),
    isTerminal: process.stdout.isTTY === true,
  };
}
