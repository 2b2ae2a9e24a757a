import type { Severity } from '@automatos/contracts';
import semver from 'semver';
import { z } from 'zod';
import type { ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { readTextFile } from '../workspace/read-text.ts';
import { walkFiles } from '../workspace/walk.ts';
import { ADVISORIES, ADVISORIES_DATE, comparableVersion, type Advisory } from './advisories.ts';
import { scoreOfVector } from './cvss-score.ts';

const BYTES_MAX = 64 * 1024 * 1024;

const osvSchema = z.object({
  id: z.string(),
  aliases: z.array(z.string()).optional(),
  modified: z.string().optional(),
  withdrawn: z.string().nullish(),
  summary: z.string().optional(),
  details: z.string().optional(),
  severity: z.array(z.object({ type: z.string(), score: z.string() })).optional(),
  database_specific: z.object({ severity: z.string().optional() }).loose().optional(),
  affected: z
    .array(
      z.object({
        package: z.object({ ecosystem: z.string(), name: z.string() }).optional(),
        ranges: z
          .array(z.object({ type: z.string(), events: z.array(z.record(z.string(), z.string())) }))
          .optional(),
        versions: z.array(z.string()).optional(),
      }),
    )
    .optional(),
});
type Osv = z.output<typeof osvSchema>;

const ECOSYSTEMS: Readonly<Record<string, Advisory['ecosystem']>> = { npm: 'npm', PyPI: 'pypi' };
const WORDS: Readonly<Record<string, Severity>> = {
  low: 'low',
  moderate: 'medium',
  medium: 'medium',
  high: 'high',
  critical: 'critical',
};

function severityOf(entry: Osv): Severity {
  const word = WORDS[entry.database_specific?.severity?.toLowerCase() ?? ''];
  if (word !== undefined) return word;
  const scores = (entry.severity ?? []).flatMap(({ score }) => scoreOfVector(score) ?? []);
  const top = Math.max(0, ...scores);
  // Without a statement nobody knows; the middle neither hides nor shouts.
  if (top === 0) return 'medium';
  return top >= 9 ? 'critical' : top >= 7 ? 'high' : top >= 4 ? 'medium' : 'low';
}

type Affected = NonNullable<Osv['affected']>[number];

/** The events of a range in npm notation: each `introduced` opens a part, `fixed` or `last_affected` closes it. */
function partsOf(
  events: readonly Record<string, string>[],
  comparable: (version: string) => string | null,
): string[] {
  const parts: string[] = [];
  let from: string | undefined;
  for (const event of events) {
    const introduced = event['introduced'];
    if (introduced !== undefined) {
      if (from !== undefined) parts.push(from === '' ? '*' : from);
      from = introduced === '0' ? '' : `>=${comparable(introduced) ?? introduced}`;
    }
    const end =
      event['fixed'] === undefined
        ? event['last_affected'] === undefined
          ? undefined
          : `<=${comparable(event['last_affected']) ?? ''}`
        : `<${comparable(event['fixed']) ?? ''}`;
    if (end === undefined) continue;
    parts.push(`${from ?? ''} ${end}`.trim());
    from = undefined;
  }
  if (from !== undefined) parts.push(from === '' ? '*' : from);
  return parts;
}

function rangeOf(affected: Affected, ecosystem: Advisory['ecosystem']): string | null {
  const comparable = (version: string) => comparableVersion(ecosystem, version);
  const parts = (affected.ranges ?? [])
    .filter(({ type }) => type !== 'GIT')
    .flatMap(({ events }) => partsOf(events, comparable));
  const exact = (affected.versions ?? []).flatMap((version) => comparable(version) ?? []);
  const range = (parts.length > 0 ? parts : exact).join(' || ');
  return range !== '' && semver.validRange(range, { loose: true }) !== null ? range : null;
}

function toAdvisories(entry: Osv): Advisory[] {
  if (typeof entry.withdrawn === 'string') return [];
  const cve = entry.aliases?.find((alias) => alias.startsWith('CVE-'));
  return (entry.affected ?? []).flatMap((affected) => {
    const ecosystem = ECOSYSTEMS[affected.package?.ecosystem ?? ''];
    const range = ecosystem === undefined ? null : rangeOf(affected, ecosystem);
    if (ecosystem === undefined || range === null) return [];
    return [
      {
        ecosystem,
        name: affected.package?.name ?? '',
        range,
        id: cve ?? entry.id,
        severity: severityOf(entry),
        summary:
          (entry.summary ?? entry.details ?? 'no summary').split('\n')[0]?.slice(0, 200) ?? '',
      },
    ];
  });
}

/** Entries of a file that holds one, a list, or one per line. */
function entriesOf(text: string): unknown[] {
  try {
    const data: unknown = JSON.parse(text);
    return Array.isArray(data) ? data : [data];
  } catch {
    return text.split('\n').flatMap((line): unknown[] => {
      try {
        return line.trim() === '' ? [] : [JSON.parse(line) as unknown];
      } catch {
        return [undefined]; // counted as unreadable below
      }
    });
  }
}

/** Advisories to judge by, and what a reader must know about them. */
export interface AdvisorySource {
  advisories: readonly Advisory[];
  kind: 'built_in_sample' | 'snapshot';
  /** Day of the newest statement in it. */
  date: string;
  note: string;
}

const BUILT_IN: AdvisorySource = {
  advisories: ADVISORIES,
  kind: 'built_in_sample',
  date: ADVISORIES_DATE,
  note: 'A small list of well-known advisories that works without a network. It is not complete: no match does not mean that a package is safe. Give a folder of OSV files as "advisories" for a full answer.',
};

/**
 * The advisories of a folder or file of OSV JSON, with those of the built-in sample that it lacks; without one the sample alone.
 * Throws `tools.advisories.none` when nothing in it is an OSV entry.
 */
export async function readAdvisories(
  path: string | undefined,
  env: ToolEnvironment,
): Promise<AdvisorySource> {
  if (path === undefined) return BUILT_IN;
  const walk = await walkFiles(path, {
    roots: env.roots,
    signal: env.signal,
    include: ['**/*.json', '**/*.jsonl', '**/*.ndjson'],
    filesMax: 200_000,
  });
  const found: Advisory[] = [];
  let newest = '';
  let entries = 0;
  for (const file of walk.files) {
    env.signal.throwIfAborted();
    const read = await readTextFile(file.absolute, BYTES_MAX);
    for (const raw of read.kind === 'text' ? entriesOf(read.text) : []) {
      const parsed = osvSchema.safeParse(raw);
      if (!parsed.success) continue;
      entries += 1;
      if ((parsed.data.modified ?? '') > newest) newest = parsed.data.modified ?? '';
      found.push(...toAdvisories(parsed.data));
    }
  }
  if (entries === 0) {
    throw toolError(
      'tools.advisories.none',
      'invalid-input',
      `"${path}" holds no advisories in OSV form (JSON with "id" and "affected"). Unpack the npm or PyPI export of osv.dev there, or leave "advisories" out.`,
    );
  }
  const keys = new Set(found.map(({ ecosystem, name, id }) => `${ecosystem}:${name}:${id}`));
  const rest = ADVISORIES.filter(
    ({ ecosystem, name, id }) => !keys.has(`${ecosystem}:${name}:${id}`),
  );
  return {
    advisories: [...found, ...rest],
    kind: 'snapshot',
    date: newest.slice(0, 10),
    note: `${entries} OSV entries of "${path}" with ${rest.length} of the built-in sample that it lacks. What was published after the snapshot is not known to it.`,
  };
}
