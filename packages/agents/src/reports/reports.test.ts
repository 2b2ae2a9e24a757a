import { FINDING_FORMATS } from '@automatos/contracts';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { exportFindings } from './export-findings.ts';
import type { ReportSource, RunFinding } from './exported-finding.ts';

/** The part of the published schema of SARIF 2.1.0 that our files use, as strict as it is there. */
const message = z.strictObject({ text: z.string().min(1) });
const level = z.enum(['none', 'note', 'warning', 'error']);
const region = z
  .strictObject({
    startLine: z.int().min(1),
    startColumn: z.int().min(1).optional(),
    endLine: z.int().min(1).optional(),
    snippet: z.strictObject({ text: z.string() }).optional(),
  })
  .refine((one) => one.endLine === undefined || one.endLine >= one.startLine);
const properties = z.looseObject({ tags: z.array(z.string()).optional() });
const uriReference = z.string().refine((uri) => URL.canParse(uri, 'file:///root/'));
const result = z.strictObject({
  ruleId: z.string(),
  ruleIndex: z.int().min(-1),
  kind: z.enum(['notApplicable', 'pass', 'fail', 'review', 'open', 'informational']),
  level,
  rank: z.number().min(-1).max(100),
  message,
  locations: z.array(
    z.strictObject({
      physicalLocation: z.strictObject({
        artifactLocation: z.strictObject({
          uri: uriReference,
          uriBaseId: z.string().optional(),
        }),
        region: region.optional(),
      }),
    }),
  ),
  partialFingerprints: z.record(z.string(), z.string()),
  properties,
});
const sarif = z.strictObject({
  $schema: z.url(),
  version: z.literal('2.1.0'),
  runs: z.array(
    z.strictObject({
      tool: z.strictObject({
        driver: z.strictObject({
          name: z.string(),
          version: z.string(),
          semanticVersion: z.string(),
          rules: z.array(
            z.strictObject({
              id: z.string(),
              name: z.string(),
              shortDescription: message,
              help: message.optional(),
              defaultConfiguration: z.strictObject({ level }),
              properties,
            }),
          ),
        }),
      }),
      automationDetails: z.strictObject({ id: z.string() }),
      invocations: z.array(
        z.strictObject({
          executionSuccessful: z.boolean(),
          startTimeUtc: z.iso.datetime().optional(),
          endTimeUtc: z.iso.datetime().optional(),
        }),
      ),
      columnKind: z.enum(['utf16CodeUnits', 'unicodeCodePoints']),
      originalUriBaseIds: z.record(
        z.string(),
        z.strictObject({ uri: uriReference.optional(), description: message.optional() }),
      ),
      results: z.array(result),
      properties,
    }),
  ),
});

const KEY = ['sk', 'live', '0123456789abcdefghij'].join('-');

const planted = (more: Partial<RunFinding>): RunFinding => ({
  rule: 'secrets.key',
  severity: 'high',
  message: 'A key is in the file',
  location: { path: 'src/a b/ü.ts', line: 3, end_line: 4, column: 7 },
  evidence: 'const key = "sk-l…"',
  tool: 'secret_scan',
  step_id: 'scan',
  agent: 'security',
  ...more,
});

function source(findings: RunFinding[]): ReportSource {
  return {
    run: {
      id: '01990000-0000-7000-8000-000000000001',
      kind: 'agent',
      title: 'Security: <b>scan</b>',
      status: 'completed',
      created_at: '2026-11-22T01:00:00.000Z',
      started_at: '2026-11-22T01:00:00.000Z',
      finished_at: '2026-11-22T01:00:02.000Z',
    },
    findings,
    findingsTotal: findings.length,
    version: '0.1.0',
  };
}

const FINDINGS = [
  planted({ severity: 'critical', fix: 'Revoke it' }),
  planted({ location: { path: 'src/b.ts', line: 9, end_line: 2 } }),
  planted({ rule: 'sast.eval', severity: 'medium', message: '' }),
  planted({ rule: 'http.header', severity: 'info', location: { path: 'https://x.test/a?b=1' } }),
  planted({ rule: 'whole', severity: 'low', evidence: '' }),
];
const withoutPlace: RunFinding = planted({ rule: 'no-place' });
delete withoutPlace.location;

const sarifOf = (findings: RunFinding[]) =>
  sarif.parse(JSON.parse(exportFindings(source(findings), 'sarif').content)).runs[0];

