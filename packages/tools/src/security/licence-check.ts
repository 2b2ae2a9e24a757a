import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool, type ToolEnvironment } from '../definition.ts';
import { readTextFile } from '../workspace/read-text.ts';
import {
  describeSkipped,
  scanInputShape,
  scanTextFiles,
  type TextFile,
} from '../workspace/scan-files.ts';
import { skippedSchema } from '../workspace/walk.ts';
import { isInside } from '../workspace/roots.ts';
import { classifyLicence, licenceField, recogniseLicence, type LicenceClass } from './licences.ts';

const INSTALLED_MAX = 5000;

const input = z.strictObject(scanInputShape);
const output = z.object({
  own: z.object({
    file: z.string().nullable(),
    recognised: z.string().nullable(),
    declared: z.string().nullable(),
  }),
  dependencies: z.object({
    total: z.int(),
    source: z.enum(['lock_file', 'node_modules', 'none']),
    by_class: z.record(z.string(), z.int()),
    by_licence: z.record(z.string(), z.int()),
  }),
  skipped: skippedSchema,
});

interface Dependency {
  name: string;
  licence: string | undefined;
  path: string;
}

function parse(text: string): Record<string, unknown> {
  try {
    const data: unknown = JSON.parse(text);
    return typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
  } catch {
    return {}; // dependency_audit reports broken manifests
  }
}

function dependenciesOfLock(file: TextFile): Dependency[] {
  const packages = parse(file.text).packages;
  if (typeof packages !== 'object' || packages === null) return [];
  return Object.entries(packages as Record<string, Record<string, unknown>>)
    .filter(([key, entry]) => key.includes('node_modules/') && entry.link !== true)
    .map(([key, entry]) => ({
      name: `${key.slice(key.lastIndexOf('node_modules/') + 13)}@${typeof entry.version === 'string' ? entry.version : ''}`,
      licence: licenceField(entry),
      path: file.path,
    }));
}

/** Reads the manifests of installed packages, one level deep, where the lock file says nothing about licences. */
async function dependenciesInstalled(folder: string, env: ToolEnvironment): Promise<Dependency[]> {
  const modules = join(folder, 'node_modules');
  const names: string[] = [];
  for (const entry of await readdir(modules).catch(() => [])) {
    if (entry.startsWith('.')) continue;
    if (!entry.startsWith('@')) names.push(entry);
    else
      for (const inner of await readdir(join(modules, entry)).catch(() => []))
        names.push(`${entry}/${inner}`);
  }
  const found: Dependency[] = [];
  for (const name of names.toSorted().slice(0, INSTALLED_MAX)) {
    const path = `node_modules/${name}/package.json`;
    const real = await env.roots.resolveInside(join(folder, path)).catch(() => undefined);
    if (real === undefined || !isInside(folder, real)) continue;
    const read = await readTextFile(real);
    if (read.kind === 'text') found.push({ name, licence: licenceField(parse(read.text)), path });
  }
  return found;
}

const JUDGEMENT: Readonly<
  Record<
    Exclude<LicenceClass, 'permissive'>,
    { rule: string; severity: Finding['severity']; message: string; fix: string }
  >
> = {
  strong_copyleft: {
    rule: 'copyleft_dependency',
    severity: 'high',
    message: 'must be passed on under its own terms with the whole work',
    fix: 'Replace it, or check that it is not shipped with the product.',
  },
  restricted: {
    rule: 'restricted_dependency',
    severity: 'high',
    message: 'does not allow free use',
    fix: 'Replace it, or get a licence.',
  },
  weak_copyleft: {
    rule: 'weak_copyleft_dependency',
    severity: 'low',
    message: 'asks that changes to it are published',
    fix: 'Use it unchanged, or publish the changes.',
  },
  unknown: {
    rule: 'unknown_dependency_licence',
    severity: 'low',
    message: 'is not known to this check',
    fix: 'Look it up, and ask its author when there is none.',
  },
};

function judge(dependency: Dependency): Finding | undefined {
  const licence = dependency.licence;
  if (licence === undefined) return undefined; // one finding for all of them
  const kind = classifyLicence(licence);
  if (kind === 'permissive') return undefined;
  const about = JUDGEMENT[kind];
  return {
    rule: `licence.${about.rule}`,
    severity: about.severity,
    message: `The licence of "${dependency.name}" (${licence}) ${about.message}.`,
    location: { path: dependency.path, line: 1 },
    evidence: `${dependency.name}: ${licence}`,
    fix: about.fix,
    tool: 'licence_check',
  };
}

