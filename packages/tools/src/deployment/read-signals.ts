import { lineFinder } from '../workspace/scan-files.ts';
import type { Signal } from './stack.ts';

/** What to look for in sources; group 1 is the value. Ports must stand beside a word that says so. */
const PATTERNS: readonly [Signal['kind'], RegExp][] = [
  ['port', /\.listen\(\s*(?:\{\s*port:\s*)?(\d{2,5})\b/g],
  ['port', /\bPORT\b["')\]]*\s*(?:\|\||\?\?)\s*["']?(\d{2,5})\b/g],
  ['port', /\b(?:environ\.get|getenv)\(\s*["']PORT["']\s*,\s*["']?(\d{2,5})/g],
  ['port', /\bListenAndServe(?:TLS)?\(\s*"[^":]*:(\d{2,5})"/g],
  ['port', /\.run\([^)\n]*\bport\s*=\s*(\d{2,5})/g],
  ['port', /^EXPOSE\s+(\d{2,5})/gm],
  ['environment', /\bprocess\.env(?:\.|\[["'])([A-Z][A-Z0-9_]{1,60})\b/g],
  ['environment', /\bos\.(?:environ(?:\.get\(|\[)|getenv\()\s*["']([A-Z][A-Z0-9_]{1,60})["']/g],
  ['environment', /\bos\.(?:Getenv|LookupEnv)\(\s*"([A-Z][A-Z0-9_]{1,60})"/g],
  [
    'health',
    /["'`](\/(?:api\/)?(?:healthz?|health\/(?:live|ready)|livez|readyz|ready|live|ping|status))["'`]/g,
  ],
  ['application', /^(\w+)\s*=\s*(?:Flask|FastAPI|Starlette|Quart|Sanic)\(/gm],
];

/** Ports of other services that sources name as often as their own. */
const FOREIGN_PORTS = new Set([
  22, 25, 53, 443, 465, 587, 1433, 3306, 5432, 5672, 6379, 9092, 9200, 11211, 27017,
]);

/** What the lines of one source file show about how it runs. */
export function readSignals(path: string, text: string): Signal[] {
  const lineOf = lineFinder(text);
  const lines = text.split('\n');
  return PATTERNS.flatMap(([kind, pattern]) =>
    [...text.matchAll(pattern)].flatMap((match): Signal[] => {
      const value = match[1] ?? '';
      const line = lineOf(match.index + match[0].lastIndexOf(value));
      const evidence = (lines[line - 1] ?? '').trim();
      if (/^(?:\/\/|#(?!!)|\*)/.test(evidence)) return []; // said, not done
      if (kind === 'port' && (FOREIGN_PORTS.has(Number(value)) || Number(value) > 65_535))
        return [];
      return [{ kind, value, path, line, evidence: evidence.slice(0, 200) }];
    }),
  );
}