describe('SARIF', () => {
  test('has the form of 2.1.0 for every kind of finding, and of none', () => {
    expect(sarifOf([...FINDINGS, withoutPlace])?.results).toHaveLength(6);
    expect(sarifOf([])?.tool.driver.rules).toEqual([]);
  });

  test('names each rule once with its worst level, and points each result at it', () => {
    const run = sarifOf(FINDINGS);
    const { rules } = run?.tool.driver ?? { rules: [] };
    expect(rules.map(({ id, defaultConfiguration }) => [id, defaultConfiguration.level])).toEqual([
      ['secrets.key', 'error'],
      ['sast.eval', 'warning'],
      ['http.header', 'note'],
      ['whole', 'note'],
    ]);
    for (const { ruleId, ruleIndex } of run?.results ?? [])
      expect(rules[ruleIndex]?.id).toBe(ruleId);
    expect(run?.results.map((one) => one.rank)).toEqual([95, 80, 55, 5, 30]);
  });

  test('places are relative URIs with a region that is in order; URLs stand for themselves', () => {
    const places = sarifOf(FINDINGS)?.results.map((one) => one.locations[0]?.physicalLocation);
    expect(places?.[0]).toEqual({
      artifactLocation: { uri: 'src/a%20b/%C3%BC.ts', uriBaseId: 'SRCROOT' },
      region: {
        startLine: 3,
        startColumn: 7,
        endLine: 4,
        snippet: { text: 'const key = "sk-l…"' },
      },
    });
    expect(places?.[1]?.region).toMatchObject({ startLine: 9 });
    expect(places?.[3]?.artifactLocation).toEqual({ uri: 'https://x.test/a?b=1' });
  });

  test('fingerprints stay when lines move, and differ between equal findings', () => {
    const prints = (findings: RunFinding[]) =>
      sarifOf(findings)?.results.map((one) => Object.values(one.partialFingerprints)[0]);
    const twice = [planted({}), planted({ location: { path: 'src/a b/ü.ts', line: 30 } })];
    const [first, second] = prints(twice) ?? [];
    expect(first).not.toBe(second);
    expect(prints([planted({ location: { path: 'src/a b/ü.ts', line: 99 } })])).toEqual([first]);
  });
});

test.each(FINDING_FORMATS)('%s: nothing that looks like a secret leaves', (format) => {
  const leaking = planted({ evidence: `key=${KEY}`, message: `found ${KEY}`, fix: `drop ${KEY}` });
  const file = exportFindings(source([leaking]), format);
  expect(file.content).not.toContain(KEY);
  expect(file.content).toContain('secrets.key');
  expect(file.filename).toMatch(/^findings-[\w-]+\.(sarif|json|md|csv)$/);
});

test('JSON carries the findings as they are, with how many there were', () => {
  const { content } = exportFindings({ ...source(FINDINGS), findingsTotal: 7 }, 'json');
  expect(JSON.parse(content)).toMatchObject({ findings_total: 7, findings: FINDINGS });
});

test('Markdown: worst first, evidence in a fence that it cannot close, no markup of strangers', () => {
  const hostile = planted({
    message: '<img src=x> [a](b) | c',
    evidence: 'a\n```\n# not a heading\n````',
    location: { path: 'x`y.ts', line: 1 },
  });
  const { content } = exportFindings(source([planted({ severity: 'low' }), hostile]), 'markdown');
  expect(content.indexOf('## High')).toBeLessThan(content.indexOf('## Low'));
  expect(content).toContain('\n`````\na\n```\n# not a heading\n````\n`````\n');
  expect(content).toContain('``x`y.ts:1``');
  expect(content).not.toMatch(/(?<!\\)<(?:img|b)/);
  expect(exportFindings(source([]), 'markdown').content).toContain('Nothing was found.');
});

test('CSV: one line each, cells quoted, no formula', () => {
  const [head, line, end] = exportFindings(
    source([planted({ message: '=cmd()', evidence: 'a "b",\nc' })]),
    'csv',
  ).content.split('\r\n');
  expect(head).toBe('severity,rule,message,path,line,end_line,column,evidence,fix,tool,step,agent');
  expect(line).toBe(
    `high,secrets.key,'=cmd(),src/a b/ü.ts,3,4,7,"a ""b"",\nc",,secret_scan,scan,security`,
  );
  expect(end).toBe('');
});
