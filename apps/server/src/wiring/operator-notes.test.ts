import { DEFAULT_WORKSPACE_ID } from '@automatos/kernel';
import { expect, test } from 'vitest';
import { loadConfig } from '../config.ts';
import { operatorNotes } from './operator-notes.ts';

function notesWith(env: Record<string, string>): Promise<string[]> {
  const config = loadConfig({ env, argv: [], cwd: '/', home: '/home/someone', isTerminal: false });
  const providers = { list: () => Promise.resolve([]) };
  return operatorNotes({ config, providers, workspaceId: DEFAULT_WORKSPACE_ID });
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
