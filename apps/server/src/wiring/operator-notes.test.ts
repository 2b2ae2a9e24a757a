import { DEFAULT_WORKSPACE_ID } from '@automatos/kernel';
import type { Sandbox } from '@automatos/tools';
import { expect, test } from 'vitest';
import { loadConfig } from '../config.ts';
import { operatorNotes } from './operator-notes.ts';

function notesWith(
  env: Record<string, string>,
  sandbox?: Parameters<typeof operatorNotes>[0]['sandbox'],
): Promise<string[]> {
  const config = loadConfig({ env, argv: [], cwd: '/', home: '/home/someone', isTerminal: false });
  const providers = { list: () => Promise.resolve([]) };
  return operatorNotes({
    config,
    providers,
    workspaceId: DEFAULT_WORKSPACE_ID,
    ...(sandbox === undefined ? {} : { sandbox }),
  });
}
const about = (notes: string[]) => notes.filter((note) => note.includes('LLM_DEFAULT_PROVIDER'));

test('a default provider without a model to use is named', async () => {
  const [note] = about(await notesWith({ LLM_DEFAULT_PROVIDER: 'ollama' }));
  expect(note).toContain('has no effect without LLM_DEFAULT_MODEL');
  const [unknown] = about(await notesWith({ LLM_DEFAULT_PROVIDER: 'opena' }));
  expect(unknown).toContain('no provider of this version');
});

test('a default provider that works is no news', async () => {
  expect(about(await notesWith({ LLM_DEFAULT_PROVIDER: 'openai' }))).toEqual([]);
  const whole = { LLM_DEFAULT_PROVIDER: 'ollama', LLM_DEFAULT_MODEL: 'qwen3' };
  expect(about(await notesWith(whole))).toEqual([]);
});

test('a machine that cannot isolate programs says what is missing', async () => {
  const sandbox = (available: boolean) => ({
    check: () =>
      Promise.resolve(
        available ? { available } : { available, reason: 'bubblewrap is not there.' },
      ) as ReturnType<Sandbox['check']>,
  });
  expect(await notesWith({}, sandbox(false))).toContain(
    'Python of recipes and agents is off: bubblewrap is not there.',
  );
  expect((await notesWith({}, sandbox(true))).filter((note) => note.includes('Python'))).toEqual(
    [],
  );
});