/** Dependencies that state no licence, as one finding: they mostly come in dozens, for one and the same reason. */
function judgeUnstated(dependencies: readonly Dependency[]): Finding[] {
  const names = dependencies
    .filter((dependency) => dependency.licence === undefined)
    .map((dependency) => dependency.name);
  if (names.length === 0) return [];
  return [
    {
      rule: 'licence.unstated',
      severity: 'low',
      message: `${names.length} dependencies state no licence where this check looks.`,
      evidence: `${names.slice(0, 8).join(', ')}${names.length > 8 ? ` and ${names.length - 8} more` : ''}`,
      fix: 'Look them up; without a licence nobody may use a work.',
      tool: 'licence_check',
    },
  ];
}

interface Own {
  file: string | null;
  recognised: string | null;
  declared: string | null;
}

function judgeOwn(own: Own, isPrivate: boolean): Finding[] {
  const make = (
    rule: string,
    severity: Finding['severity'],
    about: { message: string; evidence: string; fix: string; path?: string | null },
  ): Finding => ({
    rule: `licence.${rule}`,
    severity,
    message: about.message,
    evidence: about.evidence,
    fix: about.fix,
    tool: 'licence_check',
    ...(about.path === undefined || about.path === null
      ? {}
      : { location: { path: about.path, line: 1 } }),
  });
  const found: Finding[] = [];
  if (own.file === null)
    found.push(
      make('file_missing', isPrivate ? 'low' : 'medium', {
        message: 'The folder has no licence file; by default nobody may use the work.',
        evidence: 'no LICENSE or COPYING at the top',
        fix: 'Add the text of the licence.',
      }),
    );
  else if (own.recognised === null)
    found.push(
      make('file_unknown', 'info', {
        message: 'The text of the licence file is none that this check knows.',
        evidence: own.file,
        fix: 'Use an unchanged text of a known licence.',
        path: own.file,
      }),
    );
  if (
    own.recognised !== null &&
    own.declared !== null &&
    own.recognised.split('-')[0] !== own.declared.split('-')[0]
  ) {
    found.push(
      make('mismatch', 'medium', {
        message: `The licence file says ${own.recognised}, the manifest says ${own.declared}.`,
        evidence: `${own.recognised} ≠ ${own.declared}`,
        fix: 'Make both say the same.',
        path: own.file,
      }),
    );
  }
  return found;
}

function tally(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries(
    [...counts].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 60),
  );
}

export const licenceCheck = defineTool({
  name: 'licence_check',
  title: 'Check licences',
  description:
    'Checks the licence of the folder itself and of its npm dependencies, from the lock file or the installed packages.',
  group: 'security',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 120_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['license', 'compliance', 'copyleft', 'gpl'],
  async run(request, env) {
    const own: Own = { file: null, recognised: null, declared: null };
    let isPrivate = false;
    let dependencies: Dependency[] = [];
    const scan = await scanTextFiles(request, env, {
      wants: (file) =>
        /^(?:licen[cs]e|copying|unlicense)(?:[.-][^/]*)?$/i.test(file.path) ||
        file.path === 'package.json' ||
        file.path === 'package-lock.json',
      bytesMax: 32 * 1024 * 1024,
      onFile(file) {
        if (file.path === 'package-lock.json') dependencies = dependenciesOfLock(file);
        else if (file.path === 'package.json') {
          const manifest = parse(file.text);
          own.declared = licenceField(manifest) ?? null;
          isPrivate = manifest.private === true;
        } else if (own.file === null) {
          own.file = file.path;
          own.recognised = recogniseLicence(file.text) ?? null;
        }
      },
    });
    const isStated = dependencies.some((dependency) => dependency.licence !== undefined);
    let source: 'lock_file' | 'node_modules' | 'none' = isStated ? 'lock_file' : 'none';
    if (!isStated) {
      const installed = await dependenciesInstalled(scan.folder, env);
      if (installed.length > 0) source = 'node_modules';
      dependencies = installed;
    }
    const unique = [
      ...new Map(dependencies.map((dependency) => [dependency.name, dependency])).values(),
    ];
    const findings = [
      ...judgeOwn(own, isPrivate),
      ...judgeUnstated(unique),
      ...unique.flatMap((dependency) => judge(dependency) ?? []),
    ];
    return {
      output: {
        own,
        dependencies: {
          total: unique.length,
          source,
          by_class: tally(unique.map((dependency) => classifyLicence(dependency.licence ?? ''))),
          by_licence: tally(unique.map((dependency) => dependency.licence ?? '(none stated)')),
        },
        skipped: scan.skipped,
      },
      summary: `Own licence: ${own.recognised ?? own.declared ?? 'none found'}. ${source === 'none' ? 'No dependency with a stated licence was found' : `${unique.length} dependencies read from the ${source === 'lock_file' ? 'lock file' : 'installed packages'}`}; ${findings.length} findings.${describeSkipped(scan.skipped)}`,
      findings,
    };
  },
});
