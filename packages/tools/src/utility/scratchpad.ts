import { z } from 'zod';
import { defineTool } from '../definition.ts';
import type { ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import type { Scratchpad } from '../tool-services.ts';

const key = z
  .string()
  .regex(/^[\w.-]{1,100}$/, 'must have 1 to 100 letters, digits, dots, dashes or underscores')
  .describe('Name of the note');

function padOf({ services }: ToolEnvironment): Scratchpad {
  if (services?.scratchpad !== undefined) return services.scratchpad;
  throw toolError(
    'tools.service.missing',
    'unavailable',
    'The scratchpad belongs to a run, and this call belongs to none.',
  );
}

export const scratchpadWrite = defineTool({
  name: 'scratchpad_write',
  title: 'Write a note',
  description:
    'Keeps a note for this run, which its other steps and agents can read: plans, results in between, what to do next. An empty text deletes it.',
  group: 'utility',
  input: z.strictObject({
    key,
    text: z.string().max(200_000),
    append: z.boolean().default(false).describe('Adds to the note instead of replacing it'),
  }),
  output: z.object({ key: z.string(), chars: z.int() }),
  // Ends with the run and is seen by nobody else: it changes nothing that anybody would have to consent to.
  capabilities: ['read'],
  timeoutMs: 10_000,
  idempotent: false,
  repeatable: (input) => (input as { append?: boolean } | null)?.append !== true,
  isolation: 'inline',
  tainted: false,
  keywords: ['note', 'remember', 'memo', 'keep', 'draft'],
  async run({ key: name, text, append }, env) {
    const pad = padOf(env);
    const before = append ? ((await pad.read(name))?.text ?? '') : '';
    const whole = before === '' ? text : `${before}\n${text}`;
    await pad.write(name, whole);
    const summary =
      whole === ''
        ? `The note "${name}" was deleted.`
        : `The note "${name}" holds ${whole.length} characters.`;
    return { output: { key: name, chars: whole.length }, summary };
  },
});

export const scratchpadRead = defineTool({
  name: 'scratchpad_read',
  title: 'Read notes',
  description: 'Reads a note of this run, or lists all notes when no key is given.',
  group: 'utility',
  input: z.strictObject({ key: key.optional() }),
  output: z.object({
    text: z.string().nullable(),
    notes: z.array(z.object({ key: z.string(), chars: z.int(), updated_at: z.string() })),
  }),
  capabilities: ['read'],
  timeoutMs: 10_000,
  // Notes change while a run goes on.
  idempotent: false,
  repeatable: () => true,
  isolation: 'inline',
  keywords: ['note', 'remember', 'memo', 'recall'],
  async run({ key: name }, env) {
    const pad = padOf(env);
    if (name !== undefined) {
      const note = await pad.read(name);
      const summary =
        note === null
          ? `There is no note "${name}".`
          : `The note has ${note.text.length} characters.`;
      return { output: { text: note?.text ?? null, notes: [] }, summary };
    }
    const notes = (await pad.list()).map(({ key: each, chars, updatedAt }) => {
      return { key: each, chars, updated_at: updatedAt };
    });
    const names = notes.slice(0, 20).map((note) => note.key);
    const summary =
      notes.length === 0 ? 'There are no notes.' : `${notes.length} notes: ${names.join(', ')}.`;
    return { output: { text: null, notes }, summary };
  },
});
