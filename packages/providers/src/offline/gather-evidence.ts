import type { Finding } from '@automatos/contracts';
import { isJsonObject } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import { readFindings } from './parse-request.ts';
import type { ContextDocument, OfflineRequest, ToolEvidence } from './parse-request.ts';

/** What a report may be made of: results of this turn, findings and figures handed over in the inputs, and texts. */
export interface Evidence {
  results: ToolEvidence[];
  documents: ContextDocument[];
  /** Whether inputs or context hold findings, summaries or texts of earlier work, rather than just the settings of this one. */
  handedOver: boolean;
}

const TEXT_CHARS_MIN = 160;
const DEPTH_MAX = 5;

/** Collects everything in a request that an answer can rest on; each finding once. */
export function gatherEvidence(request: OfflineRequest): Evidence {
  const seen = new Set<string>();
  const results = request.made.map((entry) => ({
    ...entry,
    findings: firstSeen(entry.findings, seen),
  }));
  const documents = [...request.context];
  let handedOver = documents.length > 0;
  for (const [name, value] of Object.entries(request.inputs)) {
    const { findings, total } = findingsIn(value, 0);
    const own = firstSeen(findings, seen);
    const summary =
      isJsonObject(value) && typeof value['summary'] === 'string' ? value['summary'] : '';
    if (own.length > 0 || summary !== '') handedOver = true;
    if (own.length > 0 || summary !== '')
      results.push({
        tool: name,
        input: {},
        ok: true,
        summary,
        findings: own,
        findingsTotal: Math.max(total, own.length),
        output: null,
      });
    else if (typeof value === 'object' && value !== null && findings.length === 0)
      results.push({
        tool: name,
        input: {},
        ok: true,
        summary: '',
        findings: [],
        findingsTotal: 0,
        output: value,
      });
    documents.push(...textsIn(name, value, 0));
  }
  for (const entry of request.made)
    if (entry.ok) documents.push(...textsIn(labelOf(entry), entry.output, 0));
  return { results, documents, handedOver };
}

function labelOf(entry: ToolEvidence): string {
  const place = Object.values(entry.input).find((value) => typeof value === 'string');
  return place === undefined ? entry.tool : `${entry.tool} ${String(place).slice(0, 200)}`;
}

function firstSeen(findings: readonly Finding[], seen: Set<string>): Finding[] {
  return findings.filter((finding) => {
    const key = JSON.stringify([
      finding.tool,
      finding.rule,
      finding.location,
      finding.evidence,
      finding.message,
    ]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function findingsIn(value: JsonValue, depth: number): { findings: Finding[]; total: number } {
  if (depth > DEPTH_MAX || typeof value !== 'object' || value === null)
    return { findings: [], total: 0 };
  if (Array.isArray(value)) {
    const findings = readFindings(value);
    if (findings.length > 0) return { findings, total: findings.length };
  }
  const parts = Object.values(value).map((inner) => findingsIn(inner, depth + 1));
  const findings = parts.flatMap((part) => part.findings);
  const stated =
    isJsonObject(value) && typeof value['findings_total'] === 'number'
      ? value['findings_total']
      : 0;
  return {
    findings,
    total: Math.max(
      stated,
      parts.reduce((sum, part) => sum + part.total, 0),
    ),
  };
}

/** Longer texts inside a value, as documents to quote from. */
function textsIn(title: string, value: JsonValue, depth: number): ContextDocument[] {
  if (typeof value === 'string')
    return value.length >= TEXT_CHARS_MIN ? [{ title, text: value }] : [];
  if (depth >= 2 || !isJsonObject(value)) return [];
  return Object.entries(value as JsonObject).flatMap(([key, inner]) =>
    textsIn(key === 'content' || key === 'text' ? title : `${title}: ${key}`, inner, depth + 1),
  );
}
