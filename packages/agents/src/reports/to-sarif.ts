import type { Severity } from '@automatos/contracts';
import type { JsonObject } from '@automatos/kernel';
import { contentHash } from '@automatos/kernel/hash';
import type { ReportSource, RunFinding } from './exported-finding.ts';

type Level = 'error' | 'warning' | 'note';

const LEVELS: Readonly<Record<Severity, Level>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
};
/** SARIF's own scale of importance, 0–100, tells critical from high. */
const RANKS: Readonly<Record<Severity, number>> = {
  critical: 95,
  high: 80,
  medium: 55,
  low: 30,
  info: 5,
};
const ORDER: readonly Level[] = ['note', 'warning', 'error'];
const FINGERPRINT = 'automatosFinding/v1';

/** SARIF 2.1.0 (OASIS) with one run; every finding is a result, every rule stands once. Columns count UTF-16 units. */
export function toSarif(source: ReportSource): JsonObject {
  const rules = rulesOf(source.findings);
  const ids = [...rules.keys()];
  const seen = new Map<string, number>();
  const { run } = source;
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Automatos',
            version: source.version,
            semanticVersion: source.version,
            rules: [...rules.values()],
          },
        },
        automationDetails: { id: `automatos/${run.kind}/${run.id}` },
        invocations: [
          {
            executionSuccessful: run.status === 'completed',
            ...(run.started_at === null ? {} : { startTimeUtc: run.started_at }),
            ...(run.finished_at === null ? {} : { endTimeUtc: run.finished_at }),
          },
        ],
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: {
          SRCROOT: { description: { text: 'The folder that was examined.' } },
        },
        results: source.findings.map((finding) =>
          resultOf(finding, ids.indexOf(finding.rule), seen),
        ),
        properties: { runTitle: run.title, findingsTotal: source.findingsTotal },
      },
    ],
  };
}

/** Each rule once, in the order of its first finding, with the worst level it was found at. */
function rulesOf(findings: readonly RunFinding[]): Map<string, JsonObject> {
  const groups = Map.groupBy(findings, ({ rule }) => rule);
  return new Map(
    [...groups].map(([id, found]) => {
      const levels = found.map(({ severity }) => ORDER.indexOf(LEVELS[severity]));
      const level = ORDER[Math.max(...levels)] ?? 'note';
      const [first] = found;
      const words = id.replaceAll(/[._-]+/g, ' ').trim();
      return [
        id,
        {
          id,
          name: pascal(id),
          shortDescription: { text: `${words.charAt(0).toUpperCase()}${words.slice(1)}` },
          defaultConfiguration: { level },
          ...(first?.fix === undefined ? {} : { help: { text: first.fix } }),
          properties: { tags: [...new Set(found.map(({ tool }) => tool))] },
        },
      ];
    }),
  );
}

function pascal(id: string): string {
  const name = id
    .split(/[^\p{L}\p{N}]+/u)
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join('');
  return name === '' ? 'Rule' : name;
}

function resultOf(finding: RunFinding, ruleIndex: number, seen: Map<string, number>): JsonObject {
  const { rule, severity, message, location, evidence, fix, tool, step_id, agent } = finding;
  return {
    ruleId: rule,
    ruleIndex,
    kind: 'fail',
    level: LEVELS[severity],
    rank: RANKS[severity],
    message: { text: message === '' ? rule : message },
    locations: location === undefined ? [] : [{ physicalLocation: placeOf(location, evidence) }],
    partialFingerprints: { [FINGERPRINT]: fingerprintOf(finding, seen) },
    properties: {
      severity,
      tool,
      step: step_id,
      ...(agent === null ? {} : { agent }),
      ...(evidence === '' ? {} : { evidence }),
      ...(fix === undefined ? {} : { fix }),
    },
  };
}

/** Stays the same when lines move: made of rule, file and evidence, and of the number among equal ones. */
function fingerprintOf(
  { rule, location, evidence }: RunFinding,
  seen: Map<string, number>,
): string {
  const hash = contentHash([rule, location?.path ?? '', evidence.replaceAll(/\s+/g, ' ').trim()]);
  const before = seen.get(hash) ?? 0;
  seen.set(hash, before + 1);
  return `${hash}:${before + 1}`;
}

function placeOf(location: NonNullable<RunFinding['location']>, evidence: string): JsonObject {
  const { path, line, end_line: endLine, column } = location;
  const region =
    line === undefined
      ? {}
      : {
          region: {
            startLine: line,
            ...(column === undefined ? {} : { startColumn: column }),
            ...(endLine === undefined || endLine < line ? {} : { endLine }),
            ...(evidence === '' ? {} : { snippet: { text: evidence } }),
          },
        };
  return { artifactLocation: uriOf(path), ...region };
}

/** Paths are relative to what was examined; an absolute path and a URL stand for themselves. */
function uriOf(path: string): JsonObject {
  if (/^[a-z][a-z\d+.-]+:\/\//i.test(path))
    return { uri: URL.canParse(path) ? new URL(path).href : encodeURI(path) };
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  return path.startsWith('/')
    ? { uri: `file://${encoded}` }
    : { uri: encoded, uriBaseId: 'SRCROOT' };
}
