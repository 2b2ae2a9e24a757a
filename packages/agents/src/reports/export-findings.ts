import type { FindingFormat } from '@automatos/contracts';
import { csvLine } from '@automatos/kernel';
import { masked } from './exported-finding.ts';
import type { ReportSource } from './exported-finding.ts';
import { toMarkdown } from './to-markdown.ts';
import { toSarif } from './to-sarif.ts';

/** A report as a file. */
export interface FindingsFile {
  filename: string;
  contentType: string;
  content: string;
}

const COLUMNS = [
  'severity',
  'rule',
  'message',
  'path',
  'line',
  'end_line',
  'column',
  'evidence',
  'fix',
  'tool',
  'step',
  'agent',
] as const;

/** The findings of a run in one of the formats; the same findings give the same file. */
export function exportFindings(given: ReportSource, format: FindingFormat): FindingsFile {
  const source = { ...given, findings: given.findings.map(masked) };
  const name = `findings-${source.run.id}`;
  switch (format) {
    case 'sarif':
      return {
        filename: `${name}.sarif`,
        contentType: 'application/sarif+json; charset=utf-8',
        content: `${JSON.stringify(toSarif(source), null, 2)}\n`,
      };
    case 'json':
      return {
        filename: `${name}.json`,
        contentType: 'application/json; charset=utf-8',
        content: `${JSON.stringify(toJson(source), null, 2)}\n`,
      };
    case 'markdown':
      return {
        filename: `${name}.md`,
        contentType: 'text/markdown; charset=utf-8',
        content: toMarkdown(source),
      };
    case 'csv':
      return {
        filename: `${name}.csv`,
        contentType: 'text/csv; charset=utf-8',
        content: toCsv(source),
      };
  }
}

function toJson({ run, findings, findingsTotal, version }: ReportSource) {
  return {
    run: {
      id: run.id,
      kind: run.kind,
      title: run.title,
      status: run.status,
      created_at: run.created_at,
      finished_at: run.finished_at,
    },
    product_version: version,
    findings_total: findingsTotal,
    findings,
  };
}

function toCsv({ findings }: ReportSource): string {
  const lines = findings.map(({ location, ...finding }) => {
    const cells: Record<(typeof COLUMNS)[number], string> = {
      severity: finding.severity,
      rule: finding.rule,
      message: finding.message,
      path: location?.path ?? '',
      line: String(location?.line ?? ''),
      end_line: String(location?.end_line ?? ''),
      column: String(location?.column ?? ''),
      evidence: finding.evidence,
      fix: finding.fix ?? '',
      tool: finding.tool,
      step: finding.step_id,
      agent: finding.agent ?? '',
    };
    return csvLine(COLUMNS.map((name) => cells[name]));
  });
  return csvLine(COLUMNS) + lines.join('');
}
