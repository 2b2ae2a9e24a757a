import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { exportRunFindings, type Client } from '@automatos/sdk';
import { EXIT, UsageError } from '../exit-codes.ts';
import type { Shell } from '../shell.ts';

const FORMATS = ['sarif', 'json', 'markdown', 'csv'] as const;
type Format = (typeof FORMATS)[number];

/** A format as it stands on the command line; undefined for none. */
export function toFormat(text: string | undefined): Format | undefined {
  if (text === undefined) return undefined;
  const found = FORMATS.find((name) => name === text);
  if (found === undefined)
    throw new UsageError(`--format is ${FORMATS.join(', ')}, not "${text}".`);
  return found;
}

/** Writes the findings of a run to a file, or to standard output. */
export async function writeFindings(
  shell: Shell,
  client: Client,
  given: { runId: string; format: Format; output: string | undefined },
): Promise<number> {
  const { data } = await exportRunFindings({
    client,
    path: { run_id: given.runId },
    query: { format: given.format },
    parseAs: 'text',
  });
  const content = data as unknown as string;
  if (given.output === undefined) shell.out(content);
  else {
    writeFileSync(resolve(shell.cwd, given.output), content);
    shell.err(`findings written to ${given.output}\n`);
  }
  return EXIT.completed;
}
