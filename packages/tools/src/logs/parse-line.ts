export const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'unknown'] as const;
export type LogLevel = (typeof LEVELS)[number];

export interface LogEntry {
  /** Milliseconds since the epoch, or null without a readable time. */
  timeMs: number | null;
  level: LogLevel;
  message: string;
}

const LEVEL_WORDS: Readonly<Record<string, LogLevel>> = {
  fatal: 'fatal',
  panic: 'fatal',
  critical: 'fatal',
  crit: 'fatal',
  emerg: 'fatal',
  emergency: 'fatal',
  alert: 'fatal',
  error: 'error',
  err: 'error',
  severe: 'error',
  exception: 'error',
  warn: 'warn',
  warning: 'warn',
  notice: 'info',
  info: 'info',
  information: 'info',
  debug: 'debug',
  trace: 'debug',
  verbose: 'debug',
};
const ISO = /\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?:\s?(?:Z|[+-]\d{2}:?\d{2}))?/;
const COMMON = /(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-]\d{4})/;
const SYSLOG = /^([A-Z][a-z]{2})\s+(\d{1,2}) (\d{2}:\d{2}:\d{2})/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const LEVEL =
  /\b(FATAL|PANIC|CRITICAL|CRIT|EMERG|ALERT|SEVERE|ERROR|ERR|WARNING|WARN|NOTICE|INFO|DEBUG|TRACE|VERBOSE)\b|(?:\blevel=|\[)"?(fatal|panic|critical|crit|emerg|alert|severe|error|err|warning|warn|notice|info|debug|trace)\b/;

function validTime(ms: number): number | null {
  return Number.isNaN(ms) ? null : ms;
}

/** Reads ISO 8601, Common Log Format and syslog times. Times without zone count as UTC, syslog gets the year given. */
export function readTime(
  line: string,
  syslogYear: number,
): { timeMs: number; end: number } | undefined {
  const head = line.slice(0, 120);
  const iso = ISO.exec(head);
  if (iso !== null) {
    const text = iso[0]
      .replace(' ', 'T')
      .replace(',', '.')
      .replace(/(\.\d{3})\d+/, '$1')
      .replace(/\s/, '');
    const timeMs = validTime(Date.parse(/(?:Z|[+-]\d{2}:?\d{2})$/.test(text) ? text : `${text}Z`));
    if (timeMs !== null) return { timeMs, end: iso.index + iso[0].length };
  }
  const common = COMMON.exec(head);
  if (common !== null) {
    const month = MONTHS.indexOf(common[2] ?? '') + 1;
    const timeMs = validTime(
      Date.parse(
        `${common[3]}-${String(month).padStart(2, '0')}-${common[1]}T${common[4]}${common[5]?.slice(0, 3)}:${common[5]?.slice(3)}`,
      ),
    );
    if (timeMs !== null) return { timeMs, end: common.index + common[0].length };
  }
  const syslog = SYSLOG.exec(head);
  if (syslog === null) return undefined;
  const month = MONTHS.indexOf(syslog[1] ?? '') + 1;
  const timeMs = validTime(
    Date.parse(
      `${syslogYear}-${String(month).padStart(2, '0')}-${(syslog[2] ?? '').padStart(2, '0')}T${syslog[3]}Z`,
    ),
  );
  return timeMs === null ? undefined : { timeMs, end: syslog[0].length };
}

function levelOfNumber(value: number): LogLevel {
  if (value >= 60) return 'fatal';
  if (value >= 50) return 'error';
  if (value >= 40) return 'warn';
  return value >= 30 ? 'info' : 'debug';
}

function readJsonLine(line: string): LogEntry | undefined {
  let data: unknown;
  try {
    data = JSON.parse(line);
  } catch {
    return undefined; // a text line that begins with a brace
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return undefined;
  const record = data as Record<string, unknown>;
  const time = record.time ?? record.timestamp ?? record['@timestamp'] ?? record.ts;
  const raw = record.level ?? record.severity ?? record.lvl;
  const level =
    typeof raw === 'number'
      ? levelOfNumber(raw)
      : (LEVEL_WORDS[String(raw).toLowerCase()] ?? 'unknown');
  const parsed =
    typeof time === 'number'
      ? time < 1e11
        ? time * 1000
        : time
      : typeof time === 'string'
        ? validTime(Date.parse(time))
        : null;
  const message = record.msg ?? record.message ?? record.event ?? line;
  return {
    timeMs: parsed,
    level,
    message: typeof message === 'string' ? message : JSON.stringify(message),
  };
}

const ACCESS_STATUS = /"\s(\d{3})\s(?:\d+|-)/;

/** Reads one line of a log: JSON, access log or free text. */
export function parseLogLine(line: string, syslogYear: number): LogEntry {
  if (line.startsWith('{')) {
    const entry = readJsonLine(line);
    if (entry !== undefined) return entry;
  }
  const time = readTime(line, syslogYear);
  const rest = (
    time === undefined
      ? line
      : line.slice(0, time.end).replace(ISO, '').replace(COMMON, '').replace(SYSLOG, '') +
        line.slice(time.end)
  )
    .replace(/^\s*\[\s*\]/, '')
    .replace(/^[\s\]|,:-]+/, '');
  const word = LEVEL.exec(rest.slice(0, 200));
  const status = word === null ? ACCESS_STATUS.exec(line)?.[1] : undefined;
  const level: LogLevel =
    word !== null
      ? (LEVEL_WORDS[(word[1] ?? word[2] ?? '').toLowerCase()] ?? 'unknown')
      : status === undefined
        ? 'unknown'
        : status.startsWith('5')
          ? 'error'
          : status.startsWith('4')
            ? 'warn'
            : 'info';
  return { timeMs: time?.timeMs ?? null, level, message: rest };
}
