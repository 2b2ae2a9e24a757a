import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { defineTool } from '../../definition.ts';
import type { ToolDefinition, ToolEnvironment, ToolRunResult } from '../../definition.ts';
import { toolError } from '../../tool-error.ts';
import type { WorkspaceFolder } from '../../tool-services.ts';
import { createSandbox } from '../create-sandbox.ts';
import { runWithNetwork } from '../network/with-network.ts';
import type { Sandbox, SandboxCommand, SandboxLimits } from '../sandbox.ts';
import { folderBytes } from '../watch-usage.ts';
import { maskValues } from './mask-values.ts';

export const RUN_COMMAND = 'run_command';
const MB = 1024 * 1024;
const WALL_MS_MAX = 600_000;
const OUTPUT_BYTES = 512 * 1024;
const LINE_CHARS = 200;
const VARIABLE = /^[A-Z_][A-Z0-9_]{0,99}$/i;

const input = z.strictObject({
  command: z
    .string()
    .min(1)
    .max(20_000)
    .describe('A line for sh, run in the folder of the workspace'),
  folder: z
    .string()
    .max(500)
    .regex(
      /^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))[^\0]*$/,
      'must lie inside of the folder of the workspace',
    )
    .default('.')
    .describe('Folder inside of the workspace to start in; made when it is not there'),
  network: z
    .boolean()
    .default(false)
    .describe('Reach the hosts that the workspace allows, e.g. for git clone or npm install'),
  timeout_ms: z.int().min(1000).max(WALL_MS_MAX).default(120_000),
  stdin: z.string().max(500_000).optional(),
  env: z.record(z.string().regex(VARIABLE), z.string().max(10_000)).default({}),
  secrets: z
    .array(z.string().regex(VARIABLE))
    .max(20)
    .default([])
    .describe(
      'Names of variables that the workspace gives to commands; their values are masked in the output',
    ),
});
const stream = z.object({ text: z.string(), bytes: z.int(), truncated: z.boolean() });
const output = z.object({
  exit_code: z.int().nullable().describe('Null when it was stopped'),
  stopped: z.enum(['time', 'memory', 'folder', 'output']).nullable(),
  stdout: stream,
  stderr: stream,
  duration_ms: z.int(),
  folder_bytes: z.number().describe('What the workspace holds afterwards'),
  quota_bytes: z.number(),
  connections: z.array(
    z.object({
      host: z.string(),
      port: z.int(),
      allowed: z.boolean(),
      reason: z.string().optional(),
    }),
  ),
});
type Input = z.output<typeof input>;

/** The tool that runs commands in the folder of the workspace, isolated from everything else. */
export function runCommandTool(
  sandbox: Sandbox = createSandbox({ platform: process.platform, scratchDir: tmpdir() }),
): ToolDefinition {
  return defineTool({
    name: RUN_COMMAND,
    title: 'Run command',
    description:
      'Runs a shell command in the folder of the workspace, isolated from the machine: git, node, python3 and what else is installed. Without network unless asked for, and then only to hosts that the workspace allows. Clone repositories with git clone and network. Other tools see the files when the command has ended.',
    group: 'code',
    input,
    output,
    capabilities: ['code', 'write', 'network'],
    actions: { offline: ['code', 'write'], network: ['code', 'write', 'network'] },
    actionOf: (request) => (request.network ? 'network' : 'offline'),
    timeoutMs: WALL_MS_MAX,
    idempotent: false,
    isolation: 'inline',
    keywords: [
      'shell',
      'terminal',
      'bash',
      'git clone',
      'npm install',
      'build',
      'execute',
      'compile',
      'script',
    ],
    run: (request, env) => runIn(sandbox, request, env),
  });
}

async function runIn(
  sandbox: Sandbox,
  request: Input,
  env: ToolEnvironment,
): Promise<ToolRunResult<z.output<typeof output>>> {
  const place = await placeOf(env);
  assertNetwork(request, place);
  const used = await folderBytes(place.folder);
  if (used >= place.quotaBytes) throw full(used, place.quotaBytes);
  await mkdir(place.folder, { recursive: true });
  const secrets = await secretsOf(request, env);
  const command = commandOf(request, { env, place, secrets });
  const result = request.network
    ? await runWithNetwork(sandbox, command, {
        hosts: place.networkHosts,
        resolveAddress: env.resolveAddress,
        scratchDir: tmpdir(),
      })
    : { ...(await sandbox.run(command)), connections: [] };
  const values = Object.values(secrets);
  const shown = (one: { text: string; bytes: number; truncated: boolean }) => {
    return { ...one, text: maskValues(one.text, values) };
  };
  const folder_bytes = await folderBytes(place.folder);
  return {
    output: {
      exit_code: result.exitCode,
      stopped: result.stopped,
      stdout: shown(result.stdout),
      stderr: shown(result.stderr),
      duration_ms: Math.round(result.durationMs),
      folder_bytes,
      quota_bytes: place.quotaBytes,
      connections: result.connections,
    },
    summary: summaryOf(result, place),
  };
}

