import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { readTextFile } from '../workspace/read-text.ts';
import { scanInputShape, type ScanInput } from '../workspace/scan-files.ts';
import { walkFiles, type Skipped, type WalkedFile } from '../workspace/walk.ts';
import { parseLogLine, type LogEntry } from './parse-line.ts';

export const logInputShape = {
  ...scanInputShape,
  path: z.string().min(1).max(4096).describe('Log file, or folder with log files'),
  lines_max: z.int().min(1).max(5_000_000).default(2_000_000),
};

const LINE_CHARS_MAX = 4000;
const LOG_NAME =
  /\.(?:log|out|err|ndjson|jsonl)(?:\.\d+)?$|(?:^|\/)(?:syslog|messages|auth\.log|kern\.log)(?:\.\d+)?$|(?:^|[/._-])logs?(?:[/._-]|$).*\.(?:txt|json)$/i;

export interface PlacedEntry extends LogEntry {
  path: string;
  /** 1-based. */
  line: number;
}

export interface LogReading {
  files: string[];
  lines: number;
  /** True when the limit of lines ended the reading. */
  cut: boolean;
  skipped: Skipped;
}

/** A continuation of the entry before: a stack frame or an indented line. */
function continuesEntry(line: string): boolean {
  return /^(?:\s+\S|\}|Caused by:|Traceback \(most recent call last\))/.test(line);
}

async function sniff(file: WalkedFile): Promise<'text' | 'binary' | 'unreadable'> {
  const result = await readTextFile(file.absolute, 0);
  return result.kind === 'too_large' ? 'text' : result.kind;
}

async function chooseFiles(
  input: ScanInput,
  env: ToolEnvironment,
): Promise<{ files: WalkedFile[]; skipped: Skipped }> {
  const walk = await walkFiles(input.path, {
    roots: env.roots,
    signal: env.signal,
    include: input.include,
    exclude: input.exclude,
  });
  const isNamed = walk.ignoreRules === 'single_file' || (input.include?.length ?? 0) > 0;
  const files: WalkedFile[] = [];
  for (const file of isNamed
    ? walk.files
    : walk.files.filter((candidate) => LOG_NAME.test(candidate.path))) {
    const kind = await sniff(file);
    if (kind === 'text') files.push(file);
    else walk.skipped[kind] += 1;
  }
  if (files.length === 0)
    throw toolError(
      'tools.logs.none',
      'not-found',
      `No readable log file was found under "${input.path}". Name the files with "include".`,
    );
  return { files, skipped: walk.skipped };
}

/** Streams log entries in file and line order; lines that continue an entry (stack traces) are left out. */
export async function readLogs(
  input: ScanInput & { lines_max: number },
  env: ToolEnvironment,
  onEntry: (entry: PlacedEntry) => void,
): Promise<LogReading> {
  const { files, skipped } = await chooseFiles(input, env);
  const reading: LogReading = {
    files: files.map((file) => file.path),
    lines: 0,
    cut: false,
    skipped,
  };
  for (const file of files) {
    if (reading.cut) break;
    // Syslog has no year: that of the file's last change is the likeliest.
    const year = new Date((await stat(file.absolute)).mtimeMs).getUTCFullYear();
    const stream = createReadStream(file.absolute, { encoding: 'utf8' });
    let line = 0;
    try {
      for await (const text of createInterface({
        input: stream,
        crlfDelay: Number.POSITIVE_INFINITY,
      })) {
        line += 1;
        reading.lines += 1;
        if (reading.lines > input.lines_max) {
          reading.cut = true;
          break;
        }
        if (reading.lines % 100_000 === 0) env.progress(`${reading.lines} lines`);
        if (text.trim() === '' || continuesEntry(text)) continue;
        onEntry({ ...parseLogLine(text.slice(0, LINE_CHARS_MAX), year), path: file.path, line });
      }
    } finally {
      stream.destroy();
    }
  }
  return reading;
}

/** RFC 3339 UTC, or null. */
export function toTime(ms: number | null): string | null {
  return ms === null || !Number.isFinite(ms) || Math.abs(ms) > 8.64e15
    ? null
    : new Date(ms).toISOString();
}
