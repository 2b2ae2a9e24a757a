import { invalidInput, isJsonObject } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import { createSchemaValidator } from '@automatos/providers';
import type { McpTool } from './mcp-types.ts';

const validator = createSchemaValidator();

/** Throws `mcp.arguments.invalid` with every argument that does not fit the tool's schema, so that a model can mend its call. */
export function checkInput(tool: McpTool, input: JsonObject): void {
  const problems = validator.check(shallow(tool.inputSchema), input);
  if (problems.length === 0) return;
  const list = problems.map(({ pointer, message }) => `${pointer || '/'}: ${message}`);
  throw invalidInput(
    `The arguments of "${tool.name}" do not fit: ${list.join('; ')}`,
    problems,
    'mcp.arguments.invalid',
  );
}

/** What stands inside of objects is a matter of the API, which also bounds the time that patterns of strangers take. */
function shallow(schema: JsonObject): JsonObject {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const outer = Object.entries(properties).map(([name, property]) =>
    isJsonObject(property) && property['type'] === 'object'
      ? [name, { type: 'object' }]
      : [name, property],
  );
  return { ...schema, properties: Object.fromEntries(outer) as JsonObject };
}
