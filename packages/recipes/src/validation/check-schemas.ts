import { isPlatformError } from "@automatos/kernel";
import type { JsonObject } from "@automatos/kernel";
import type { RecipeDraft } from "../definition/parse-recipe.ts";
import { fromPointer } from "../definition/pointer.ts";
import type { Path } from "../definition/pointer.ts";
import type { ProblemList } from "./problem-list.ts";
import { compileSchema } from "./schema-compiler.ts";
import type { SchemaCheck } from "./schema-compiler.ts";

/** JSON schemas of the inputs and of steps must be usable, and defaults of inputs must fit them. */
export function checkSchemas(draft: RecipeDraft, list: ProblemList): void {
  if (draft.inputs !== null) checkInputSchema(draft.inputs, list);
  for (const { step, path } of draft.steps) {
    if (step === null || step.type === "document" || step.type === "parallel") continue;
    if (step.output_schema === undefined) continue;
    compileAt(step.output_schema, [...path, "output_schema"], list);
  }
}

function checkInputSchema(schema: JsonObject, list: ProblemList): void {
  if (schema["type"] !== undefined && schema["type"] !== "object") {
    list.add(["inputs", "type"], "the schema of the inputs must be of type object");
    return;
  }
  if (compileAt(schema, ["inputs"], list) === null) return;
  const properties = schema["properties"];
  if (typeof properties !== "object" || properties === null || Array.isArray(properties)) return;
  for (const [name, property] of Object.entries(properties)) {
    const path = ["inputs", "properties", name];
    if (typeof property !== "object" || property === null || Array.isArray(property)) continue;
    if (property["default"] === undefined) continue;
    const check = compileAt({ ...property, $defs: schema["$defs"] ?? {} }, path, list);
    for (const problem of check?.(property["default"]) ?? []) {
      const place = [...path, "default", ...fromPointer(problem.pointer)];
      list.add(place, `the default ${problem.message}`);
    }
  }
}

/** Compiles a schema and reports why it cannot be used. */
export function compileAt(schema: JsonObject, path: Path, list: ProblemList): SchemaCheck | null {
  try {
    return compileSchema(schema);
  } catch (error) {
    if (!isPlatformError(error)) throw error;
    list.add(path, error.message);
    return null;
  }
}
