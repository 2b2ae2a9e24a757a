import { join } from 'node:path';
import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool, type ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { readTextFile } from '../workspace/read-text.ts';
import { isInside } from '../workspace/roots.ts';
import { percentOf } from './percent-of.ts';
import type { ProfiledFunction } from './read-profile.ts';

const PROFILE_BYTES_MAX = 64 * 1024 * 1024;
const HOT_SHARE = 0.15;
/** Less says more about the start of Node than about the program. */
const BUSY_MS_MIN = 50;

const input = z.strictObject({
  path: z.string().min(1).max(4096).default('.').describe('Folder of the project'),
  command: z
    .string()
    .min(1)
    .max(1000)
    .describe('A command that runs Node, e.g. node scripts/build.js; it sees no network'),
  duration_ms: z.int().min(1000).max(300_000).default(60_000).describe('Stopped after this long'),
  limit: z.int().min(1).max(100).default(20).describe('Functions to list'),
});
const hot = z.object({
  name: z.string(),
  path: z.string().nullable().describe('Null for Node itself'),
  line: z.int(),
  self_ms: z.number(),
  self_share: z.number(),
  total_ms: z.number(),
  total_share: z.number(),
});
const output = z.object({
  command: z.string(),
  exit_code: z.int().nullable(),
  wall_ms: z.number(),
  busy_ms: z.number().describe('Time in which JavaScript or Node ran'),
  hot_functions: z.array(hot).describe('By their own time'),
});

const MARK = '@@automatos-profile';
const FOLDER = '/work/.automatos-profile';

interface Profiled {
  exitCode: number | null;
  wallMs: number;
  text: string;
}

async function profile(
  { path, command, durationMs }: { path: string; command: string; durationMs: number },
  env: ToolEnvironment,
): Promise<Profiled> {
  const { describeEnd, openSandboxedCopy } = await import('../test-runs/sandboxed-copy.ts');
  const copy = await openSandboxedCopy(path, env);
  try {
    const script = [
      `( ${command}\n) > /dev/null`,
      'code=$?',
      'unset NODE_OPTIONS',
      `largest=$(ls -S ${FOLDER}/*.cpuprofile 2>/dev/null | head -n 1)`,
      `printf '%s %s\\n' '${MARK}' "$code"`,
      'if [ -n "$largest" ]; then cat "$largest"; fi',
    ].join('\n');
    const result = await copy.run({
      command: script,
      env: { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${FOLDER}` },
      limits: {
        wallMs: durationMs,
        cpuSeconds: Math.ceil(durationMs / 1000) * 2,
        outputBytes: PROFILE_BYTES_MAX,
      },
    });
    const [, code, text] =
      new RegExp(`^${MARK} (\\d+)\\n([\\s\\S]*)$`).exec(result.stdout.text) ?? [];
    if (text === undefined || text === '')
      throw toolError(
        'tools.profile.none',
        'invalid-input',
        `"${command}" left no profile: ${describeEnd(result)}. Give a command that runs Node and ends by itself within duration_ms.`,
      );
    return { exitCode: Number(code), wallMs: Math.round(result.durationMs), text };
  } finally {
    await copy.close();
  }
}

/** The profile was made by a stranger's program: what it names is only read inside of the folder. */
async function lineOf(
  { folder, file, line }: { folder: string; file: string; line: number },
  env: ToolEnvironment,
): Promise<string> {
  const real = await env.roots.resolveInside(join(folder, file)).catch(() => null);
  if (real === null || !isInside(folder, real)) return '';
  const read = await readTextFile(real);
  return read.kind === 'text' ? (read.text.split('\n')[line - 1] ?? '').trim() : '';
}

async function toFindings(
  functions: readonly ProfiledFunction[],
  path: string,
  env: ToolEnvironment,
): Promise<Finding[]> {
  const folder = await env.roots.resolveInside(path);
  const hotOnes = functions.filter((one) => one.path !== null && one.selfShare >= HOT_SHARE);
  return Promise.all(
    hotOnes.map(async (one): Promise<Finding> => {
      const file = one.path ?? '';
      const line = await lineOf({ folder, file, line: one.line }, env);
      return {
        rule: 'performance.hot_function',
        severity: one.selfShare >= 0.5 ? 'medium' : 'low',
        message: `${one.name} itself takes ${percentOf(one.selfShare)} of the time in which the program computes (${one.selfMs} ms).`,
        location: { path: file, line: one.line },
        evidence: line.slice(0, 200) || one.name,
        fix: 'Do less of it: other data structures, no repeated work in loops, results kept.',
        tool: 'profile_command',
      };
    }),
  );
}

export const profileCommand = defineTool({
  name: 'profile_command',
  title: 'Profile a command',
  description:
    'Runs a command of Node on a copy of the folder in the sandbox with the CPU profiler and names the functions that take the time, with path, line and share.',
  group: 'performance',
  input,
  output,
  capabilities: ['read', 'code'],
  timeoutMs: 360_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['profiler', 'cpu', 'hot function', 'flame graph', 'bottleneck'],
  async run({ path, command, duration_ms: durationMs, limit }, env) {
    const { functionsOf, parseProfile } = await import('./read-profile.ts');
    const run = await profile({ path, command, durationMs }, env);
    const parsed = parseProfile(run.text);
    if (parsed === undefined)
      throw toolError(
        'tools.profile.none',
        'invalid-input',
        `The profile of "${command}" cannot be read: the command may have written over it, or it is larger than ${PROFILE_BYTES_MAX / 1024 / 1024} MB.`,
      );
    const { busyMs, functions } = functionsOf(parsed, '/work');
    const first = functions.find((one) => one.path !== null);
    return {
      output: {
        command,
        exit_code: run.exitCode,
        wall_ms: run.wallMs,
        busy_ms: busyMs,
        hot_functions: functions.slice(0, limit).map((one) => ({
          name: one.name,
          path: one.path,
          line: one.line,
          self_ms: one.selfMs,
          self_share: one.selfShare,
          total_ms: one.totalMs,
          total_share: one.totalShare,
        })),
      },
      summary: `"${command}" ended with ${run.exitCode} after ${run.wallMs} ms, ${busyMs} ms of them computing${first === undefined ? '; no function of the project was seen' : `; most in ${first.name} (${first.path}:${first.line}, ${percentOf(first.selfShare)})`}.`,
      findings: busyMs < BUSY_MS_MIN ? [] : await toFindings(functions, path, env),
    };
  },
});
