import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { openRepository } from '../git/open-repository.ts';
import { readTextFile } from '../workspace/read-text.ts';
import { documentSchema } from './document-output.ts';
import type { Release } from './read-releases.ts';

const FILE = 'CHANGELOG.md';
const ref = z
  .string()
  .max(200)
  .regex(/^[0-9A-Za-z_][0-9A-Za-z_./@^~-]*$/, 'name a commit, tag or branch');

const input = z.strictObject({
  path: z.string().min(1).max(4096).default('.').describe('Folder of a git repository'),
  from: ref.optional().describe('Only commits after this commit, tag or branch'),
  to: ref.optional().describe('Up to this one; default the newest'),
  commits_max: z.int().min(1).max(20_000).default(5000),
});
const output = z.object({
  is_repository: z.boolean(),
  reason: z.string().nullable(),
  releases: z.array(
    z.object({
      version: z.string().nullable().describe('Null for what is not released yet'),
      date: z.string(),
      commits: z.int(),
      breaking: z.array(z.string()),
    }),
  ),
  documents: z.array(documentSchema),
});

/** Released versions, and breaking changes in them, that the changelog of today does not tell. */
async function findGaps(existing: string | null, releases: readonly Release[]): Promise<Finding[]> {
  if (existing === null) return [];
  const { renderRelease, versionsIn } = await import('./render-changelog.ts');
  const known = versionsIn(existing);
  const oldest = known.get([...known.keys()].at(-1) ?? '')?.line ?? 1;
  return releases.flatMap((release): Finding[] => {
    if (release.version === null || renderRelease(release) === '') return [];
    const section = known.get(release.version.toLowerCase());
    const base = {
      tool: 'write_changelog',
      fix: `Take over the section of ${release.version} from the document.`,
    };
    if (section === undefined)
      return [
        {
          rule: 'docs.changelog_missing_version',
          severity: 'medium',
          message: `Version ${release.version} of ${release.date} has no section in the changelog.`,
          location: { path: FILE, line: oldest },
          evidence: `${release.changes.length} commits`,
          ...base,
        },
      ];
    const breaks = release.changes.filter((change) => change.breaking);
    if (breaks.length === 0 || /break|incompatib|must now|no longer|removed/i.test(section.text))
      return [];
    return [
      {
        rule: 'docs.changelog_missing_breaking',
        severity: 'high',
        message: `The section of ${release.version} does not say that it breaks something: ${breaks[0]?.text}.`,
        location: { path: FILE, line: section.line },
        evidence: (section.text.split('\n')[0] ?? '').trim(),
        ...base,
      },
    ];
  });
}

export const writeChangelog = defineTool({
  name: 'write_changelog',
  title: 'Write the changelog',
  description:
    'Writes a changelog (Keep a Changelog) from the git history by conventional commits and version tags, with breaking changes named; keeps the sections that people wrote. Writes no file: gives the document and its difference to CHANGELOG.md.',
  group: 'documentation',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 120_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['changelog', 'release notes', 'conventional commits', 'history'],
  async run({ path, from, to, commits_max: commitsMax }, env) {
    const { readReleases } = await import('./read-releases.ts');
    const { renderChangelog } = await import('./render-changelog.ts');
    const { compareDrafts, describeDocuments } = await import('./document-output.ts');
    const { folder, place } = await openRepository(path, env);
    if (place.kind === 'none')
      return {
        output: { is_repository: false, reason: place.reason, releases: [], documents: [] },
        summary: `No changelog: ${place.reason}.`,
      };
    const releases = await readReleases(folder, { commitsMax, from, to, signal: env.signal });
    const file = await env.roots.resolveInside(`${folder}/${FILE}`).catch(() => null);
    const read = file === null ? undefined : await readTextFile(file);
    const existing = read?.kind === 'text' ? read.text : null;
    const content = renderChangelog(existing, releases);
    const { documents, artifacts } = await compareDrafts(
      [{ path: FILE, title: 'Changelog', content }],
      folder,
      env,
    );
    return {
      output: {
        is_repository: true,
        reason: null,
        releases: releases.map(({ version, date, changes }) => ({
          version,
          date,
          commits: changes.length,
          breaking: changes.filter((change) => change.breaking).map(({ text }) => text),
        })),
        documents,
      },
      summary: `${releases.length} releases from ${releases.reduce((sum, release) => sum + release.changes.length, 0)} commits. ${describeDocuments(documents)}. Nothing was written to disk.`,
      findings: await findGaps(existing, releases),
      artifacts,
    };
  },
});
