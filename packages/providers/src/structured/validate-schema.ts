import { PlatformError } from '@automatos/kernel';
import type { FieldError, JsonObject } from '@automatos/kernel';
import { Ajv } from 'ajv';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

export interface SchemaValidator {
  /** Returns what does not fit, at most 20 entries; empty = fits. Throws `providers.schema.invalid` for a schema that cannot be compiled. */
  check(schema: JsonObject, value: unknown): FieldError[];
}

const KEPT_MAX = 200;

/** Creates a validator for JSON schemas (draft 7 and 2020-12); compiled schemas are kept per schema object and, up to 200, per content. */
export function createSchemaValidator(): SchemaValidator {
  const bySchema = new WeakMap<JsonObject, ValidateFunction>();
  const byText = new Map<string, ValidateFunction>();
  function compile(schema: JsonObject): ValidateFunction {
    const text = JSON.stringify(schema);
    const known = byText.get(text);
    if (known !== undefined) return known;
    const options = {
      strict: false,
      allErrors: true,
      logger: false,
      validateFormats: true,
    } as const;
    const ajv = JSON.stringify(schema['$schema'] ?? '').includes('2020')
      ? new Ajv2020(options)
      : new Ajv(options);
    formats.default(ajv);
    const made = compileOrThrow(ajv, schema);
    if (byText.size >= KEPT_MAX) byText.delete(byText.keys().next().value ?? '');
    byText.set(text, made);
    return made;
  }
  return {
    check(schema, value) {
      const validate = bySchema.get(schema) ?? compile(schema);
      bySchema.set(schema, validate);
      return validate(value) ? [] : (validate.errors ?? []).slice(0, 20).map(toFieldError);
    },
  };
}

function compileOrThrow(
  ajv: { compile(schema: JsonObject): ValidateFunction },
  schema: JsonObject,
): ValidateFunction {
  try {
    return ajv.compile(schema);
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, 300) : 'unknown reason';
    throw new PlatformError({
      code: 'providers.schema.invalid',
      kind: 'invalid-input',
      message: `The response schema is not a usable JSON schema: ${why}`,
      errors: [{ pointer: '/response_schema', message: why }],
    });
  }
}

function toFieldError(error: ErrorObject): FieldError {
  const missing =
    typeof error.params['missingProperty'] === 'string'
      ? `/${error.params['missingProperty']}`
      : '';
  const extra =
    typeof error.params['additionalProperty'] === 'string'
      ? ` "${error.params['additionalProperty']}"`
      : '';
  return {
    pointer: `${error.instancePath}${missing}`,
    message: `${error.message ?? 'does not fit'}${extra}`,
  };
}
