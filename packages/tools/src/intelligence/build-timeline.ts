import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { compareText } from '../workspace/walk.ts';
import { calendarDate, dateText, findDates, type FoundDate } from './find-dates.ts';
import type { Sentence } from './sentences.ts';
import {
  failureSchema,
  locationOf,
  placeName,
  sourcesInputShape,
  sourceSummarySchema,
  spanSchema,
  summarise,
  type SourceDocument,
  type Span,
} from './source-document.ts';

const input = z.strictObject({
  ...sourcesInputShape,
  since: z
    .string()
    .max(40)
    .optional()
    .describe('Only what happened on this day or later, e.g. 2026-01-31'),
  until: z.string().max(40).optional().describe('Only what happened before this day'),
  limit: z.int().min(1).max(2000).default(500),
});
const entry = z.object({
  time: z.string().describe('Instant in UTC, or a day, month, quarter or year'),
  precision: z.enum(['year', 'quarter', 'month', 'day', 'minute']),
  zone: z.enum(['given', 'assumed_utc']).nullable(),
  statement: z.string(),
  span: spanSchema,
  /** Other sources with the same statement. */
  also_in: z.array(z.string()),
});
const output = z.object({
  sources: z.array(sourceSummarySchema),
  failures: z.array(failureSchema),
  timeline: z.array(entry),
  entries_total: z.int(),
  first: z.string().nullable(),
  last: z.string().nullable(),
  relative_left: z
    .int()
    .describe('Statements with words such as "yesterday" only, which name no day'),
});

const RELATIVE =
  /\b(?:yesterday|today|tomorrow|last (?:week|month|year|night)|\d+ (?:days?|weeks?|months?) ago)\b/i;

interface Dated {
  startMs: number;
  entry: z.output<typeof entry>;
}

interface Reading {
  dated: Dated[];
  findings: Finding[];
  relative: number;
}

function dateFinding(
  sentence: Sentence,
  about: { rule: string; severity: Finding['severity']; message: string; fix: string },
): Finding {
  return {
    rule: `timeline.${about.rule}`,
    severity: about.severity,
    message: `${about.message} (${placeName(sentence.source, sentence.line)}).`,
    ...locationOf(sentence.source, sentence.line, sentence.endLine),
    evidence: sentence.text.slice(0, 400),
    fix: about.fix,
    tool: 'build_timeline',
  };
}

/** A finding for a date that cannot be placed for sure, and whether it is placed all the same. */
function doubt(date: FoundDate, sentence: Sentence): { finding?: Finding; usable: boolean } {
  if (Number.isNaN(date.startMs))
    return {
      usable: false,
      finding: dateFinding(sentence, {
        rule: 'date_impossible',
        severity: 'medium',
        message: `There is no such date as "${date.text}"`,
        fix: 'Find the right date in another source.',
      }),
    };
  if (date.ambiguous)
    return {
      usable: false,
      finding: dateFinding(sentence, {
        rule: 'date_ambiguous',
        severity: 'low',
        message: `"${date.text}" may be read day first or month first`,
        fix: 'Find out which order the source uses; the statement is left out of the timeline.',
      }),
    };
  if (date.zone === 'missing')
    return {
      usable: true,
      finding: dateFinding(sentence, {
        rule: 'zone_missing',
        severity: 'info',
        message: `"${date.text}" names no time zone and was taken as UTC`,
        fix: 'Find out the time zone of the source before comparing times of day.',
      }),
    };
  return { usable: true };
}

function readSentence(sentence: Sentence, span: Span, reading: Reading): void {
  // The date of the document itself is no event in it.
  if (/^(?:date|published|updated|sent):/i.test(sentence.text)) return;
  const dates = findDates(sentence.text);
  if (dates.length === 0 && RELATIVE.test(sentence.text)) reading.relative += 1;
  for (const date of dates) {
    const { finding, usable } = doubt(date, sentence);
    if (finding !== undefined) reading.findings.push(finding);
    if (!usable) continue;
    reading.dated.push({
      startMs: date.startMs,
      entry: {
        time: dateText(date),
        precision: date.precision,
        zone: date.zone === null ? null : date.zone === 'given' ? 'given' : 'assumed_utc',
        statement: sentence.text.slice(0, 400),
        span,
        also_in: [],
      },
    });
  }
}

