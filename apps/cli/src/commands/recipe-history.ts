import {
  diffRecipeVersions,
  getRecipe,
  getRecipeLearning,
  listRecipeVersions,
  restoreRecipeVersion,
  type Client,
  type LearningReport,
} from '@automatos/sdk';
import { EXIT, UsageError } from '../exit-codes.ts';
import { formatTable, paint, type Shell } from '../shell.ts';
import { formatDuration } from '../watch/views.ts';
import { diffLine } from './run-again.ts';

interface Given {
  recipe: string;
  json: boolean;
}

/** A version as it stands on the command line, with or without a `v`. */
export function toVersion(text: string): number {
  const version = Number(text.replace(/^v/, ''));
  if (Number.isInteger(version) && version > 0) return version;
  throw new UsageError(`"${text}" is no version; versions are 1, 2, …`);
}

/** `recipes versions <recipe>`. */
export async function versions(shell: Shell, client: Client, given: Given): Promise<number> {
  const { data } = await listRecipeVersions({
    client,
    path: { recipe_id: given.recipe },
    query: { limit: 100 },
  });
  if (given.json) shell.out(`${JSON.stringify(data)}\n`);
  else {
    const rows = data.items.map((version) => [
      `v${version.version}`,
      version.created_at.slice(0, 19).replace('T', ' '),
      version.created_by,
      version.note ?? '',
    ]);
    shell.out(formatTable([['VERSION', 'SAVED (UTC)', 'BY', ''], ...rows]));
  }
  return EXIT.completed;
}

/** `recipes diff <recipe> <version> [<version>]`: to the newest when only one is named. */
export async function diff(
  shell: Shell,
  client: Client,
  given: Given & { versions: number[] },
): Promise<number> {
  const [from, to] = given.versions;
  if (from === undefined)
    throw new UsageError('automatos recipes diff <recipe> <version> [<version>]');
  const { data } = await diffRecipeVersions({
    client,
    path: { recipe_id: given.recipe, version: from },
    query: to === undefined ? {} : { to },
  });
  if (given.json) shell.out(`${JSON.stringify(data)}\n`);
  else if (data.lines.every(({ kind }) => kind === 'same'))
    shell.out(`v${data.from} and v${data.to} are the same.\n`);
  else {
    shell.out(paint(shell, 'bold', `v${data.from} → v${data.to}\n`));
    for (const line of data.lines) if (line.kind !== 'same') shell.out(diffLine(shell, line));
  }
  return EXIT.completed;
}

/** `recipes restore <recipe> <version>`: saves an older version as the newest. */
export async function restore(
  shell: Shell,
  client: Client,
  given: Given & { versions: number[] },
): Promise<number> {
  const [version] = given.versions;
  if (version === undefined) throw new UsageError('automatos recipes restore <recipe> <version>');
  const { response } = await getRecipe({ client, path: { recipe_id: given.recipe } });
  const { data } = await restoreRecipeVersion({
    client,
    path: { recipe_id: given.recipe, version },
    headers: { 'If-Match': response.headers.get('etag') ?? '' },
  });
  shell.out(
    given.json ? `${JSON.stringify(data)}\n` : `${data.slug} version ${data.version} saved\n`,
  );
  return EXIT.completed;
}

/** `recipes learning <recipe>`: what its runs teach. */
export async function learning(shell: Shell, client: Client, given: Given): Promise<number> {
  const { data } = await getRecipeLearning({ client, path: { recipe_id: given.recipe } });
  if (given.json) shell.out(`${JSON.stringify(data)}\n`);
  else showLearning(shell, data);
  return EXIT.completed;
}

type Interval = { estimate: number; low: number; high: number } | null;
const share = (value: Interval) =>
  value === null
    ? '–'
    : `${Math.round(value.estimate * 100)} % (${Math.round(value.low * 100)}–${Math.round(value.high * 100)})`;

function showLearning(shell: Shell, report: LearningReport): void {
  shell.out(`${report.runs} finished runs; statements need ${report.runs_needed}.\n\n`);
  const rows = report.steps.map((step) => [
    step.name,
    String(step.runs),
    share(step.failure_rate),
    share(step.retry_rate),
    step.duration_ms === null ? '–' : formatDuration(step.duration_ms.estimate),
  ]);
  shell.out(formatTable([['STEP', 'RUNS', 'FAILED', 'RETRIED', 'TAKES'], ...rows]));
  for (const suggestion of report.suggestions) {
    shell.out(`\n${paint(shell, 'bold', suggestion.title)} [${suggestion.status}]\n`);
    for (const line of suggestion.evidence) shell.out(`  ${line}\n`);
    for (const line of suggestion.diff)
      if (line.kind !== 'same') shell.out(`  ${diffLine(shell, line)}`);
  }
}
