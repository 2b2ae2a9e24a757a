import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { changedFileSchema, describeFile } from '../git/git-diff.ts';
import { countBy } from '../workspace/count-by.ts';
import { diffReviewInput } from './diff-review-input.ts';

const FILES_MAX = 500;

const output = z.object({
  base: z.string(),
  head: z.string(),
  files: z.array(changedFileSchema),
  comments: z
    .array(
      z.object({
        at: z.string().describe('path:line in the changed file'),
        path: z.string(),
        line: z.int(),
        severity: z.string(),
        rule: z.string(),
        body: z.string(),
      }),
    )
    .describe('One per problem, worst first'),
  by_rule: z.record(z.string(), z.int()),
  reviewed: z.int().describe('Files whose changed lines were looked at'),
  not_reviewed: z.array(z.string()).describe('Binary, deleted, generated or beyond the limit'),
});

export const diffReview = defineTool({
  name: 'diff_review',
  title: 'Review a difference',
  description:
    'Reviews what one commit, tag or branch changed against another, on changed lines only: functions that grew, changed functions without tests, removed error handling, debug statements, secrets, insecure code, focused tests, open marks.',
  group: 'code',
  input: diffReviewInput,
  output,
  capabilities: ['read'],
  timeoutMs: 240_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['pull request', 'code review', 'change', 'patch', 'merge'],
  async run(request, env) {
    const [{ readDiff }, { requireRepository }, { reviewFile, worstFirst }] = await Promise.all([
      import('../git/read-diff.ts'),
      import('../git/revision.ts'),
      import('./review-file.ts'),
    ]);
    const folder = await requireRepository(request.path, env);
    const diff = await readDiff(folder, { base: request.base, head: request.head }, env.signal);
    const findings: Finding[] = [];
    const notReviewed: string[] = [];
    for (const [index, file] of diff.files.entries()) {
      env.signal.throwIfAborted();
      env.progress(`Reviewing ${file.path}`, index / diff.files.length);
      const found =
        index < FILES_MAX
          ? await reviewFile(file, { folder, diff, limits: request, signal: env.signal })
          : undefined;
      if (found === undefined) notReviewed.push(file.path);
      else findings.push(...found);
    }
    const sorted = worstFirst(findings);
    const reviewed = diff.files.length - notReviewed.length;
    return {
      output: {
        base: diff.from,
        head: diff.to,
        files: diff.files.map(describeFile),
        comments: sorted.map(({ rule, severity, message, location, fix }) => ({
          at: `${location?.path}:${location?.line ?? 1}`,
          path: location?.path ?? '',
          line: location?.line ?? 1,
          severity,
          rule,
          body: fix === undefined ? message : `${message} ${fix}`,
        })),
        by_rule: countBy(findings, ({ rule }) => rule),
        reviewed,
        not_reviewed: notReviewed,
      },
      summary: `${findings.length === 0 ? 'Nothing to object' : `${findings.length} comments`} on ${reviewed} of ${diff.files.length} changed files between ${request.base} and ${request.head}.${diff.truncated ? ' The difference is too long and was cut.' : ''}`,
      findings: sorted,
    };
  },
});
