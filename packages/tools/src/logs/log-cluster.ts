import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { describeSkipped } from '../workspace/scan-files.ts';
import { compareText, skippedSchema } from '../workspace/walk.ts';
import { createDrain, type Template } from './drain.ts';
import { LEVELS, type LogLevel } from './parse-line.ts';
import { logInputShape, readLogs, toTime, type PlacedEntry } from './read-logs.ts';

const input = z.strictObject({
  ...logInputShape,
  similarity_min: z.number().min(0.2).max(0.95).default(0.5),
  limit: z.int().min(1).max(500).default(100),
});
const cluster = z.object({
  template: z.string(),
  count: z.int(),
  level: z.enum(LEVELS),
  first_time: z.string().nullable(),
  last_time: z.string().nullable(),
  first: z.object({ path: z.string(), line: z.int() }),
  last: z.object({ path: z.string(), line: z.int() }),
  example: z.string(),
});
const output = z.object({
  files: z.array(z.string()),
  lines: z.int(),
  lines_cut: z.boolean(),
  entries: z.int(),
  by_level: z.record(z.string(), z.int()),
  clusters: z.array(cluster),
  clusters_total: z.int(),
  unclustered: z.int(),
  first_time: z.string().nullable(),
  last_time: z.string().nullable(),
  without_time: z.int(),
  skipped: skippedSchema,
});

interface Group extends Template {
  levels: Map<LogLevel, number>;
  firstMs: number;
  lastMs: number;
  first: { path: string; line: number };
  last: { path: string; line: number };
  example: string;
}

function startGroup(template: Template): Group {
  const nowhere = { path: '', line: 0 };
  return {
    ...template,
    levels: new Map(),
    firstMs: Number.POSITIVE_INFINITY,
    lastMs: Number.NEGATIVE_INFINITY,
    first: nowhere,
    last: nowhere,
    example: '',
  };
}

function extendGroup(group: Group, entry: PlacedEntry): void {
  const place = { path: entry.path, line: entry.line };
  if (group.first.line === 0) {
    group.first = place;
    group.example = entry.message.slice(0, 300);
  }
  group.last = place;
  group.levels.set(entry.level, (group.levels.get(entry.level) ?? 0) + 1);
  if (entry.timeMs === null) return;
  group.firstMs = Math.min(group.firstMs, entry.timeMs);
  group.lastMs = Math.max(group.lastMs, entry.timeMs);
}

/** The level that most of its messages have; among equals the worse. */
function levelOf(group: Group): LogLevel {
  return (
    [...group.levels].toSorted(
      (a, b) => b[1] - a[1] || LEVELS.indexOf(a[0]) - LEVELS.indexOf(b[0]),
    )[0]?.[0] ?? 'unknown'
  );
}

function toFinding(group: Group): Finding {
  const level = levelOf(group);
  const times = [toTime(group.firstMs), toTime(group.lastMs)].filter((time) => time !== null);
  return {
    rule: `logs.${level}_cluster`,
    severity: level === 'fatal' ? 'critical' : group.count >= 10 ? 'high' : 'medium',
    message: `${group.count} messages of level ${level}: ${group.tokens.join(' ').slice(0, 200)}`,
    location: group.first,
    evidence: `${group.example.slice(0, 250)}${times.length === 2 ? ` (${times[0]} to ${times[1]})` : ''}`,
    tool: 'log_cluster',
  };
}

/** A template as it is shown. */
function toCluster(group: Group): z.output<typeof cluster> {
  return {
    template: group.tokens.join(' ').slice(0, 500),
    count: group.count,
    level: levelOf(group),
    first_time: toTime(group.firstMs),
    last_time: toTime(group.lastMs),
    first: group.first,
    last: group.last,
    example: group.example,
  };
}

function isBad(group: Group): boolean {
  return ['fatal', 'error'].includes(levelOf(group));
}

function byCount(a: Group, b: Group): number {
  return b.count - a.count || compareText(a.tokens.join(' '), b.tokens.join(' '));
}

export const logCluster = defineTool({
  name: 'log_cluster',
  title: 'Group log messages',
  description:
    'Reads log files (free text, JSON lines, access logs, syslog), groups messages that differ only in values into templates, with level, count, first and last time and lines.',
  group: 'monitoring',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 300_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['logs', 'errors', 'incident', 'pattern', 'template'],
  async run(request, env) {
    const drain = createDrain<Group>({
      similarityMin: request.similarity_min,
      templatesMax: 5000,
      make: startGroup,
    });
    const levels = new Map<LogLevel, number>();
    const span = { entries: 0, withoutTime: 0, firstMs: Infinity, lastMs: -Infinity };
    const reading = await readLogs(request, env, (entry) => {
      span.entries += 1;
      levels.set(entry.level, (levels.get(entry.level) ?? 0) + 1);
      if (entry.timeMs === null) span.withoutTime += 1;
      else {
        span.firstMs = Math.min(span.firstMs, entry.timeMs);
        span.lastMs = Math.max(span.lastMs, entry.timeMs);
      }
      const group = drain.add(entry.message);
      if (group !== undefined) extendGroup(group, entry);
    });
    const groups = drain.templates().toSorted(byCount);
    const bad = groups.filter(isBad);
    // Errors first: a flood of ordinary messages must not push them out of the list.
    const listed = [...bad, ...groups.filter((group) => !isBad(group))].slice(0, request.limit);
    const present = LEVELS.filter((level) => levels.has(level));
    const worst = bad[0];
    const worstText =
      worst === undefined
        ? ''
        : `, most often "${worst.tokens.join(' ').slice(0, 120)}" (${worst.count} times)`;
    const cutText = reading.cut ? ` Read only the first ${request.lines_max} lines.` : '';
    return {
      output: {
        files: reading.files.slice(0, 200),
        lines: Math.min(reading.lines, request.lines_max),
        lines_cut: reading.cut,
        entries: span.entries,
        by_level: Object.fromEntries(present.map((level) => [level, levels.get(level) ?? 0])),
        clusters: listed.map(toCluster),
        clusters_total: groups.length,
        unclustered: drain.overflow(),
        first_time: toTime(span.firstMs),
        last_time: toTime(span.lastMs),
        without_time: span.withoutTime,
        skipped: reading.skipped,
      },
      summary: `${span.entries} entries in ${reading.files.length} files form ${groups.length} templates; ${bad.length} templates are errors${worstText}.${cutText}${describeSkipped(reading.skipped)}`,
      findings: bad.map(toFinding),
    };
  },
});
