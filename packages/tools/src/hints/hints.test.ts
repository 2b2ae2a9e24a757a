import { newId } from '@automatos/kernel';
import { describe, expect, test } from 'vitest';
import { createToolRegistry } from '../registry.ts';
import { LABELLED_REQUESTS } from './labelled-requests.fixture.ts';
import { measureRecall } from './recall.fixture.ts';
import { createToolHints } from './tool-hints.ts';
import { createToolRanking } from './tool-ranking.ts';
import { stem, stemsOf } from './words.ts';

const WORKSPACE = newId<'workspace'>();

describe('the labelled set', () => {
  const registry = createToolRegistry();

  test('names tools that exist, and most of them', () => {
    const known = new Set(registry.list().map((tool) => tool.name));
    const wanted = new Set(LABELLED_REQUESTS.flatMap(([, ...tools]) => tools));
    expect([...wanted].filter((tool) => !known.has(tool))).toEqual([]);
    expect(LABELLED_REQUESTS.length).toBeGreaterThanOrEqual(120);
    expect(wanted.size).toBeGreaterThanOrEqual(60);
  });

  test.each(['dev', 'held-out'] as const)('%s: a fitting tool is among the first five', (part) => {
    expect(measureRecall(part).at5).toBeGreaterThanOrEqual(0.9);
  });
});

const tools = ['alpha', 'beta'].map((name) => ({
  name,
  title: 'Write a report',
  description: 'Writes a report.',
  group: 'test',
}));

describe('ranking', () => {
  test('is the same for the same question, equal tools by name, strangers left out', () => {
    const ranking = createToolRanking([
      ...tools,
      { name: 'other', title: 'Other', description: 'Paints.', group: 'art' },
    ]);
    const rank = () => ranking.rank('reports, please', { limit: 5 });
    expect(rank().map(({ tool }) => tool)).toEqual(['alpha', 'beta']);
    expect(rank()).toEqual(rank());
    expect(rank()[0]?.because).toContain(stem('reports'));
    expect(ranking.rank('', { limit: 5 })).toEqual([]);
  });

  test('prefers what works in the workspace, and chooses only from what may be used', () => {
    const ranking = createToolRanking(tools);
    const history = new Map([
      ['alpha', { calls: 50, successes: 2 }],
      ['beta', { calls: 50, successes: 50 }],
    ]);
    const names = (options: object) =>
      ranking.rank('report', { limit: 5, ...options }).map(({ tool }) => tool);
    expect(names({ history })).toEqual(['beta', 'alpha']);
    expect(names({ history, only: new Set(['alpha']) })).toEqual(['alpha']);
  });

  test('asks for the past of the workspace that asks', async () => {
    const asked: string[] = [];
    const hints = createToolHints({
      registry: createToolRegistry(),
      history: {
        read(workspaceId) {
          asked.push(workspaceId);
          return Promise.resolve(new Map());
        },
      },
    });
    const [best] = await hints.suggest(WORKSPACE, 'scan for secrets', { limit: 1 });
    expect(best?.tool).toBe('secret_scan');
    expect(asked).toEqual([WORKSPACE]);
  });
});

test.each([
  ['dependencies', 'dependency'],
  ['planned', 'plan'],
  ['tests', 'testing'],
  ['vulnerable', 'vulnerability'],
  ['licences', 'licence'],
  ['correlations', 'correlation'],
])('%s and %s are one word', (one, other) => {
  expect(stem(one)).toBe(stem(other));
});

test('names of programs are taken apart', () => {
  expect(stemsOf('createServer in src_main.ts')).toEqual(
    ['create', 'server', 'src', 'main', 'ts'].map(stem),
  );
});
