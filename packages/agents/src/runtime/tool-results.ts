import type { Finding } from '@automatos/contracts';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import type { ToolOutcome } from '@automatos/tools';

/** Most bytes that one result may take, whatever the window. */
const RESULT_BYTES_MAX = 96_000;
/** Part of a result's room that findings get before the output. */
const FINDINGS_SHARE = 0.6;
const SUMMARY_CHARS = 2_000;

/** A result as the turn keeps it; what the model sees of it is made anew for each call, by {@link fitResults}. */
export interface KeptResult {
  /** Id that the model gave the call. */
  toolCallId: string;
  tool: string;
  outcome: Pick<
    ToolOutcome,
    | 'status'
    | 'summary'
    | 'output'
    | 'findings'
    | 'findingsTotal'
    | 'error'
    | 'truncated'
    | 'tainted'
  >;
  /** Where the whole result can be read. */
  pointer: string;
}

/**
 * What the model sees of each result, in the same order, so that all together take at most `budgetBytes` of JSON: small ones
 * stay whole, the room that is left is shared evenly by the large ones. Null when not even their summaries fit.
 */
export function fitResults(
  results: readonly KeptResult[],
  budgetBytes: number,
): JsonObject[] | null {
  const sizes = results.map((result) => jsonBytes(renderResult(result, RESULT_BYTES_MAX)));
  const level = waterLevel(sizes, budgetBytes);
  const shown = results.map((result) => renderResult(result, Math.min(level, RESULT_BYTES_MAX)));
  const total = shown.reduce((sum, one) => sum + jsonBytes(one), 0);
  return total <= budgetBytes ? shown : null;
}

/** Greatest L for which the sum of min(size, L) is at most `budget`. */
export function waterLevel(sizes: readonly number[], budget: number): number {
  const sorted = sizes.toSorted((a, b) => a - b);
  let left = budget;
  for (const [index, size] of sorted.entries()) {
    const share = Math.floor(left / (sorted.length - index));
    if (size > share) return Math.max(0, share);
    left -= size;
  }
  return Math.max(0, ...sizes);
}

/** One result in at most `maxBytes` of JSON: whole when it fits, else cut in the order output, findings, all but status and pointer. */
export function renderResult(result: KeptResult, maxBytes: number): JsonObject {
  const { outcome, pointer } = result;
  const head: JsonObject = {
    // Inside of the JSON around it, so that no text of strangers can end what is marked.
    ...(outcome.tainted ? { untrusted: true } : {}),
    summary: outcome.summary.slice(0, SUMMARY_CHARS),
    status: outcome.status,
    ...(outcome.error === undefined
      ? {}
      : {
          error: {
            code: outcome.error.code,
            message: outcome.error.message,
            ...problems(outcome.error.errors),
          },
        }),
    findings_total: outcome.findingsTotal,
  };
  const whole: JsonObject = {
    ...head,
    findings: outcome.findings as unknown as JsonValue,
    output: outcome.output,
    truncated: outcome.truncated,
    ...(outcome.truncated ? { pointer } : {}),
  };
  if (jsonBytes(whole) <= maxBytes) return whole;
  const empty: JsonObject = { ...head, findings: [], output: null, truncated: true, pointer };
  const room = maxBytes - jsonBytes(empty);
  if (room < 0) return { status: outcome.status, truncated: true, pointer };
  const findings = takeFindings(
    outcome.findings,
    Math.max(room * FINDINGS_SHARE, room - jsonBytes(outcome.output)),
  );
  const used = jsonBytes(findings) - jsonBytes([]);
  return {
    ...empty,
    findings: findings as unknown as JsonValue,
    output: cutOutput(outcome.output, room - used + jsonBytes(null)),
  };
}

function problems(errors: { pointer: string; message: string }[] | undefined): JsonObject {
  return errors === undefined
    ? {}
    : {
        problems: errors
          .slice(0, 20)
          .map((one) => ({ pointer: one.pointer, message: one.message })),
      };
}

function takeFindings(findings: readonly Finding[], maxBytes: number): Finding[] {
  const taken: Finding[] = [];
  let used = 0;
  for (const finding of findings) {
    used += jsonBytes(finding) + 1;
    if (used > maxBytes) break;
    taken.push(finding);
  }
  return taken;
}

/** The value when its JSON fits, else as much of the start of that JSON as fits, as text; null when nothing does. */
function cutOutput(output: JsonValue, maxBytes: number): JsonValue {
  const json = JSON.stringify(output);
  if (Buffer.byteLength(json) <= maxBytes) return output;
  let text = json.slice(0, Math.max(0, maxBytes));
  while (text !== '' && jsonBytes(text) > maxBytes) {
    text = text.slice(0, Math.floor((text.length * maxBytes) / (jsonBytes(text) + 1)));
  }
  // A cut must not leave half a surrogate pair behind.
  text = text.replace(/[\uD800-\uDBFF]$/, '');
  return text === '' ? null : text;
}

function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value), 'utf8');
}
