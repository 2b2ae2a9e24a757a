import type { Finding, Severity } from '@automatos/contracts';

export const DEPLOYMENT_KINDS = ['dockerfile', 'compose', 'kubernetes', 'workflow'] as const;
export type DeploymentKind = (typeof DEPLOYMENT_KINDS)[number];

/** A file that says how something is built or run. */
export interface DeploymentFile {
  path: string;
  text: string;
}

/** What a file is by its path alone; other YAML may still be of Kubernetes. */
export function kindByPath(path: string): DeploymentKind | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (/^(?:Dockerfile|Containerfile)(?:\.[\w.-]+)?$|\.dockerfile$/i.test(name)) return 'dockerfile';
  if (/^(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml$/.test(name)) return 'compose';
  return /(?:^|\/)\.github\/workflows\/[^/]+\.ya?ml$/.test(path) ? 'workflow' : undefined;
}

/** What a file is, for YAML also by what stands in it. */
export function kindOf({ path, text }: DeploymentFile): DeploymentKind | undefined {
  const known = kindByPath(path);
  if (known !== undefined || !/\.ya?ml$/.test(path)) return known;
  return /^apiVersion:\s*\S/m.test(text) && /^kind:\s*\S/m.test(text) ? 'kubernetes' : undefined;
}

/** True for files that are named like parts of a deployment. */
export function isDeploymentFile(path: string): boolean {
  return (
    kindByPath(path) !== undefined ||
    /(?:^|\/)\.dockerignore$|(?:^|\/)(?:k8s|kubernetes|deploy|manifests|helm|charts)\/.*\.ya?ml$/.test(
      path,
    )
  );
}

/** What a rule says about one place. */
export interface Problem {
  rule: string;
  severity: Severity;
  message: string;
  line: number;
  fix: string;
  /** Quoted instead of the line, for values that must not be shown. */
  evidence?: string;
}

/** Makes findings of problems, with the line of the file as evidence. */
export function toFindings(file: DeploymentFile, problems: readonly Problem[]): Finding[] {
  const lines = file.text.split('\n');
  return problems.map(({ line, evidence, ...problem }) => ({
    ...problem,
    location: { path: file.path, line: Math.max(1, line) },
    evidence: evidence ?? ((lines[line - 1] ?? '').trim().slice(0, 300) || 'the whole file'),
    tool: 'validate_deployment_files',
  }));
}

const SECRET_NAME =
  /(?:password|passwd|pwd|secret|token|api_?key|private_?key|access_?key|credential)s?(?:_[a-z0-9]+)?$/i;
/** Names that only sound like secrets: a file that holds one, its name, its age. */
const NOT_SECRET = /(?:_file|_path|_name|_id|_url|_ttl|_expiry|_length|_header|_type|_version)$/i;

/** True when a variable of this name holds a secret, as far as names tell. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !NOT_SECRET.test(name);
}

/** True for a value that stands in the file itself, rather than being taken from outside. */
export function isLiteral(value: string): boolean {
  return value.trim() !== '' && !/^\$\{?[A-Za-z_]|^\$\{\{|^<.*>$/.test(value.trim());
}

/** First characters only: enough to find it. */
export function mask(value: string): string {
  return `${value.length > 8 ? value.slice(0, 2) : ''}****`;
}

/** What an image's name says about its version. */
function judgeImage(image: string): 'fine' | 'latest' | 'loose' {
  if (image.includes('@sha256:') || image.includes('$')) return 'fine';
  const name = image.slice(image.lastIndexOf('/') + 1);
  const tag = name.includes(':') ? name.slice(name.indexOf(':') + 1) : '';
  if (tag === '' || /^(?:latest|main|master|nightly|edge|stable)$/.test(tag)) return 'latest';
  return /\d+[.-]\d+|[0-9a-f]{7,}|\d{6,}/.test(tag) ? 'fine' : 'loose';
}

/** Problems of an image's version, under the prefix of the kind of file. */
export function imageProblems(prefix: string, image: string, line: number): Problem[] {
  const judged = judgeImage(image);
  if (judged === 'fine') return [];
  return [
    {
      rule: `${prefix}.${judged === 'latest' ? 'latest_image' : 'loose_image'}`,
      severity: judged === 'latest' ? 'medium' : 'low',
      message:
        judged === 'latest'
          ? `"${image}" names no version: what runs tomorrow is not what was tested.`
          : `"${image}" moves with each release of its line.`,
      line,
      fix: 'Name a full version, best with its digest.',
    },
  ];
}
