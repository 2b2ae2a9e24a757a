import type { JsonObject } from '@automatos/kernel';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { toolError } from '../tool-error.ts';
import { mapRecord, type MappingDocument } from './mapping-document.ts';
import type { FileRecord } from './read-records.ts';

export interface MappingFailure {
  /** Without the value, so that equal failures are counted together. */
  reason: string;
  count: number;
  first: { index: number; line: number | null; message: string };
}
export interface MappingRun {
  mapped: JsonObject[];
  failed: number;
  failures: MappingFailure[];
}

/** Checks a record; undefined when it fits. */
export type Check = (record: JsonObject) => string[];

/** Compiles a JSON schema. Throws `tools.mapping.schema_invalid`. */
export function compileCheck(schema: JsonObject): Check {
  const { $schema: _draft, ...plain } = schema;
  const ajv = new Ajv2020({ allErrors: true, strict: false, logger: false });
  (addFormats as unknown as (target: Ajv2020) => void)(ajv);
  try {
    const validate = ajv.compile(plain);
    return (record) =>
      validate(record)
        ? []
        : (validate.errors ?? []).map(({ instancePath, message, params }) => {
            const missing = (params as { missingProperty?: string }).missingProperty;
            const path = [instancePath.slice(1).replaceAll('/', '.'), missing ?? '']
              .filter((part) => part !== '')
              .join('.');
            return `${path === '' ? 'record' : path}: ${missing === undefined ? (message ?? 'does not fit') : 'is missing'}`;
          });
  } catch (error) {
    throw toolError('tools.mapping.schema_invalid', 'invalid-input', {
      message: `The target schema is no JSON schema that can be used: ${error instanceof Error ? error.message.slice(0, 200) : 'unknown reason'}.`,
      cause: error,
    });
  }
}

function reasonOf(message: string): string {
  return message.replaceAll(/"(?:[^"\\]|\\.)*"|(?<=: )[\d.-]+/g, '…').slice(0, 200);
}

/** Maps all records and checks the results; those that fail are counted by reason and left out. */
export function runMapping(
  records: readonly FileRecord[],
  mapping: MappingDocument,
  check: Check | undefined,
): MappingRun {
  const mapped: JsonObject[] = [];
  const failures = new Map<string, MappingFailure>();
  for (const [index, { value, line }] of records.entries()) {
    const result = mapRecord(value, mapping);
    const missing = new Set(result.problems.map((problem) => problem.split(':')[0]));
    const invalid =
      check?.(result.mapped).filter((problem) => !missing.has(problem.split(':')[0])) ?? [];
    const problems = [...result.problems, ...invalid];
    if (problems.length === 0) mapped.push(result.mapped);
    for (const message of problems) {
      const reason = reasonOf(message);
      const known = failures.get(reason);
      if (known === undefined)
        failures.set(reason, { reason, count: 1, first: { index, line, message } });
      else known.count += 1;
    }
  }
  return {
    mapped,
    failed: records.length - mapped.length,
    failures: [...failures.values()].toSorted((a, b) => b.count - a.count),
  };
}