async function placeOf(env: ToolEnvironment): Promise<WorkspaceFolder> {
  const find = env.services?.workspace;
  if (find !== undefined) return find();
  throw toolError(
    'tools.service.missing',
    'unavailable',
    'Commands need the folder of a workspace, and there is none in this place.',
  );
}

function assertNetwork(request: Input, place: WorkspaceFolder): void {
  if (!request.network || place.networkHosts.length > 0) return;
  throw toolError(
    'tools.workspace.network_denied',
    'forbidden',
    'This workspace allows commands no host. An administrator can list hosts in the settings of tools (network_hosts).',
  );
}

function full(used: number, quota: number) {
  return toolError(
    'tools.workspace.quota_exceeded',
    'limit-reached',
    `The folder of the workspace holds ${Math.ceil(used / MB)} MB of ${Math.floor(quota / MB)} MB. Delete files, or have an administrator raise the quota (disk_quota_bytes).`,
  );
}

async function secretsOf(request: Input, env: ToolEnvironment): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const name of request.secrets) {
    const read = env.services?.secret;
    if (read === undefined)
      throw toolError(
        'tools.service.missing',
        'unavailable',
        'No secrets are given out in this place.',
      );
    const value = await read(name);
    if (value === null) throw secretMissing(name);
    values[name] = value;
  }
  return values;
}

function secretMissing(name: string) {
  return toolError(
    'tools.workspace.secret_missing',
    'forbidden',
    `This workspace gives commands no variable "${name}". An administrator can name a credential for it in the settings of tools (command_secrets).`,
  );
}

function commandOf(
  request: Input,
  {
    env,
    place,
    secrets,
  }: { env: ToolEnvironment; place: WorkspaceFolder; secrets: Record<string, string> },
): SandboxCommand {
  const limits: Partial<SandboxLimits> = {
    wallMs: request.timeout_ms,
    cpuSeconds: Math.ceil(request.timeout_ms / 500),
    memoryBytes: 1024 * MB,
    // Node reserves much more than it uses; what is really used is held to memoryBytes.
    privateBytes: 4096 * MB,
    processes: 256,
    fileBytes: 1024 * MB,
    folderBytes: place.quotaBytes,
    outputBytes: OUTPUT_BYTES,
  };
  const values = Object.values(secrets);
  // The shell inside goes to the folder: a path that the host followed could be a link that a command before left.
  const line = 'mkdir -p -- "$1" && cd -- "$1" && exec sh -c "$2"';
  return {
    argv: ['sh', '-c', line, 'sh', join('/work', request.folder), request.command],
    folder: place.folder,
    env: { ...request.env, ...secrets },
    ...(request.stdin === undefined ? {} : { stdin: request.stdin }),
    limits,
    signal: env.signal,
    onOutput: (text) => {
      const line = text.trimEnd().split('\n').at(-1)?.trim() ?? '';
      if (line !== '') env.progress(maskValues(line, values).slice(0, LINE_CHARS));
    },
  };
}

const STOPS = {
  time: 'it took too long',
  memory: 'it used too much memory',
  folder: 'the folder of the workspace is full',
  output: 'it wrote without end',
} as const;

function summaryOf(
  result: {
    exitCode: number | null;
    stopped: keyof typeof STOPS | null;
    durationMs: number;
    connections: { allowed: boolean; host: string }[];
  },
  place: WorkspaceFolder,
): string {
  const seconds = (result.durationMs / 1000).toFixed(1);
  const refused = [
    ...new Set(result.connections.filter((one) => !one.allowed).map((one) => one.host)),
  ];
  const network =
    refused.length === 0
      ? ''
      : ` Refused connections: ${refused.slice(0, 5).join(', ')} (allowed: ${place.networkHosts.slice(0, 10).join(', ')}).`;
  if (result.stopped !== null)
    return `The command was stopped after ${seconds} s: ${STOPS[result.stopped]}.${network}`;
  return `The command ended with exit code ${result.exitCode ?? 'none (a signal)'} after ${seconds} s.${network}`;
}
