import type { Finding } from '@automatos/contracts';
import semver from 'semver';
import type { TextFile } from '../workspace/scan-files.ts';
import type { FindAdvisories } from './advisories.ts';
import {
  auditFinding,
  isRecord,
  parseJson,
  type AuditedPackage,
  type AuditResult,
  type FindingParts,
} from './audit-result.ts';
import { jsonLines, pointerKey } from './json-lines.ts';

/** A package.json with the line of each key. */
export interface Manifest {
  path: string;
  lines: Map<string, number>;
  sections: Map<string, Record<string, string>>;
}

const SECTIONS = [
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
] as const;

/** Reads a package.json, or undefined when it is not valid. */
export function readManifest(file: TextFile): Manifest | undefined {
  const data = parseJson(file.text);
  if (!isRecord(data)) return undefined;
  const sections = new Map<string, Record<string, string>>();
  for (const section of SECTIONS) {
    const entries = isRecord(data[section]) ? Object.entries(data[section]) : [];
    sections.set(
      section,
      Object.fromEntries(
        entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
      ),
    );
  }
  return { path: file.path, lines: jsonLines(file.text), sections };
}

/** What is wrong with a declared range by itself. */
function judgeRange(
  name: string,
  range: string,
): Omit<FindingParts, 'path' | 'line' | 'evidence'> | undefined {
  if (range === '' || range === '*' || range === 'x' || range === 'latest') {
    return {
      rule: 'wildcard',
      severity: 'high',
      message: `"${name}" accepts any version, also one published tomorrow by a stranger.`,
      fix: 'Name a version or a range with an upper bound.',
    };
  }
  if (range.startsWith('http://'))
    return {
      rule: 'plain_http',
      severity: 'high',
      message: `"${name}" is fetched without encryption.`,
      fix: 'Use the registry or an https URL with a checksum.',
    };
  if (
    /^(?:git(?:\+|:)|github:|gitlab:|bitbucket:|https:\/\/|[\w.-]+\/[\w.-]+(?:#|$))/.test(range)
  ) {
    const pinned = /#(?:[0-9a-f]{40})$/.test(range);
    return pinned
      ? undefined
      : {
          rule: 'unpinned_source',
          severity: 'medium',
          message: `"${name}" comes from a repository or URL that can change.`,
          fix: 'Pin a full commit hash, or use the registry.',
        };
  }
  if (/^(?:npm:|file:|link:|workspace:|portal:|catalog:)/.test(range)) return undefined;
  const parsed = semver.validRange(range, { loose: true });
  if (parsed !== null && /^>=?[^<]*$/.test(parsed))
    return {
      rule: 'open_range',
      severity: 'medium',
      message: `"${name}" has no upper bound (${range}).`,
      fix: 'Use a caret range or an exact version.',
    };
  return undefined;
}

/** Judges what a manifest declares; without a lock file also the lowest versions that it allows. */
export function auditManifest(
  manifest: Manifest,
  hasLock: boolean,
  find: FindAdvisories,
): AuditResult {
  const findings: Finding[] = [];
  const packages: AuditedPackage[] = [];
  for (const [section, entries] of manifest.sections) {
    if (section === 'peerDependencies') continue; // ranges are meant to be wide there
    for (const [name, range] of Object.entries(entries)) {
      const line = manifest.lines.get(`/${section}/${pointerKey(name)}`);
      const problem = judgeRange(name, range);
      const evidence = `"${name}": "${range}"`;
      if (problem !== undefined)
        findings.push(auditFinding({ ...problem, path: manifest.path, line, evidence }));
      if (hasLock) continue;
      const lowest =
        semver.validRange(range) === null ? null : (semver.minVersion(range)?.version ?? null);
      packages.push({
        ecosystem: 'npm',
        name,
        version: lowest,
        direct: true,
        path: manifest.path,
        line,
        range,
        neededBy: [],
      });
      for (const advisory of lowest === null ? [] : find('npm', name, lowest)) {
        findings.push(
          auditFinding({
            rule: 'vulnerable',
            severity: advisory.severity,
            path: manifest.path,
            line,
            evidence: `${evidence} · ${advisory.id}: ${advisory.range}`,
            message: `The declared range of "${name}" allows ${lowest}: ${advisory.summary} (${advisory.id}).`,
            fix: `Raise it out of ${advisory.range}.`,
          }),
        );
      }
    }
  }
  return { findings, packages };
}
