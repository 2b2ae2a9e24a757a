import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool, type ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { percentOf } from './percent-of.ts';
import type { BundleFile } from './read-bundle.ts';

const BUILT = ['dist', 'build', 'out', 'public', '.next/static', 'www'];
const KB = 1024;
const UNMINIFIED_MIN = 10 * KB;
const DOMINANT_SHARE = 0.4;
const DOMINANT_MIN = 20 * KB;

const input = z.strictObject({
  path: z
    .string()
    .min(1)
    .max(4096)
    .default('.')
    .describe('Folder of built files, or a project with dist, build, out or public in it'),
  budget_kb: z
    .number()
    .min(1)
    .max(100_000)
    .default(250)
    .describe('Most that one script may weigh, gzipped'),
});
const output = z.object({
  folder: z
    .string()
    .nullable()
    .describe('The folder of built files, relative to path; null when there is none'),
  total: z.object({ files: z.int(), bytes: z.int(), gzip_bytes: z.int() }),
  files: z
    .array(
      z.object({
        path: z.string(),
        bytes: z.int(),
        gzip_bytes: z.int(),
        minified: z.boolean(),
        source_map: z.boolean(),
      }),
    )
    .max(200)
    .describe('Largest first'),
  packages: z
    .array(z.object({ name: z.string(), bytes: z.int(), copies: z.int() }))
    .max(100)
    .describe('From source maps, largest first'),
  largest_sources: z
    .array(z.object({ path: z.string(), source: z.string(), bytes: z.int() }))
    .max(50),
});

const NOTHING: z.output<typeof output> = {
  folder: null,
  total: { files: 0, bytes: 0, gzip_bytes: 0 },
  files: [],
  packages: [],
  largest_sources: [],
};

const isCode = (path: string): boolean => /\.(?:[cm]?js|css)$/.test(path);
const kb = (bytes: number): string => `${Math.round(bytes / KB)} kB`;

async function findBuilt(
  path: string,
  env: ToolEnvironment,
): Promise<{ root: string; below: string } | undefined> {
  const { listBuilt } = await import('./read-bundle.ts');
  const root = await env.roots.resolveInside(path);
  if (!(await lstat(root)).isDirectory())
    throw toolError(
      'tools.path.not_folder',
      'invalid-input',
      `"${path}" is a file; give the folder of built files.`,
    );
  for (const below of BUILT) {
    const stats = await lstat(join(root, below)).catch(() => null);
    if (
      stats?.isDirectory() === true &&
      (await listBuilt(join(root, below), env.signal)).some(isCode)
    )
      return { root, below };
  }
  const here = await listBuilt(root, env.signal);
  const isProject = here.some((file) => /(?:^|\/)package\.json$/.test(file));
  return !isProject && here.some(isCode) ? { root, below: '' } : undefined;
}

interface Built {
  files: BundleFile[];
  below: string;
  budget: number;
}

function judgeFile(one: BundleFile, { below, budget }: Built): Omit<Finding, 'tool'>[] {
  const at = (path: string) => ({ path: below === '' ? path : `${below}/${path}`, line: 1 });
  const found: Omit<Finding, 'tool'>[] = [];
  if (one.gzipBytes > budget * KB)
    found.push({
      rule: 'performance.large_bundle',
      severity: 'medium',
      message: `${one.path} weighs ${kb(one.gzipBytes)} gzipped; ${budget} kB are allowed.`,
      location: at(one.path),
      evidence: `${one.bytes} bytes, ${one.gzipBytes} gzipped`,
      fix: 'Load what the first view does not need later, and drop the largest package.',
    });
  if (!one.minified && one.bytes >= UNMINIFIED_MIN)
    found.push({
      rule: 'performance.unminified',
      severity: 'medium',
      message: `${one.path} is not minified (${kb(one.bytes)}).`,
      location: at(one.path),
      evidence: one.firstLine,
      fix: 'Build it for production.',
    });
  if (one.map?.withSources === true)
    found.push({
      rule: 'performance.source_map_shipped',
      severity: 'low',
      message: `${one.map.path} lies with the built files and holds the whole source.`,
      location: at(one.map.path),
      evidence: 'sourcesContent is filled',
      fix: 'Upload source maps to the error tracker and keep them off the server.',
    });
  return found;
}

