import { PlatformError } from '@automatos/kernel';
import type { FieldError, JsonObject, JsonValue } from '@automatos/kernel';
import { runInNewContext } from 'node:vm';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { suggest } from '../definition/suggest.ts';

/** Characters of one JSON schema. */
const SCHEMA_CHARACTERS_MAX = 100_000;
/** Time that one `pattern` may take on one text. */
const PATTERN_MS_MAX = 100;
/** Problems reported for one value. */
const PROBLEMS_MAX = 50;

/** Checks a value: returns its problems, an empty list when it fits. Pointers start at the value. */
export type SchemaCheck = (value: JsonValue) => FieldError[];

/** Thrown when a pattern of a schema takes too long on a text. */
class SlowPattern extends Error {}

/** A regular expression of a stranger: it gets its own time limit, because some patterns take for ever. */
function boundedRegExp(
  pattern: string,
  flags: string,
): { test(text: string): boolean; toString(): string } {
  const compiled = new RegExp(pattern, flags);
  return {
    // The validator tells patterns apart by their text.
    toString: () => String(compiled),
    test(text) {
      if (text.length < 32) return compiled.test(text);
      try {
        const sandbox = { compiled, text };
        return runInNewContext('compiled.test(text)', sandbox, {
          timeout: PATTERN_MS_MAX,
        }) as boolean;
      } catch (error) {
        throw new SlowPattern(`the pattern ${pattern} takes too long`, { cause: error });
      }
    },
  };
}
boundedRegExp.code = 'boundedRegExp';

function createAjv(useDefaults: boolean): Ajv2020 {
  const ajv = new Ajv2020({
    strict: false,
    allErrors: true,
    logger: false,
    verbose: true,
    useDefaults,
    addUsedSchema: false,
    ownProperties: true,
    code: { regExp: boundedRegExp },
  });
  // ajv-formats is CommonJS: its function is the `default` of what is imported.
  addFormats.default(ajv);
  for (const name of ['folder', 'file', 'files']) ajv.addFormat(name, true);
  return ajv;
}

export interface SchemaCompiler {
  /** Throws `recipes.schema.invalid` that says why the schema cannot be used (draft 2020-12 and what is compatible). */
  compile(schema: JsonObject): SchemaCheck;
  /**
   * Returns the inputs with the schema's defaults filled in. Throws `recipes.inputs.invalid` with all problems; pointers
   * start with `/inputs`.
   */
  checkInputs(schema: JsonObject, inputs: JsonObject): JsonObject;
}

/** Compiled schemas that are kept, by content. */
const KEPT_MAX = 200;

/** Makes a compiler that keeps the schemas compiled last; making one is dear, compiling a known schema is not. */
export function createSchemaCompiler(): SchemaCompiler {
  const plain = createKept(false);
  const filling = createKept(true);
  return {
    compile(schema) {
      const check = plain(schema);
      return (value) => runCheck(check, value);
    },
    checkInputs(schema, inputs) {
      const filled = structuredClone(inputs);
      const check = filling({ type: 'object', ...schema });
      const problems = runCheck(check, filled);
      if (problems.length > 0) throw inputsInvalid(problems);
      return filled;
    },
  };
}

function createKept(useDefaults: boolean): (schema: JsonObject) => ValidateFunction {
  const ajv = createAjv(useDefaults);
  const kept = new Map<string, ValidateFunction>();
  return (schema) => {
    const text = JSON.stringify(schema);
    const known = kept.get(text);
    if (known !== undefined) return known;
    const made = compile(ajv, schema, text.length);
    const oldest = kept.keys().next().value;
    if (kept.size >= KEPT_MAX && oldest !== undefined) kept.delete(oldest);
    kept.set(text, made);
    return made;
  };
}

function compile(ajv: Ajv2020, schema: JsonObject, characters: number): ValidateFunction {
  if (characters > SCHEMA_CHARACTERS_MAX) {
    throw schemaInvalid(`is longer than ${SCHEMA_CHARACTERS_MAX} characters`);
  }
  const { $schema: _draft, $id: _id, ...own } = schema;
  try {
    return ajv.compile(own);
  } catch (error) {
    throw schemaInvalid(error instanceof Error ? error.message : String(error));
  } finally {
    // Its own cache has no bound.
    ajv.removeSchema(own);
  }
}

function runCheck(check: ValidateFunction, value: JsonValue): FieldError[] {
  try {
    if (check(value)) return [];
  } catch (error) {
    if (!(error instanceof SlowPattern)) throw error;
    return [{ pointer: '', message: `cannot be checked: ${error.message}` }];
  }
  const errors = (check.errors ?? []).filter((error) => error.keyword !== 'if');
  return errors.slice(0, PROBLEMS_MAX).map(toFieldError);
}

function schemaInvalid(reason: string): PlatformError {
  return new PlatformError({
    code: 'recipes.schema.invalid',
    kind: 'invalid-input',
    message: `is no usable JSON schema: ${reason.replace(/^schema is invalid: /, '')}`,
  });
}

/** One problem in words, at the field that is wrong (for missing and unknown fields: the field, not its owner). */
function toFieldError(error: ErrorObject): FieldError {
  const params = error.params as Record<string, unknown>;
  const at = (name: unknown) =>
    `${error.instancePath}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;
  switch (error.keyword) {
    case 'required':
      return { pointer: at(params['missingProperty']), message: 'is required' };
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return unknownProperty(
        error,
        at(params['additionalProperty'] ?? params['unevaluatedProperty']),
      );
    case 'enum': {
      const values = (params['allowedValues'] as JsonValue[]).map((value) =>
        typeof value === 'string' ? value : JSON.stringify(value),
      );
      const near = typeof error.data === 'string' ? suggest(error.data, values) : null;
      const message = `must be one of ${values.slice(0, 20).join(', ')}`;
      return {
        pointer: error.instancePath,
        message,
        ...(near === null ? {} : { suggestion: near }),
      };
    }
    case 'const':
      return {
        pointer: error.instancePath,
        message: `must be ${JSON.stringify(params['allowedValue'])}`,
      };
    default:
      return { pointer: error.instancePath, message: error.message ?? 'does not fit' };
  }
}

function unknownProperty(error: ErrorObject, pointer: string): FieldError {
  const known = Object.keys((error.parentSchema?.['properties'] as object | undefined) ?? {});
  const name = pointer.split('/').at(-1) ?? '';
  const near = suggest(name, known);
  const hint = near === null ? listed(known) : `; did you mean "${near}"?`;
  const problem = { pointer, message: `unknown field "${name}"${hint}` };
  return near === null ? problem : { ...problem, suggestion: near };
}

function listed(known: string[]): string {
  return known.length === 0 ? '' : `; known are ${known.slice(0, 20).join(', ')}`;
}

/** The error of inputs that do not fit; pointers of `problems` start at the inputs. */
export function inputsInvalid(problems: FieldError[]): PlatformError {
  const errors = problems.map((problem) => ({ ...problem, pointer: `/inputs${problem.pointer}` }));
  const first = errors[0];
  return new PlatformError({
    code: 'recipes.inputs.invalid',
    kind: 'invalid-input',
    message: `The inputs do not fit the recipe: ${first?.pointer ?? ''} ${(first?.message ?? '').replace(/\.$/, '')}.`,
    errors,
  });
}