/** A feed item is an event even when its text has no date. */
function publication(source: SourceDocument): Dated[] {
  const startMs = Date.parse(source.published ?? '');
  if (source.kind !== 'feed_item' || Number.isNaN(startMs)) return [];
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(source.published ?? '');
  const statement = `Published: ${source.title ?? source.origin}`.slice(0, 400);
  return [
    {
      startMs,
      entry: {
        time: source.published ?? '',
        precision: isDay ? 'day' : 'minute',
        zone: isDay ? null : 'given',
        statement,
        span: {
          source: source.id,
          origin: source.origin,
          line: 1,
          end_line: 1,
          quote: source.title ?? '',
        },
        also_in: [],
      },
    },
  ];
}

/** Sorted; the same statement of several sources becomes one entry. */
function arrange(dated: Dated[]): Dated[] {
  const seen = new Map<string, Dated>();
  for (const one of dated) {
    const key = `${one.entry.time} ${one.entry.statement.toLowerCase().replaceAll(/\W+/g, ' ')}`;
    const known = seen.get(key);
    if (known === undefined) seen.set(key, one);
    else if (
      known.entry.span.source !== one.entry.span.source &&
      !known.entry.also_in.includes(one.entry.span.source)
    )
      known.entry.also_in.push(one.entry.span.source);
  }
  return [...seen.values()].toSorted(
    (a, b) =>
      a.startMs - b.startMs ||
      compareText(a.entry.span.origin, b.entry.span.origin) ||
      a.entry.span.line - b.entry.span.line,
  );
}

function bound(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const date = calendarDate(text);
  if (date === null)
    throw toolError(
      'tools.arguments.invalid',
      'invalid-input',
      `"${name}" must be a date such as 2026-01-31, and is "${text}".`,
    );
  return Date.parse(date);
}

export const buildTimeline = defineTool({
  name: 'build_timeline',
  title: 'Build a timeline',
  description:
    'Sorts the dated statements of sources by time, time zones converted to UTC, each with the lines it stands on; reports dates that do not exist, can be read two ways or lack a time zone.',
  group: 'intelligence',
  input,
  output,
  capabilities: ['read', 'network'],
  timeoutMs: 300_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['chronology', 'dates', 'events', 'history', 'when'],
  async run(request, env) {
    const since = bound(request.since, 'since');
    const until = bound(request.until, 'until');
    const { describeLoaded, loadSources } = await import('./load-sources.ts');
    const { sentencesOf, spanOf } = await import('./sentences.ts');
    const loaded = await loadSources(request, env);
    const reading: Reading = { dated: [], findings: [], relative: 0 };
    for (const source of loaded.documents) {
      env.signal.throwIfAborted();
      reading.dated.push(...publication(source));
      for (const sentence of sentencesOf(source)) readSentence(sentence, spanOf(sentence), reading);
    }
    const all = arrange(reading.dated).filter(
      ({ startMs }) => startMs >= (since ?? -Infinity) && startMs < (until ?? Infinity),
    );
    const timeline = all.slice(0, request.limit).map((one) => one.entry);
    return {
      output: {
        sources: loaded.documents.map(summarise),
        failures: loaded.failures,
        timeline,
        entries_total: all.length,
        first: all[0]?.entry.time ?? null,
        last: all.at(-1)?.entry.time ?? null,
        relative_left: reading.relative,
      },
      summary: `${describeLoaded(loaded)}; ${all.length} dated statements${all.length === 0 ? '' : ` from ${all[0]?.entry.time} to ${all.at(-1)?.entry.time}`}${reading.relative === 0 ? '' : `; ${reading.relative} name no day`}.`,
      findings: reading.findings,
    };
  },
});
