import { SEVERITIES, type Severity } from '@automatos/contracts';
import semver from 'semver';
import {
  comparableVersion,
  createAdvisoryIndex,
  normalPythonName,
  type Advisory,
} from './advisories.ts';
import type { AuditedPackage } from './audit-result.ts';
import type { Upgrade } from './upgrade-schema.ts';

/** A vulnerable package for which no advisory names a version that helps. */
export interface WithoutFix {
  name: string;
  version: string;
  ids: string[];
  severity: Severity;
  path: string;
  line: number | undefined;
}

/** Versions at which a range ends, and which are therefore fixed: `<1.2.3` gives 1.2.3, `<=1.2.3` the next patch. */
function endsOf(range: string): string[] {
  return [...range.matchAll(/<(=?)\s*(\d[\w.+-]*)/g)].flatMap(([, equal, text = '']) => {
    const version = semver.parse(text, { loose: true });
    if (version === null) return [];
    return [equal === '=' ? version.inc('patch').version : version.version];
  });
}

/** After a list of exact versions (malicious releases) the next patch is the nearest that can be right. */
function afterExact(version: string, range: string): string[] {
  const next = /^[\d.|\s]+$/.test(range) ? semver.inc(version, 'patch') : null;
  return next === null ? [] : [next];
}

function stepOf(from: string, to: string): Upgrade['step'] {
  const difference = semver.diff(from, to);
  if (difference === 'major' || difference === 'premajor') return 'major';
  return difference === 'minor' || difference === 'preminor' ? 'minor' : 'patch';
}

function worst(advisories: readonly Advisory[]): Severity {
  return advisories.reduce<Severity>(
    (top, { severity }) =>
      SEVERITIES.indexOf(severity) > SEVERITIES.indexOf(top) ? severity : top,
    'info',
  );
}

function howTo(entry: AuditedPackage, to: string, fits: boolean | null): string {
  if (entry.ecosystem === 'pypi') return `Set "${entry.name}" to ${to} or later in ${entry.path}.`;
  if (entry.direct)
    return fits === true ? `npm update ${entry.name}` : `npm install ${entry.name}@^${to}`;
  const by = entry.neededBy.length > 0 ? ` (brought by ${entry.neededBy.join(', ')})` : '';
  return `npm update ${entry.name}${by}; when that changes nothing, add "overrides": {"${entry.name}": "^${to}"} to package.json.`;
}

/** Smallest safe versions for all vulnerable packages, by what the advisories say. Pure. */
export function planUpgrades(
  packages: readonly AuditedPackage[],
  advisories: readonly Advisory[],
): { upgrades: Upgrade[]; withoutFix: WithoutFix[] } {
  const find = createAdvisoryIndex(advisories);
  const upgrades = new Map<string, Upgrade>();
  const withoutFix = new Map<string, WithoutFix>();
  for (const entry of packages) {
    const { ecosystem, name, version } = entry;
    const from = version === null ? null : comparableVersion(ecosystem, version);
    const against = from === null ? [] : find(ecosystem, name, from);
    if (from === null || against.length === 0) continue;
    const key = `${ecosystem}:${name}@${from}`;
    const known = advisories.filter(
      (one) =>
        one.ecosystem === ecosystem &&
        (ecosystem === 'pypi'
          ? normalPythonName(one.name) === normalPythonName(name)
          : one.name === name),
    );
    const to = known
      .flatMap(({ range }) => [...endsOf(range), ...afterExact(from, range)])
      .filter((candidate) => semver.gt(candidate, from))
      .toSorted((a, b) => semver.compare(a, b))
      .find((candidate) => find(ecosystem, name, candidate).length === 0);
    const ids = against.map(({ id }) => id);
    const severity = worst(against);
    if (to === undefined) {
      withoutFix.set(key, {
        name,
        version: from,
        ids,
        severity,
        path: entry.path,
        line: entry.line,
      });
      continue;
    }
    if (upgrades.get(key)?.direct === true) continue;
    const range = entry.range ?? null;
    const isRange = range !== null && semver.validRange(range) !== null && ecosystem === 'npm';
    const fits = isRange ? semver.satisfies(to, range) : null;
    upgrades.set(key, {
      ecosystem,
      package: name,
      from,
      to,
      step: stepOf(from, to),
      direct: entry.direct,
      declared: range,
      fits_declared: fits,
      needed_by: entry.neededBy,
      advisories: ids,
      severity,
      path: entry.path,
      how: howTo(entry, to, fits),
    });
  }
  return { upgrades: [...upgrades.values()], withoutFix: [...withoutFix.values()] };
}
