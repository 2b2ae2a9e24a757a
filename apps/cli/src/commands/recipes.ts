import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { JsonObject } from '@automatos/kernel';
import {
  createRecipe,
  getRecipe,
  isApiProblem,
  listRecipes,
  updateRecipe,
  validateRecipe,
  type Client,
  type FieldProblem,
} from '@automatos/sdk';
import { connect } from '../connection.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { readSource } from '../inputs.ts';
import { COMMON_OPTIONS, formatTable, paint, type Shell } from '../shell.ts';
import { diff, learning, restore, toVersion, versions } from './recipe-history.ts';

const OPTIONS = {
  ...COMMON_OPTIONS,
  output: { type: 'string', short: 'o' },
  update: { type: 'boolean', default: false },
} as const;

/** `automatos recipes list | validate | export | import | versions | diff | restore | learning`. */
export async function recipesCommand(shell: Shell, args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: OPTIONS,
    allowPositionals: true,
  });
  const [action = 'list', subject, ...rest] = positionals;
  const { client } = connect(shell, values);
  if (action === 'list') return list(shell, client, values.json);
  if (subject === undefined)
    throw new UsageError(
      `automatos recipes ${action} <${action === 'import' || action === 'validate' ? 'file' : 'recipe'}>`,
    );
  if (action === 'validate') return validate(shell, client, { file: subject, json: values.json });
  if (action === 'export')
    return exportRecipe(shell, client, { recipe: subject, output: values.output });
  if (action === 'versions') return versions(shell, client, { recipe: subject, json: values.json });
  if (action === 'learning') return learning(shell, client, { recipe: subject, json: values.json });
  if (action === 'diff' || action === 'restore') {
    const given = { recipe: subject, versions: rest.map(toVersion), json: values.json };
    return action === 'diff' ? diff(shell, client, given) : restore(shell, client, given);
  }
  if (action === 'import')
    return importRecipe(shell, client, { file: subject, update: values.update });
  throw new UsageError(
    `recipes knows list, validate, export, import, versions, diff, restore and learning, not "${action}".`,
  );
}

async function list(shell: Shell, client: Client, json: boolean): Promise<number> {
  const { data } = await listRecipes({ client, query: { limit: 100 } });
  if (json) shell.out(`${JSON.stringify(data)}\n`);
  else {
    const rows = data.items.map((recipe) => [
      recipe.slug,
      `v${recipe.version}`,
      `${recipe.step_count} steps`,
      `${recipe.runs_total} runs`,
      recipe.name,
    ]);
    shell.out(formatTable([['RECIPE', 'VERSION', 'SIZE', 'RUN', 'NAME'], ...rows]));
  }
  return EXIT.completed;
}

type RecipeSource = { yaml: string } | { definition: JsonObject };

async function readRecipe(shell: Shell, file: string): Promise<RecipeSource> {
  const text = await readSource(shell, file);
  if (!file.endsWith('.json')) return { yaml: text };
  try {
    return { definition: JSON.parse(text) as JsonObject };
  } catch (error) {
    throw new UsageError(`${file} is no valid JSON: ${(error as Error).message}.`);
  }
}

async function validate(
  shell: Shell,
  client: Client,
  given: { file: string; json: boolean },
): Promise<number> {
  const { data } = await validateRecipe({ client, body: await readRecipe(shell, given.file) });
  if (given.json) shell.out(`${JSON.stringify(data)}\n`);
  else if (data.valid) shell.out(`${paint(shell, 'green', 'valid')}: ${given.file}\n`);
  else for (const error of data.errors) shell.out(`${formatProblem(given.file, error)}\n`);
  return data.valid ? EXIT.completed : EXIT.usage;
}

/** `file:line:column: message`, as editors and CI systems link it. */
export function formatProblem(file: string, error: FieldProblem): string {
  const place =
    error.line === undefined
      ? file
      : `${file}:${error.line}${error.column === undefined ? '' : `:${error.column}`}`;
  const { message, suggestion } = error;
  // Most messages name the suggestion themselves.
  const isNamed = suggestion === undefined || message.endsWith(`did you mean "${suggestion}"?`);
  const hint = isNamed ? '' : ` Did you mean ${suggestion}?`;
  return `${place}: ${message}${hint}${error.pointer === '' ? '' : ` (${error.pointer})`}`;
}

async function exportRecipe(
  shell: Shell,
  client: Client,
  given: { recipe: string; output: string | undefined },
): Promise<number> {
  const { data } = await getRecipe({ client, path: { recipe_id: given.recipe } });
  if (given.output === undefined) shell.out(data.yaml);
  else {
    writeFileSync(resolve(shell.cwd, given.output), data.yaml);
    shell.err(`${given.recipe} version ${data.version} written to ${given.output}\n`);
  }
  return EXIT.completed;
}

async function importRecipe(
  shell: Shell,
  client: Client,
  given: { file: string; update: boolean },
): Promise<number> {
  const body = await readRecipe(shell, given.file);
  try {
    const { data } = await createRecipe({ client, body });
    shell.out(`${data.slug} version ${data.version} saved\n`);
    return EXIT.completed;
  } catch (error) {
    if (!isApiProblem(error)) throw error;
    if (error.status === 409 && given.update) return updateExisting(shell, client, body);
    for (const problem of error.errors) shell.err(`${formatProblem(given.file, problem)}\n`);
    if (error.status === 409) shell.err('Give --update to save it as a new version.\n');
    throw error;
  }
}

async function updateExisting(shell: Shell, client: Client, body: RecipeSource): Promise<number> {
  const slug =
    'yaml' in body ? /^slug:\s*["']?([a-z0-9-]+)/m.exec(body.yaml)?.[1] : body.definition['slug'];
  if (typeof slug !== 'string') throw new UsageError('The recipe names no slug.');
  const { response } = await getRecipe({ client, path: { recipe_id: slug } });
  const { data } = await updateRecipe({
    client,
    path: { recipe_id: slug },
    headers: { 'If-Match': response.headers.get('etag') ?? '' },
    body,
  });
  shell.out(`${data.slug} version ${data.version} saved\n`);
  return EXIT.completed;
}
