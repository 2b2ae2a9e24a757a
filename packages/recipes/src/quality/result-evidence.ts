import { isJsonObject } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import { collectFindings } from '../references/value-text.ts';
import type { QualityContent, QualityEvidence, ToolEvidence } from './types.ts';

const STATUSES: readonly ToolEvidence['status'][] = ['success', 'error', 'denied', 'timeout'];

/**
 * What the results of steps know as evidence, by their shape: agents carry findings and the tools that they used, tool steps
 * (named by `tool`) are evidence themselves. Containers give what their inner results give.
 */
export function evidenceOf(
  results: readonly { value: JsonValue; tool?: string | null }[],
): QualityEvidence {
  const tools: ToolEvidence[] = [];
  const findings: QualityEvidence['findings'][number][] = [];
  const groups: QualityEvidence['findings'][] = [];
  let findingsTotal = 0;
  for (const { value, tool } of results) {
    if (!isJsonObject(value)) continue;
    const own = collectFindings(value['findings'] ?? []);
    findings.push(...own);
    if (own.length > 0) groups.push(own);
    findingsTotal += Math.max(own.length, countAt(value));
    if (typeof tool === 'string') tools.push(toolStep(tool, value, own.length));
    tools.push(...toolsOfAgent(value, own));
  }
  return { findings, findingsTotal, tools, groups };
}

function countAt(value: JsonObject): number {
  const total = value['findings_total'];
  return typeof total === 'number' ? total : 0;
}

function toolStep(name: string, value: JsonObject, listed: number): ToolEvidence {
  return {
    name,
    status: 'success',
    summary: typeof value['summary'] === 'string' ? value['summary'] : '',
    output: value['output'] ?? null,
    findingsTotal: Math.max(listed, countAt(value)),
  };
}

function toolsOfAgent(value: JsonObject, findings: QualityEvidence['findings']): ToolEvidence[] {
  const tools = value['tools'];
  if (!isJsonObject(tools)) return [];
  return Object.entries(tools).flatMap(([name, record]) => {
    if (!isJsonObject(record)) return [];
    const status = STATUSES.find((known) => known === record['status']) ?? 'error';
    return [
      {
        name,
        status,
        summary: typeof record['summary'] === 'string' ? record['summary'] : '',
        output: record['output'] ?? null,
        findingsTotal: findings.filter(({ tool }) => tool === name).length,
      },
    ];
  });
}

/** The result of a step as its reader sees it: an agent's text and object, a document's content, else the value itself. */
export function contentOfResult(name: string, value: JsonValue): QualityContent {
  if (!isJsonObject(value)) {
    return typeof value === 'string'
      ? { name, text: value, format: 'markdown', object: null }
      : { name, text: null, format: 'text', object: value };
  }
  if (typeof value['content'] === 'string' && typeof value['format'] === 'string') {
    const format = value['format'] === 'html' ? 'html' : 'markdown';
    return { name, text: value['content'], format, object: null };
  }
  if (typeof value['text'] === 'string') {
    const object = value['object'] ?? null;
    // An answer under a schema is the object itself in JSON: its texts are looked at, not its brackets.
    const json = object !== null && /^\s*(?:[[{]|```json)/.test(value['text']);
    return { name, text: json ? null : value['text'], format: 'markdown', object };
  }
  return { name, text: null, format: 'text', object: value['output'] ?? value };
}

/** Headings of a template that hold no references: the sections that its document must have. */
export function templateSections(template: string): string[] {
  return [...template.matchAll(/^ {0,3}#{1,6}\s+(.+?)\s*#*\s*$/gm)]
    .map(([, heading]) => heading ?? '')
    .filter((heading) => !heading.includes('{{'));
}
