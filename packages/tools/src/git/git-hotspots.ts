import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { scanInputShape, scanTextFiles, type TextFile } from '../workspace/scan-files.ts';
import { lexicalComplexity } from '../code/lexical-complexity.ts';
import { isProgram, isTest } from '../code/source-language.ts';
import { openRepository } from './open-repository.ts';
import { readLog, type Commit } from './read-log.ts';

const input = z.strictObject({
  ...scanInputShape,
  commits_max: z.int().min(10).max(20_000).default(2000),
  limit: z.int().min(1).max(100).default(20),
});
const hotspot = z.object({
  path: z.string(),
  commits: z.int(),
  authors: z.int(),
  lines_changed: z.int(),
  complexity: z.int(),
  score: z.number().describe('commits × complexity, 100 = the hottest'),
});
const output = z.object({
  is_repository: z.boolean(),
  reason: z.string().nullable(),
  commits_read: z.int(),
  files: z.int(),
  hotspots: z.array(hotspot),
});
type Hotspot = z.output<typeof hotspot>;

interface Churn {
  commits: number;
  authors: Set<string>;
  lines: number;
}

function churnOf(commits: readonly Commit[]): Map<string, Churn> {
  const churn = new Map<string, Churn>();
  for (const commit of commits) {
    for (const file of commit.files) {
      const entry = churn.get(file.path) ?? { commits: 0, authors: new Set<string>(), lines: 0 };
      entry.commits += 1;
      entry.authors.add(commit.author);
      entry.lines += (file.added ?? 0) + (file.deleted ?? 0);
      churn.set(file.path, entry);
    }
  }
  return churn;
}

function rank(files: readonly TextFile[], churn: ReadonlyMap<string, Churn>): Hotspot[] {
  const raw = files.flatMap((file) => {
    const entry = churn.get(file.path);
    if (entry === undefined) return [];
    const complexity = lexicalComplexity(file.text);
    return [
      {
        path: file.path,
        commits: entry.commits,
        authors: entry.authors.size,
        lines_changed: entry.lines,
        complexity,
        product: entry.commits * complexity,
      },
    ];
  });
  const top = Math.max(1, ...raw.map((entry) => entry.product));
  return raw
    .toSorted((a, b) => b.product - a.product || (a.path < b.path ? -1 : 1))
    .map(({ product, ...entry }) => ({ ...entry, score: Math.round((product / top) * 1000) / 10 }));
}

/** Files that change often and are hard: both above a floor, so that a young or simple repository has none. */
function toFindings(hotspots: readonly Hotspot[]): Finding[] {
  return hotspots
    .filter((entry) => entry.commits >= 5 && entry.complexity >= 20)
    .slice(0, 10)
    .map((entry) => ({
      rule: 'code.hotspot',
      severity: entry.commits >= 20 && entry.complexity >= 60 ? 'medium' : 'low',
      message: `Changed in ${entry.commits} commits by ${entry.authors} people, with a complexity of ${entry.complexity}: a likely place of defects.`,
      location: { path: entry.path, line: 1 },
      evidence: `score ${entry.score} of 100, ${entry.lines_changed} lines changed`,
      fix: 'Cover it with tests, then split it along what changes together.',
      tool: 'git_hotspots',
    }));
}

export const gitHotspots = defineTool({
  name: 'git_hotspots',
  title: 'Hotspots',
  description:
    'Ranks source files by how often they changed in git times how complex they are now.',
  group: 'git',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 180_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['churn', 'risk', 'refactoring', 'history'],
  async run(request, env) {
    const { folder, place } = await openRepository(request.path, env);
    if (place.kind === 'none') {
      return {
        output: {
          is_repository: false,
          reason: place.reason,
          commits_read: 0,
          files: 0,
          hotspots: [],
        },
        summary: `No hotspots: ${place.reason}.`,
      };
    }
    const commits = await readLog(folder, { commitsMax: request.commits_max, signal: env.signal });
    const churn = churnOf(commits);
    const files: TextFile[] = [];
    await scanTextFiles(request, env, {
      wants: (file) => isProgram(file.path) && !isTest(file.path) && churn.has(file.path),
      skipGenerated: true,
      onFile: (file) => void files.push(file),
    });
    const hotspots = rank(files, churn);
    const first = hotspots[0];
    return {
      output: {
        is_repository: true,
        reason: null,
        commits_read: commits.length,
        files: hotspots.length,
        hotspots: hotspots.slice(0, request.limit),
      },
      summary: `${commits.length} commits, ${hotspots.length} source files changed${first === undefined ? '' : `; hottest is ${first.path} (${first.commits} commits, complexity ${first.complexity})`}.`,
      findings: toFindings(hotspots),
    };
  },
});
