import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestBench, type TestBench } from '../test-executor.fixture.ts';
import { planQuestion } from './plan-question.ts';
import { createRanking } from './rank-passages.ts';
import { parseOrigin, readCitations } from './read-citations.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await createTestBench();
});
afterAll(() => bench.close());

describe('plans', () => {
  it.each([
    ['Should we use Kestrel or Petrel?', 'comparison', ['Kestrel', 'Petrel'], []],
    [
      'Compare Kestrel, Petrel and Corvid by latency and price.',
      'comparison',
      ['Kestrel', 'Petrel', 'Corvid'],
      ['latency', 'price'],
    ],
    ['Why did the broker stop?', 'cause', [], []],
    ['How many nodes does Kestrel need?', 'quantity', [], []],
    ['How do I install Kestrel?', 'procedure', [], []],
    ['When was Kestrel released and who maintains it?', 'fact', [], []],
  ])('%s', (...[question, kind, options, criteria]) => {
    expect(planQuestion(question)).toMatchObject({ kind, options, criteria });
  });

  it('split what asks several things, and carry the subject on', () => {
    const [when, who] = planQuestion(
      'When was Kestrel released and who maintains it?',
    ).sub_questions;
    expect(when).toMatchObject({ question: 'When was Kestrel released', evidence: ['date'] });
    expect(who).toMatchObject({ evidence: ['person'], terms: ['kestrel', 'maintain'] });
  });

  it('say when a question names too little', async () => {
    expect(
      (await bench.run('research_plan', { question: 'Is it any good?' })).findings,
    ).toMatchObject([{ rule: 'research.question_vague' }]);
    expect(
      (await bench.run('research_plan', { target: 'Which licence has Kestrel?' })).findings,
    ).toEqual([]);
    expect(await bench.run('research_plan', {})).toMatchObject({
      error: { code: 'tools.question.none' },
    });
  });
});

describe('ranking', () => {
  it('puts passages with rare wanted words first, and short ones before long ones', () => {
    const passage = (text: string) => ({ item: text, source: {} as never, terms: text.split(' ') });
    const ranking = createRanking(
      [
        'broker latency low',
        'broker broker broker',
        'broker latency low and much more about other things',
        'nothing here',
      ].map(passage),
    );
    expect(ranking.rank(['broker', 'latency']).map(({ passage: { item } }) => item)).toEqual([
      'broker latency low',
      'broker latency low and much more about other things',
      'broker broker broker',
    ]);
  });
});

describe('citations', () => {
  it.each([
    ['a/b.md:3', { origin: 'a/b.md', line: 3, endLine: 3 }],
    ['a/b.md:3-5', { origin: 'a/b.md', line: 3, endLine: 5 }],
    ['https://example.com/a#L7', { origin: 'https://example.com/a', line: 7, endLine: 7 }],
    [
      'https://example.com:8080/a',
      { origin: 'https://example.com:8080/a', line: null, endLine: null },
    ],
    ['http://127.0.0.1:8080', { origin: 'http://127.0.0.1:8080', line: null, endLine: null }],
    ['b.md', { origin: 'b.md', line: null, endLine: null }],
  ])('%s', (text, wanted) => {
    expect(parseOrigin(text)).toEqual(wanted);
  });

  it('belong to the sentence that they stand behind; quotations stay whole', () => {
    const found = readCitations('First “one. Two three.” [a.md:1] Then more (b.md:2). Last one.');
    expect(
      found.map(({ citations, quotes }) => [
        citations.map(({ origin }) => origin),
        quotes.map(({ text }) => text),
      ]),
    ).toEqual([
      [['a.md'], ['one. Two three.']],
      [['b.md'], []],
      [[], []],
    ]);
  });

  it('that hold are not reported: other quotation marks, omissions, wrapped lines, notes', async () => {
    await bench.write(
      'ok/source.md',
      'It’s a “small” broker that needs three\nnodes and 12 ms for each message in the *test*.\n',
    );
    const draft = [
      'They write "it\'s a small broker that needs three nodes" [source.md:1-2].',
      '',
      'It takes 12 ms [^1]. “a small broker … for each message in the test” [source.md:1-2]',
      '',
      'I would take it. Is it fast?',
      '',
      '[^1]: source.md:2',
    ].join('\n');
    const outcome = await bench.run('cite_check', { draft, sources: ['ok'] });
    expect(outcome.findings).toEqual([]);
    expect(outcome.output).toMatchObject({ citations: 3, resolved: 3, quotes: 2 });
  });

  it('need sources', async () => {
    expect(await bench.run('cite_check', { draft: 'So it is [x.md:1].' })).toMatchObject({
      error: { code: 'tools.sources.none' },
    });
  });
});

describe('synthesis', () => {
  it('gives only sentences of the sources, whose citations then hold', async () => {
    await bench.write(
      'facts/a.md',
      '# Kestrel\n\nKestrel was released on 3 March 2026. It is written in C.\n',
    );
    await bench.write('facts/b.md', 'Kestrel is maintained by Marta Lindqvist.\n');
    const made = await bench.run('synthesise_claims', {
      question: 'When was Kestrel released and who maintains it? Why is the sky green?',
      sources: ['facts'],
    });
    const output = made.output as {
      draft: string;
      open_questions: string[];
      claims: { text: string }[];
    };
    expect(output.claims.map(({ text }) => text)).toEqual([
      'Kestrel was released on 3 March 2026.',
      'Kestrel is maintained by Marta Lindqvist.',
    ]);
    expect(output.open_questions).toEqual(['Why is the sky green?']);
    const checked = await bench.run('cite_check', { draft: output.draft, sources: ['facts'] });
    expect(checked.findings).toEqual([]);
    expect(checked.output).toMatchObject({ citations: 2, resolved: 2, quotes: 2 });
  });
});
