/** What every answer says of how it came about. */
export interface AnswerFacts {
  provider: string;
  model: string;
  /** Null = unknown; undefined = not known yet, as at the head of a stream. */
  costMicros?: number | null | undefined;
  cache: string;
  attempts: number;
  runId?: string;
}

const costText = (micros: number | null | undefined) =>
  micros === null || micros === undefined ? 'unknown' : String(micros);

/** Header values are visible ASCII; ids of open models may be anything. */
const plain = (text: string) => text.replaceAll(/[^\x21-\x7e]/g, '?');

export function factHeaders(facts: AnswerFacts): Record<string, string> {
  return {
    'x-automatos-provider': plain(facts.provider),
    'x-automatos-model': plain(facts.model),
    ...(facts.costMicros === undefined
      ? {}
      : { 'x-automatos-cost-micros': costText(facts.costMicros) }),
    'x-automatos-cache': facts.cache,
    'x-automatos-attempts': String(facts.attempts),
    ...(facts.runId === undefined ? {} : { 'x-automatos-run-id': facts.runId }),
  };
}

/** The same for the comment at the end of a stream. */
export function factFields(facts: AnswerFacts): Record<string, string> {
  return Object.fromEntries(
    Object.entries(factHeaders({ ...facts, costMicros: facts.costMicros ?? null })),
  );
}

export const SSE_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const;
export const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' } as const;
