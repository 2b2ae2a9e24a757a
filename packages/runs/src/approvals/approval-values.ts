import { runInNewContext } from 'node:vm';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { PlatformError } from '@automatos/kernel';
import type { FieldError, JsonObject } from '@automatos/kernel';

/** Time that all patterns of a schema may take on the values of one decision. */
const CHECK_MS_MAX = 200;
const PROBLEMS_MAX = 50;

/**
 * Checks what a person filled in against the JSON schema of the request. Throws `runs.approval.values_invalid` with every
 * problem; pointers start with `/values`.
 */
export function checkApprovalValues(fields: JsonObject, values: JsonObject): void {
  const problems = problemsOf(fields, values);
  const first = problems[0];
  if (first === undefined) return;
  throw new PlatformError({
    code: 'runs.approval.values_invalid',
    kind: 'invalid-input',
    message: `The values do not fit what was asked: ${first.pointer} ${first.message}.`,
    errors: problems,
  });
}

function problemsOf(fields: JsonObject, values: JsonObject): FieldError[] {
  const ajv = new Ajv2020({ strict: false, allErrors: true, logger: false, ownProperties: true });
  // ajv-formats is CommonJS: its function is the `default` of what is imported.
  addFormats.default(ajv);
  const { $schema: _draft, $id: _id, ...own } = fields;
  try {
    const check = ajv.compile({ type: 'object', ...own });
    // Whoever wrote the recipe chose the patterns, and some patterns take for ever: hence the time limit.
    const fits = runInNewContext('check(values)', { check, values }, { timeout: CHECK_MS_MAX });
    if (fits) return [];
    return (check.errors ?? []).slice(0, PROBLEMS_MAX).map((error) => {
      const missing = (error.params as { missingProperty?: string }).missingProperty;
      const at = missing === undefined ? '' : `/${escaped(missing)}`;
      return {
        pointer: `/values${error.instancePath}${at}`,
        message: missing === undefined ? (error.message ?? 'does not fit') : 'is required',
      };
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [{ pointer: '/values', message: `cannot be checked: ${reason}` }];
  }
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
