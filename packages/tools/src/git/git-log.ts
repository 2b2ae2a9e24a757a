import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { openRepository } from './open-repository.ts';
import { CHANGE_KINDS, classifyChange } from './classify-change.ts';
import { readLog } from './read-log.ts';
import { revisionSchema } from './revision.ts';

const when = z
  .string()
  .max(40)
  .regex(/^[0-9A-Za-z :.+-]+$/, 'use a date such as 2026-11-01 or a phrase such as "2 weeks ago"');
const input = z.strictObject({
  path: z.string().min(1).max(4096).default('.'),
  limit: z.int().min(1).max(1000).default(50),
  since: when.optional(),
  until: when.optional(),
  from: revisionSchema.optional().describe('Only commits after this commit, tag or branch'),
  to: revisionSchema.optional().describe('Up to this commit, tag or branch; default the newest'),
});
const output = z.object({
  is_repository: z.boolean(),
  reason: z.string().nullable(),
  commits: z.array(
    z.object({
      hash: z.string(),
      author: z.string(),
      time: z.string(),
      subject: z.string(),
      kind: z
        .enum(CHANGE_KINDS)
        .describe('By the conventional prefix of the subject, else by its words'),
      scope: z.string().nullable(),
      breaking: z.boolean(),
      text: z.string().describe('The subject without its prefix'),
      files: z.int(),
      added: z.int(),
      deleted: z.int(),
      paths: z.array(z.string()),
    }),
  ),
});

export const gitLog = defineTool({
  name: 'git_log',
  title: 'Git history',
  description: 'Lists the newest commits of a folder with author, time, subject and changed files.',
  group: 'git',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 60_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['commit', 'history', 'change', 'release notes'],
  async run({ path, limit, since, until, from, to }, env) {
    const { folder, place } = await openRepository(path, env);
    if (place.kind === 'none')
      return {
        output: { is_repository: false, reason: place.reason, commits: [] },
        summary: `No history: ${place.reason}.`,
      };
    const log = await readLog(folder, {
      commitsMax: limit,
      since,
      until,
      from,
      to,
      signal: env.signal,
    });
    const commits = log.map((commit) => ({
      hash: commit.hash,
      author: commit.author,
      time: commit.time,
      subject: commit.subject,
      ...classifyChange(commit.subject),
      files: commit.files.length,
      added: commit.files.reduce((sum, file) => sum + (file.added ?? 0), 0),
      deleted: commit.files.reduce((sum, file) => sum + (file.deleted ?? 0), 0),
      paths: commit.files.slice(0, 50).map((file) => file.path),
    }));
    return {
      output: { is_repository: true, reason: null, commits },
      summary: `${commits.length} commits${commits.length === limit ? ' (the newest)' : ''}.`,
    };
  },
});
