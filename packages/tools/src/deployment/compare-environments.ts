import { dirname, relative, resolve, sep } from 'node:path';
import type { Finding } from '@automatos/contracts';
import type { z } from 'zod';
import type { ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { scanTextFiles, type TextFile } from '../workspace/scan-files.ts';
import { compareText, noneSkipped, type Skipped } from '../workspace/walk.ts';
import { isSecretName, mask } from './deployment-files.ts';
import type { environmentDiffSchema } from './environment-schema.ts';
import { isSettingsFile, readSettings, type Setting } from './read-settings.ts';

export type EnvironmentDiff = z.output<typeof environmentDiffSchema>;

interface Side {
  /** Real absolute folder that `files` are relative to. */
  folder: string;
  files: Map<string, TextFile>;
  /** True when a single file was named. */
  isFile: boolean;
  skipped: Skipped;
}

async function readSide(place: string, env: ToolEnvironment): Promise<Side> {
  const files = new Map<string, TextFile>();
  const real = await env.roots.resolveInside(place);
  const scan = await scanTextFiles({ path: real }, env, {
    wants: ({ absolute, path }) => absolute === real || isSettingsFile(path),
    onFile: (file) => void files.set(file.path, file),
  });
  if (files.size === 0)
    throw toolError(
      'tools.deployment.no_settings',
      'invalid-input',
      `"${place}" holds no settings: name a .env, JSON, YAML or properties file, or a folder with some.`,
    );
  return { folder: scan.folder, files, isFile: scan.folder !== real, skipped: scan.skipped };
}

type Pair = [current: TextFile, wanted: TextFile];

function pairs(current: Side, wanted: Side): Pair[] {
  const [first] = current.files.values();
  const [second] = wanted.files.values();
  if (current.isFile && wanted.isFile && first !== undefined && second !== undefined)
    return [[first, second]];
  return [...current.files].flatMap(([path, file]): Pair[] => {
    const other = wanted.files.get(path);
    return other === undefined ? [] : [[file, other]];
  });
}

const PLACEHOLDER =
  /^(?:change[-_ ]?me|todo|tbd|fixme|xxx+|<.*>|your[-_ ].*|replace[-_ ]?me|example)$/i;

interface Report {
  diff: EnvironmentDiff;
  findings: Finding[];
}

interface Parts {
  rule: string;
  severity: Finding['severity'];
  message: string;
  evidence: string;
  fix: string;
}

function finding(parts: Parts, path: string, line: number): Finding {
  return {
    ...parts,
    rule: `env.${parts.rule}`,
    location: { path, line },
    tool: 'environment_diff',
  };
}

function shown({ key, value }: Setting): string {
  const isSecret = isSecretName(key.slice(key.lastIndexOf('.') + 1));
  // An address may carry a password.
  const safe = value.replace(/(:\/\/[^\s:@/]*:)[^\s@/]+@/, '$1****@');
  return isSecret && value !== '' ? mask(value) : safe.slice(0, 200);
}

const secretOf = ({ key }: Setting) => isSecretName(key.slice(key.lastIndexOf('.') + 1));

function judgeWanted(settings: readonly Setting[], path: string): Finding[] {
  return settings.flatMap((setting): Finding[] => {
    const found: Finding[] = [];
    if (PLACEHOLDER.test(setting.value))
      found.push(
        finding(
          {
            rule: 'placeholder',
            severity: 'high',
            message: `"${setting.key}" still has a placeholder.`,
            evidence: `${setting.key}=${setting.value}`,
            fix: 'Give the real value.',
          },
          path,
          setting.line,
        ),
      );
    if (setting.repeats !== undefined)
      found.push(
        finding(
          {
            rule: 'repeated_key',
            severity: 'medium',
            message: `"${setting.key}" is set twice; the later one wins in most readers, not in all.`,
            evidence: `lines ${setting.repeats} and ${setting.line}`,
            fix: 'Keep one.',
          },
          path,
          setting.line,
        ),
      );
    return found;
  });
}

/** Compares one pair of files; paths are those to show. */
function comparePair(
  [current, wanted]: [Setting[], Setting[]],
  [currentPath, wantedPath]: [string, string],
  { diff, findings }: Report,
): void {
  const before = new Map(current.map((one) => [one.key, one]));
  const after = new Map(wanted.map((one) => [one.key, one]));
  for (const [key, setting] of before) {
    if (after.has(key)) continue;
    diff.missing.push({ key, file: wantedPath });
    findings.push(
      finding(
        {
          rule: 'missing_key',
          severity: 'high',
          message: `"${key}" is set in ${currentPath} and missing in ${wantedPath}.`,
          evidence: `${key}=${shown(setting)}`,
          fix: 'Add it, or remove it from the current environment when it is no longer read.',
        },
        currentPath,
        setting.line,
      ),
    );
  }
  for (const [key, setting] of after) {
    const other = before.get(key);
    if (other === undefined) diff.added.push({ key, file: wantedPath });
    else if (other.value === setting.value) diff.same += 1;
    else
      diff.different.push({
        key,
        file: wantedPath,
        current: shown(other),
        wanted: shown(setting),
        secret: secretOf(setting),
      });
    if (other === undefined || !secretOf(setting)) continue;
    if (setting.value === '' || other.value !== setting.value) continue;
    findings.push(
      finding(
        {
          rule: 'shared_secret',
          severity: 'medium',
          message: `Both environments have the same "${key}": who gets into one has the other.`,
          evidence: `${key}=${shown(setting)}`,
          fix: 'Give each environment a secret of its own.',
        },
        wantedPath,
        setting.line,
      ),
    );
  }
  findings.push(...judgeWanted(wanted, wantedPath));
}

function settingsOf(file: TextFile, shownPath: string): Setting[] {
  const settings = readSettings(file.path, file.text);
  if (settings !== undefined) return settings;
  throw toolError(
    'tools.deployment.settings_malformed',
    'invalid-input',
    `"${shownPath}" is no valid ${file.path.endsWith('.json') ? 'JSON' : 'YAML'}; correct it first.`,
  );
}

/** Compares the settings of two places. Throws `tools.deployment.no_settings` and `tools.deployment.settings_malformed`. */
export async function compareEnvironments(
  request: { path?: string | undefined; current: string; wanted: string },
  env: ToolEnvironment,
): Promise<Report & { skipped: Skipped }> {
  const base = request.path === undefined ? undefined : await env.roots.resolveInside(request.path);
  const below = (place: string) => (base === undefined ? place : resolve(base, place));
  const current = await readSide(below(request.current), env);
  const wanted = await readSide(below(request.wanted), env);
  const top = base ?? commonFolder(current.folder, wanted.folder);
  const show = (file: TextFile) => relative(top, file.absolute).split(sep).join('/');
  const report: Report = {
    diff: {
      missing: [],
      added: [],
      different: [],
      same: 0,
      compared: [],
      only_in_current: [],
      only_in_wanted: [],
    },
    findings: [],
  };
  const matched = pairs(current, wanted);
  for (const [before, after] of matched) {
    const shownPair: [string, string] = [show(before), show(after)];
    report.diff.compared.push({ current: shownPair[0], wanted: shownPair[1] });
    comparePair(
      [settingsOf(before, shownPair[0]), settingsOf(after, shownPair[1])],
      shownPair,
      report,
    );
  }
  const known = new Set(matched.flat());
  const rest = (side: Side) =>
    [...side.files.values()]
      .filter((file) => !known.has(file))
      .map(show)
      .toSorted(compareText);
  report.diff.only_in_current = rest(current);
  report.diff.only_in_wanted = rest(wanted);
  return { ...report, skipped: add(current.skipped, wanted.skipped) };
}

function commonFolder(a: string, b: string): string {
  let folder = a;
  while (folder !== dirname(folder) && relative(folder, b).startsWith('..'))
    folder = dirname(folder);
  return folder;
}

function add(a: Skipped, b: Skipped): Skipped {
  const sum = noneSkipped();
  for (const key of Object.keys(sum) as (keyof Skipped)[]) sum[key] = a[key] + b[key];
  return sum;
}
