import type { TargetKind } from './target-facts.ts';

const BY_ENDING: readonly [RegExp, TargetKind][] = [
  [/\.(csv|tsv|parquet|xlsx|jsonl|ndjson|arrow|feather)$/i, 'data_file'],
  [/\.(log|out)$|\.log\.\d+$/i, 'log_file'],
  [
    /\.([cm]?[jt]sx?|py|go|rs|java|kt|rb|php|cs|cpp|cc|c|h|hpp|swift|scala|sql|sh|vue|svelte)$/i,
    'source_file',
  ],
  [/\.(md|mdx|rst|adoc|txt|html?|pdf|docx)$/i, 'document'],
];
/** Files of these endings may describe an API; only their content tells. */
const MAY_BE_API = /\.(ya?ml|json)$/i;
const API_HEAD = /(^|[\s{"'])(openapi|swagger)["']?\s*:\s*["']?[23]/;
const LOG_LINE =
  /^\s*(\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\d\d\d\d\/\d\d\/\d\d |\w{3} +\d+ \d\d:\d\d:\d\d|\{"(ts|time|timestamp|level)")/;

/** What a file is by its name, and where that leaves it open by its first characters. */
export function classifyFile(name: string, head: string): TargetKind {
  if (MAY_BE_API.test(name)) {
    if (API_HEAD.test(head)) return 'api_description';
    return /\.json$/i.test(name) && head.trimStart().startsWith('[') ? 'data_file' : 'file';
  }
  const known = BY_ENDING.find(([ending]) => ending.test(name));
  if (known !== undefined) return known[1];
  const lines = head.split('\n').slice(0, 5);
  return lines.length > 0 &&
    lines.every((line) => line === '' || LOG_LINE.test(line)) &&
    head !== ''
    ? 'log_file'
    : 'file';
}

/** Whether only the content of a file of this name can tell what it is. */
export function needsHead(name: string): boolean {
  return MAY_BE_API.test(name);
}

/** Whether a path is one of a test. */
export function isTest(path: string): boolean {
  return /(^|\/)(tests?|__tests__|spec)\//i.test(path) || /[._-](test|spec)\.[a-z]+$/i.test(path);
}

/** Whether a file says how something is built or rolled out. */
export function isDeployment(path: string): boolean {
  return /(^|\/)(dockerfile[^/]*|docker-compose[^/]*\.ya?ml|compose\.ya?ml|[^/]*\.tf|chart\.yaml)$|(^|\/)\.github\/workflows\//i.test(
    path,
  );
}
