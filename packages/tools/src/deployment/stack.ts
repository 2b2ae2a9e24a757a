import { z } from 'zod';

/** A fact with the place that shows it; `path` is relative to the project. */
const fact = <T extends z.ZodType>(value: T) =>
  z.object({ value, path: z.string(), line: z.int().min(1), evidence: z.string() });

const textFact = fact(z.string());
export type TextFact = z.output<typeof textFact>;
const numberFact = fact(z.int());

const componentSchema = z.object({
  folder: z.string().describe('Relative to the project; "." is the project itself'),
  name: z.string(),
  version: z.string(),
  language: z.string(),
  kind: z
    .enum(['service', 'site', 'library'])
    .describe('service runs, site is built to files, library is used by others'),
  runtime_version: textFact.nullable(),
  package_manager: textFact.nullable(),
  lock_file: z.string().nullable(),
  frameworks: z.array(textFact),
  ports: z.array(numberFact).describe('Likeliest first'),
  health_path: textFact.nullable(),
  environment: z.array(textFact).describe('Names of variables that the sources read'),
  needs: z.array(textFact).describe('Services that it talks to, such as postgres or redis'),
  migrations: textFact.nullable(),
  commands: z.object({
    install: textFact.nullable(),
    build: textFact.nullable(),
    start: textFact.nullable(),
    test: textFact.nullable(),
    lint: textFact.nullable(),
  }),
});
export type Component = z.output<typeof componentSchema>;

export const stackSchema = z.object({
  components: z.array(componentSchema).describe('The one to deploy first'),
  languages: z.record(z.string(), z.int()).describe('Source files by language'),
  deployment_files: z.array(z.string()).describe('What there is already'),
});
export type Stack = z.output<typeof stackSchema>;

/** Something that a line of a source or configuration file shows. */
export interface Signal {
  kind: 'port' | 'environment' | 'health' | 'application';
  value: string;
  path: string;
  line: number;
  evidence: string;
}

/** What detectors work on: the manifests of a project, and what its sources show. */
export interface Project {
  /** Text of each manifest and lock file name by path; lock files have an empty text. */
  manifests: ReadonlyMap<string, string>;
  signals: readonly Signal[];
  /** All paths. */
  paths: ReadonlySet<string>;
}

/** A fact from the first line of `text` that holds `needle`. */
export function factIn(
  { path, text }: { path: string; text: string },
  needle: string,
  value: string,
): TextFact {
  const lines = text.split('\n');
  const index = Math.max(
    0,
    lines.findIndex((line) => line.includes(needle)),
  );
  return { value, path, line: index + 1, evidence: (lines[index] ?? '').trim().slice(0, 200) };
}

/** Path of a file in a component's folder. */
export function inFolder(folder: string, name: string): string {
  return folder === '.' ? name : `${folder}/${name}`;
}

/** A name that images, hosts and Kubernetes accept. */
export function slugOf(name: string): string {
  const slug = name
    .toLowerCase()
    .replace(/^@[^/]+\//, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 50);
  return slug === '' ? 'app' : slug;
}
