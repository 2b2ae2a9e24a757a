export const TARGET_KINDS = [
  'none',
  'text',
  'url',
  'domain',
  'folder',
  'data_file',
  'api_description',
  'log_file',
  'source_file',
  'document',
  'file',
] as const;
export type TargetKind = (typeof TARGET_KINDS)[number];

/** What a task is about, as it was really found. */
export interface TargetFacts {
  kind: TargetKind;
  /** As the task names it; null without one. */
  target: string | null;
  /** In one sentence, for people and prompts. */
  summary: string;
  /** Of a folder: files seen, at most the bound. */
  files: number;
  /** Whether there were more than are counted. */
  truncated: boolean;
  isGit: boolean;
  /** Paths relative to the target, at most ten each, in order. */
  dataFiles: string[];
  apiDescriptions: string[];
  logFiles: string[];
  documents: number;
  sourceFiles: number;
  tests: number;
  deployments: string[];
}

/** Nothing to look at. */
export function emptyFacts(kind: TargetKind, target: string | null, summary: string): TargetFacts {
  return {
    kind,
    target,
    summary,
    files: 0,
    truncated: false,
    isGit: false,
    dataFiles: [],
    apiDescriptions: [],
    logFiles: [],
    documents: 0,
    sourceFiles: 0,
    tests: 0,
    deployments: [],
  };
}
