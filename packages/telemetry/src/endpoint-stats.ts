/** Figures of one endpoint since the process started; `p95Ms` over its last 256 calls. */
export interface EndpointFigures {
  method: string;
  endpoint: string;
  calls: number;
  errors: number;
  errorRate: number;
  meanMs: number;
  p95Ms: number;
}

export interface EndpointStats {
  record(call: { method: string; endpoint: string; status: number; durationMs: number }): void;
  /** Busiest first. */
  list(): EndpointFigures[];
}

const ENDPOINTS_MAX = 500;
const WINDOW = 256;

interface Row {
  method: string;
  endpoint: string;
  calls: number;
  errors: number;
  totalMs: number;
  recent: Float64Array;
}

/** Returns counts, error rate (5xx) and latency per endpoint for at most 500 endpoints; further ones are not kept. */
export function createEndpointStats(): EndpointStats {
  const rows = new Map<string, Row>();
  return {
    record({ method, endpoint, status, durationMs }) {
      const key = `${method} ${endpoint}`;
      let row = rows.get(key);
      if (row === undefined) {
        if (rows.size >= ENDPOINTS_MAX) return;
        row = {
          method,
          endpoint,
          calls: 0,
          errors: 0,
          totalMs: 0,
          recent: new Float64Array(WINDOW),
        };
        rows.set(key, row);
      }
      row.recent[row.calls % WINDOW] = durationMs;
      row.calls += 1;
      row.totalMs += durationMs;
      if (status >= 500) row.errors += 1;
    },
    list: () => [...rows.values()].map(toFigures).toSorted((a, b) => b.calls - a.calls),
  };
}

function toFigures(row: Row): EndpointFigures {
  const recent = row.recent.slice(0, Math.min(row.calls, WINDOW)).toSorted();
  return {
    method: row.method,
    endpoint: row.endpoint,
    calls: row.calls,
    errors: row.errors,
    errorRate: row.errors / row.calls,
    meanMs: row.totalMs / row.calls,
    p95Ms: recent[Math.ceil(recent.length * 0.95) - 1] ?? 0,
  };
}
