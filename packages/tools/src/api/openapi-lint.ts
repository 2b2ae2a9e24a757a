import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool, type ToolEnvironment } from '../definition.ts';
import { countBy } from '../workspace/count-by.ts';
import { apiFinding, type ApiProblem } from './api-finding.ts';
import { createSchemaChecker } from './json-schema.ts';
import { namingProblems, responseProblems, securityProblems } from './lint-operations.ts';
import { exampleProblems, schemaProblems } from './lint-schemas.ts';
import {
  documentProblems,
  identityProblems,
  parameterProblems,
  referenceProblems,
} from './lint-structure.ts';
import { listOperations } from './operations.ts';
import { openSpec, readSpecDocument, type SpecDocument } from './spec-document.ts';

export const specPathSchema = z
  .string()
  .min(1)
  .max(4096)
  .describe(
    'OpenAPI 3.1, 3.0 or Swagger 2.0 description in YAML or JSON: absolute, or relative to an allowed root',
  );

const input = z.strictObject({
  spec: specPathSchema,
  rules_off: z
    .array(z.string().max(60))
    .max(40)
    .default([])
    .describe('Rules to leave out, e.g. "naming_inconsistent"'),
});
const output = z.object({
  path: z.string(),
  version: z.string().nullable(),
  files: z.array(z.string()),
  operations: z.int(),
  schemas_checked: z.boolean(),
  by_rule: z.record(z.string(), z.int()),
});

function syntaxFindings(doc: SpecDocument): Finding[] {
  return doc.problems.map(({ line, message }) => ({
    rule: 'api.parse_error',
    severity: 'critical',
    message: `The description cannot be read at line ${line}: ${message}.`,
    location: { path: doc.path, line },
    evidence: doc.textAt(line) || `line ${line}`,
    fix: 'Correct the syntax; nothing else can be checked before.',
    tool: 'openapi_lint',
  }));
}

async function lintSpec(main: SpecDocument, env: ToolEnvironment) {
  const spec = await openSpec(main, env);
  const operations = listOperations(spec);
  const linted = { spec, operations };
  const check = await createSchemaChecker(spec);
  env.progress(`${operations.length} operations`);
  const problems: ApiProblem[] = [
    ...documentProblems(linted),
    ...referenceProblems(linted),
    ...identityProblems(linted),
    ...parameterProblems(linted),
    ...responseProblems(linted),
    ...securityProblems(linted),
    ...namingProblems(linted),
    ...schemaProblems(linted, check),
    ...exampleProblems(linted, check),
  ];
  const broken = [...spec.documents.values()].filter((doc) => doc !== main).flatMap(syntaxFindings);
  return { spec, operations, problems, broken };
}

export const openapiLint = defineTool({
  name: 'openapi_lint',
  title: 'Check an API description',
  description:
    'Checks an OpenAPI description (3.1, 3.0, 2.0; YAML or JSON): syntax, references, names, parameters, answers, security, schemas and examples, each problem with its line.',
  group: 'api',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 120_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['openapi', 'swagger', 'rest', 'lint', 'contract'],
  async run(request, env) {
    const main = await readSpecDocument(request.spec, env);
    if (main.problems.length > 0) {
      const findings = syntaxFindings(main);
      return {
        output: {
          path: main.path,
          version: null,
          files: [main.path],
          operations: 0,
          schemas_checked: false,
          by_rule: countBy(findings, (one) => one.rule),
        },
        summary: `"${main.path}" cannot be read: ${findings.length} errors of syntax. Nothing else was checked.`,
        findings,
      };
    }
    const { spec, operations, problems, broken } = await lintSpec(main, env);
    const off = new Set(request.rules_off);
    const findings = [
      ...broken,
      ...problems
        .filter(({ rule }) => !off.has(rule))
        .map((problem) => apiFinding('openapi_lint', problem)),
    ];
    const files = [...spec.documents.values()].map(({ path }) => path);
    return {
      output: {
        path: main.path,
        version: spec.version,
        files,
        operations: operations.length,
        schemas_checked: true,
        by_rule: countBy(findings, (one) => one.rule),
      },
      summary: `${findings.length} problems in ${operations.length} operations of "${main.path}" (OpenAPI ${spec.version}, ${files.length} files).`,
      findings,
    };
  },
});
