import type { Finding } from '@automatos/contracts';
import type { TextFile } from '../workspace/scan-files.ts';
import { pythonVersion, type FindAdvisories } from './advisories.ts';
import { auditFinding, type AuditedPackage, type AuditResult } from './audit-result.ts';

interface Requirement {
  name: string;
  specifier: string;
  line: number;
  raw: string;
}

const REQUIREMENT = /^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(.*)$/;

function parseRequirement(text: string, line: number): Requirement | undefined {
  const raw = text.replace(/(?:^|\s)#.*$/, '').trim();
  if (raw === '' || raw.startsWith('-')) return undefined;
  const match = REQUIREMENT.exec(raw.split(';', 1)[0]?.trim() ?? '');
  return match === null
    ? undefined
    : {
        name: match[1] ?? '',
        specifier: (match[2] ?? '')
          .replace(/\s*--hash.*$/, '')
          .replace(/^\((.*)\)$/, '$1')
          .trim(),
        line,
        raw,
      };
}

/** Reads the arrays of dependencies of pyproject.toml (PEP 621) and the tables of Poetry, line by line. */
function readPyproject(text: string): Requirement[] {
  const found: Requirement[] = [];
  let table = '';
  let inList = false;
  for (const [index, line] of text.split('\n').entries()) {
    const header = /^\s*\[+([^\]]+)\]+\s*$/.exec(line);
    if (header !== null) {
      table = (header[1] ?? '').trim();
      inList = false;
      continue;
    }
    if (/^tool\.poetry(?:\.group\.[\w-]+)?\.(?:dev-)?dependencies$/.test(table)) {
      const pair =
        /^\s*["']?([\w.-]+)["']?\s*=\s*(?:["']([^"']*)["']|\{.*?version\s*=\s*["']([^"']*)["'].*)/.exec(
          line,
        );
      if (pair !== null && pair[1] !== 'python')
        found.push({
          name: pair[1] ?? '',
          specifier: (pair[2] ?? pair[3] ?? '').replace(/^(\d)/, '==$1'),
          line: index + 1,
          raw: line.trim(),
        });
      continue;
    }
    const opens =
      (table === 'project' && /^\s*dependencies\s*=\s*\[/.test(line)) ||
      (table === 'project.optional-dependencies' && /=\s*\[/.test(line));
    if (opens) inList = true;
    if (!inList) continue;
    for (const item of line.matchAll(/"([^"]+)"|'([^']+)'/g)) {
      const requirement = parseRequirement(item[1] ?? item[2] ?? '', index + 1);
      if (requirement !== undefined) found.push(requirement);
    }
    if (/\]\s*,?\s*(?:#.*)?$/.test(line)) inList = false;
  }
  return found;
}

function judge(requirement: Requirement, path: string, needsPin: boolean): Finding[] {
  const { name, specifier, line, raw } = requirement;
  if (specifier.startsWith('@')) {
    if (/@\s*http:\/\//.test(specifier))
      return [
        auditFinding({
          rule: 'plain_http',
          severity: 'high',
          path,
          line,
          evidence: raw,
          message: `"${name}" is fetched without encryption.`,
          fix: 'Use the index or an https URL with a hash.',
        }),
      ];
    if (/git\+/.test(specifier) && !/@[0-9a-f]{40}\b/.test(specifier))
      return [
        auditFinding({
          rule: 'unpinned_source',
          severity: 'medium',
          path,
          line,
          evidence: raw,
          message: `"${name}" comes from a repository that can change.`,
          fix: 'Pin a full commit hash.',
        }),
      ];
    return [];
  }
  if (specifier === '' || specifier === '*')
    return [
      auditFinding({
        rule: 'wildcard',
        severity: 'high',
        path,
        line,
        evidence: raw,
        message: `"${name}" accepts any version, also one published tomorrow by a stranger.`,
        fix: 'Name a version: name==1.2.3.',
      }),
    ];
  if (needsPin && !/^={2,3}\s*[^*]+$/.test(specifier))
    return [
      auditFinding({
        rule: 'unpinned',
        severity: 'low',
        path,
        line,
        evidence: raw,
        message: `"${name}" is not pinned to one version.`,
        fix: 'Pin it with ==, best with hashes.',
      }),
    ];
  return [];
}

/** Version that is installed, or the lowest that may be. */
function lowestVersion(specifier: string): { version: string; exact: boolean } | undefined {
  const match = /(===?|~=|>=|\^|~)\s*v?(\d[\w.]*)/.exec(specifier);
  if (match === null) return undefined;
  return { version: match[2] ?? '', exact: match[1]?.startsWith('==') === true };
}

function vulnerabilities(requirement: Requirement, path: string, find: FindAdvisories): Finding[] {
  const lowest = lowestVersion(requirement.specifier);
  if (lowest === undefined) return [];
  return find('pypi', requirement.name, lowest.version).map((advisory) =>
    auditFinding({
      rule: 'vulnerable',
      severity: advisory.severity,
      path,
      line: requirement.line,
      evidence: `${requirement.raw} · ${advisory.id}: ${advisory.range}`,
      message: `${lowest.exact ? '' : 'The declared range allows '}"${requirement.name}" ${lowest.version}: ${advisory.summary} (${advisory.id}).`,
      fix: `Raise it out of ${advisory.range}.`,
    }),
  );
}

function hasLock(path: string, paths: ReadonlySet<string>): boolean {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  return ['poetry.lock', 'uv.lock', 'pdm.lock', 'requirements.lock', 'Pipfile.lock'].some((name) =>
    paths.has(folder + name),
  );
}

/** Judges requirements files and pyproject.toml. */
export function auditPython(
  files: readonly TextFile[],
  paths: ReadonlySet<string>,
  find: FindAdvisories,
): AuditResult {
  const findings: Finding[] = [];
  const packages: AuditedPackage[] = [];
  for (const file of files) {
    const isList = /(?:^|\/)requirements[^/]*\.txt$/.test(file.path);
    if (!isList && !/(?:^|\/)pyproject\.toml$/.test(file.path)) continue;
    const requirements = isList
      ? file.text.split('\n').flatMap((line, index) => parseRequirement(line, index + 1) ?? [])
      : readPyproject(file.text);
    for (const requirement of requirements) {
      findings.push(
        ...judge(requirement, file.path, isList),
        ...vulnerabilities(requirement, file.path, find),
      );
      const lowest = lowestVersion(requirement.specifier);
      packages.push({
        ecosystem: 'pypi',
        name: requirement.name,
        version: lowest === undefined ? null : pythonVersion(lowest.version),
        direct: true,
        path: file.path,
        line: requirement.line,
        range: requirement.specifier,
        neededBy: [],
      });
    }
    if (isList && /^\s*--(?:index-url|extra-index-url)\s+http:\/\//m.test(file.text)) {
      findings.push(
        auditFinding({
          rule: 'plain_http',
          severity: 'high',
          path: file.path,
          evidence: 'an index over http',
          message: 'Packages are fetched without encryption.',
          fix: 'Use an https index.',
        }),
      );
    }
    if (!isList && requirements.length > 0 && !hasLock(file.path, paths)) {
      findings.push(
        auditFinding({
          rule: 'lock_missing',
          severity: 'low',
          path: file.path,
          evidence: 'no lock file beside it',
          message: 'Without a lock file each installation may get other versions.',
          fix: 'Commit the lock file of your tool (uv, Poetry, PDM).',
        }),
      );
    }
  }
  return { findings, packages };
}