async function judgePackages({ files, below }: Built): Promise<Omit<Finding, 'tool'>[]> {
  const { packagesOf } = await import('./read-bundle.ts');
  const found: Omit<Finding, 'tool'>[] = [];
  const largest = files
    .filter((file) => file.sources.size > 0)
    .toSorted((a, b) => b.bytes - a.bytes)[0];
  const place =
    largest === undefined
      ? {}
      : { location: { path: below === '' ? largest.path : `${below}/${largest.path}`, line: 1 } };
  const mapped = files
    .filter((file) => file.sources.size > 0)
    .reduce((sum, file) => sum + file.bytes, 0);
  for (const [name, { bytes, folders }] of packagesOf(files)) {
    if (folders.size > 1)
      found.push({
        rule: 'performance.duplicate_package',
        severity: 'medium',
        message: `${name} is bundled ${folders.size} times.`,
        ...place,
        evidence: [...folders].toSorted().join(', '),
        fix: 'Bring all users of it to one version, so that the package manager installs it once.',
      });
    if (bytes >= DOMINANT_MIN && bytes / mapped >= DOMINANT_SHARE)
      found.push({
        rule: 'performance.dominant_package',
        severity: 'low',
        message: `${name} is ${percentOf(bytes / mapped)} of what is bundled (${kb(bytes)}).`,
        ...place,
        evidence: [...folders].toSorted().join(', '),
        fix: 'Import only what is used of it, load it later, or take something smaller.',
      });
  }
  return found;
}

export const bundleAnalysis = defineTool({
  name: 'bundle_analysis',
  title: 'Bundle analysis',
  description:
    'Weighs built scripts and styles (raw and gzipped), names the packages and sources in them by their source maps, and finds large, unminified or duplicated parts and source maps that are shipped.',
  group: 'performance',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 180_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['bundle', 'webpack', 'vite', 'size', 'gzip', 'source map'],
  async run({ path, budget_kb: budget }, env) {
    const built = await findBuilt(path, env);
    if (built === undefined)
      return {
        output: NOTHING,
        summary: `No built scripts or styles: "${path}" has none of the folders ${BUILT.join(', ')} with any.`,
      };
    const { listBuilt, packagesOf, readBundleFile } = await import('./read-bundle.ts');
    const folder = join(built.root, built.below);
    const paths = (await listBuilt(folder, env.signal)).filter(isCode);
    const files: BundleFile[] = [];
    for (const each of paths) {
      env.signal.throwIfAborted();
      const file = await readBundleFile(folder, each);
      if (file !== undefined) files.push(file);
    }
    const all: Built = { files, below: built.below, budget };
    const findings = [
      ...files.flatMap((one) => judgeFile(one, all)),
      ...(await judgePackages(all)),
    ];
    const sum = (of: (file: BundleFile) => number) =>
      files.reduce((total, file) => total + of(file), 0);
    const sources = files.flatMap((file) =>
      [...file.sources].map(([source, bytes]) => ({ path: file.path, source, bytes })),
    );
    const tooLarge = paths.length - files.length;
    return {
      output: {
        folder: built.below,
        total: {
          files: files.length,
          bytes: sum((file) => file.bytes),
          gzip_bytes: sum((file) => file.gzipBytes),
        },
        files: files
          .toSorted((a, b) => b.bytes - a.bytes)
          .slice(0, 200)
          .map((file) => ({
            path: file.path,
            bytes: file.bytes,
            gzip_bytes: file.gzipBytes,
            minified: file.minified,
            source_map: file.map !== null,
          })),
        packages: [...packagesOf(files)]
          .map(([name, { bytes, folders }]) => ({ name, bytes, copies: folders.size }))
          .toSorted((a, b) => b.bytes - a.bytes)
          .slice(0, 100),
        largest_sources: sources.toSorted((a, b) => b.bytes - a.bytes).slice(0, 50),
      },
      summary: `${files.length} scripts and styles in ${built.below || 'the folder'}: ${kb(sum((file) => file.bytes))}, ${kb(sum((file) => file.gzipBytes))} gzipped.${tooLarge === 0 ? '' : ` ${tooLarge} were too large to read.`}`,
      findings: findings.map((one) => ({ ...one, tool: 'bundle_analysis' })),
    };
  },
});
