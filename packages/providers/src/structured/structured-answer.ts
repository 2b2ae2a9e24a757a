import { PlatformError, isPlatformError } from '@automatos/kernel';
import type { FieldError, JsonObject, JsonValue } from '@automatos/kernel';
import type { ModelMessage } from 'ai';
import type { SchemaValidator } from './validate-schema.ts';

/** Answer text kept in the error, so that a repair call can show it to the model. */
const KEPT_CHARS = 20_000;

/**
 * The object in an answer, validated. Text around one fenced or bare JSON value is tolerated, nothing else is mended.
 * Throws `providers.answer.schema_mismatch` (not retryable as it stands: repair it by {@link buildRepairMessages}).
 */
export function parseStructuredAnswer(
  text: string,
  schema: JsonObject,
  validator: SchemaValidator,
): JsonValue {
  const value = readJson(text);
  if (value === undefined)
    throw mismatch(text, [{ pointer: '', message: 'the answer is not JSON' }]);
  const errors = validator.check(schema, value);
  if (errors.length > 0) throw mismatch(text, errors);
  return value;
}

function readJson(text: string): JsonValue | undefined {
  const fenced = /```(?:json)?\s*\n([\s\S]*?)\n\s*```/.exec(text)?.[1];
  for (const candidate of [text, fenced]) {
    if (candidate === undefined) continue;
    try {
      return JSON.parse(candidate) as JsonValue;
    } catch {
      continue;
    }
  }
  return undefined;
}

function mismatch(text: string, errors: FieldError[]): PlatformError {
  const first = errors
    .slice(0, 3)
    .map((error) => `${error.pointer === '' ? 'the answer' : error.pointer}: ${error.message}`);
  return new PlatformError({
    code: 'providers.answer.schema_mismatch',
    kind: 'upstream-failed',
    retryable: false,
    message: `The model's answer does not fit the requested schema: ${first.join('; ')}.`,
    errors,
    details: { answer: text.slice(0, KEPT_CHARS) },
  });
}

/**
 * The messages of one repair attempt after `providers.answer.schema_mismatch`: the call's messages, the answer that did not fit, and
 * what is wrong with it. Returns null for any other error. The repair is a call of its own, made (once) by the caller.
 */
export function buildRepairMessages(
  messages: readonly ModelMessage[],
  error: unknown,
  schema: JsonObject,
): ModelMessage[] | null {
  if (!isPlatformError(error) || error.code !== 'providers.answer.schema_mismatch') return null;
  const answer = typeof error.details?.['answer'] === 'string' ? error.details['answer'] : '';
  const wrong = (error.errors ?? [])
    .map(
      (field) => `- ${field.pointer === '' ? '(whole answer)' : field.pointer}: ${field.message}`,
    )
    .join('\n');
  const request = `Your last answer does not fit the required JSON schema:\n${wrong}\n\nSchema:\n${JSON.stringify(schema)}\n\nAnswer again with the corrected JSON value only, without any other text.`;
  return [
    ...messages,
    ...(answer === '' ? [] : [{ role: 'assistant' as const, content: answer }]),
    { role: 'user', content: request },
  ];
}
