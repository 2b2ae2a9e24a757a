import { createTestDatabase, type TestDatabase } from '@automatos/database/testing';
import type { RouterSettings } from '@automatos/contracts';
import { routerSettingsSchema } from '@automatos/contracts';
import { noMetrics, silentLogger, systemClock } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelResult } from '../calls/model-call.ts';
import { createAnswerCache } from './answer-cache.ts';
import type { CacheRequest, EmbedTexts } from './cache-port.ts';
import { createSemanticAnswers } from './semantic-answers.ts';
import { createRedisAnswers } from './shared-answers.ts';
import type { SharedAnswers } from './shared-answers.ts';
import { REF, result } from './answers.fixture.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.close());

const EMBEDDING = { provider: 'openai', model: 'text-embedding-3-small' };
const settings: RouterSettings['cache'] = routerSettingsSchema.parse({
  cache: { mode: 'always', semantic: { similarity: 0.95, embedding: EMBEDDING } },
}).cache;

const answerOf = (text: string): ModelResult =>
  result({ text, message: { role: 'assistant', content: text } });

function ask(content: string, workspaceId: WorkspaceId, system = 's'): CacheRequest {
  return {
    owner: { workspaceId, callId: 'c', source: 'run' },
    call: {
      workspaceId,
      ref: REF,
      messages: [
        { role: 'system', content: system },
        { role: 'user', content },
      ],
      signal: new AbortController().signal,
    },
    refs: [REF],
    settings,
    endpoint: null,
    onDelta: () => undefined,
    onFallback: () => undefined,
  };
}
const answering = (text: string) => () => Promise.resolve(answerOf(text));
const neverAsked = () => Promise.reject(new Error('upstream was asked'));

/** Directions by the words of a text: two texts are the nearer, the more words they share. */
const WORDS = ['capital', 'france', 'paris', 'weather', 'city', 'tell'];
const embed: EmbedTexts = ({ texts }) =>
  Promise.resolve(
    texts.map((text) => WORDS.map((word) => (text.toLowerCase().includes(word) ? 1 : 0.05))),
  );

describe('answers by meaning', () => {
  const answers = () => createSemanticAnswers(test.database);
  const open = (embedTexts: EmbedTexts = embed) =>
    createAnswerCache({
      clock: systemClock,
      logger: silentLogger,
      metrics: noMetrics,
      database: test.database,
      semantic: { answers: answers(), embed: embedTexts },
    });
  const isKept = async (count: number, workspaceId = test.workspaceId) =>
    expect
      .poll(async () => {
        const { rows } = await test.database.pool.query<{ n: number }>(
          'SELECT count(*)::int AS n FROM llm_semantic_answers WHERE workspace_id = $1',
          [workspaceId],
        );
        return rows[0]?.n;
      })
      .toBe(count);

  it('are found for another wording, by any process, only under the same instructions and in the same workspace', async () => {
    const { workspaceId, otherWorkspaceId } = test;
    const asked = await open().answer(ask('Capital of France?', workspaceId), answering('Paris.'));
    expect(asked.outcome).toBe('miss');
    await isKept(1);
    const elsewhere = open();
    expect(
      await elsewhere.answer(ask('the CAPITAL of france', workspaceId), neverAsked),
    ).toMatchObject({
      outcome: 'semantic',
      result: { text: 'Paris.', costMicros: 0, route: { cache: 'semantic' } },
    });
    const others = [
      ask('What is the weather in Paris?', workspaceId),
      ask('the capital of France', workspaceId, 'other instructions'),
      ask('the capital of France', otherWorkspaceId),
    ];
    for (const other of others)
      expect((await elsewhere.answer(other, answering('other'))).outcome).toBe('miss');
    await isKept(3);
    await isKept(1, otherWorkspaceId);

    expect(await elsewhere.clear(workspaceId)).toBeGreaterThanOrEqual(3);
    await isKept(0);
    await isKept(1, otherWorkspaceId);
    await elsewhere.clear(otherWorkspaceId);
  });

  it('do not stand in the way when the embedder fails', async () => {
    const cache = open(() => Promise.reject(new Error('no embedder')));
    const got = await cache.answer(ask('Capital?', test.workspaceId), answering('Paris.'));
    expect(got).toMatchObject({ outcome: 'miss', result: { text: 'Paris.' } });
  });

  it('are bounded, and too old ones are not found', async () => {
    const few = createSemanticAnswers(test.database, 2);
    const { workspaceId } = test;
    for (const keptAt of [1_000, 2_000, 3_000])
      await few.keep(workspaceId, {
        scope: 's',
        vector: [1, keptAt],
        answer: { result: answerOf(String(keptAt)), keptAt },
      });
    await isKept(2);
    const find = (since: number) =>
      few.nearest({ workspaceId, scope: 's', vector: [1, 2_000], similarity: 0.9, since });
    expect(await find(0)).toMatchObject({ keptAt: 2_000, result: { text: '2000' } });
    expect((await find(2_500))?.keptAt).toBe(3_000);
    expect(await find(3_000)).toBeUndefined();
    expect(
      await few.nearest({ workspaceId, scope: 's', vector: [0, 0], similarity: 0, since: 0 }),
    ).toBeUndefined();
    expect(
      await few.nearest({ workspaceId, scope: 's', vector: [1, 2, 3], similarity: 0.5, since: 0 }),
    ).toBeUndefined();
    await few.clear(workspaceId);
  });
});

describe('forgetting', () => {
  it('reaches the memory of other processes', async () => {
    const make = () =>
      createAnswerCache({
        clock: systemClock,
        logger: silentLogger,
        metrics: noMetrics,
        database: test.database,
      });
    const [here, there] = [make(), make()];
    await Promise.all([here.start(), there.start()]);
    await there.answer(ask('q', test.workspaceId), answering('a'));
    expect(there.stats(test.workspaceId).entries).toBe(1);
    await here.clear(test.workspaceId);
    await expect.poll(() => there.stats(test.workspaceId).entries).toBe(0);
    await Promise.all([here.close(), there.close()]);
  });
});

const redisUrl = process.env['AUTOMATOS_TEST_REDIS_URL'] || undefined;
describe.runIf(redisUrl !== undefined)('answers in Redis', () => {
  const make = async () => {
    const shared: SharedAnswers = createRedisAnswers({ url: redisUrl ?? '', logger: silentLogger });
    const probe = { result: answerOf('probe'), keptAt: Date.now() };
    await expect
      .poll(async () => {
        await shared.set(test.workspaceId, 'probe', { answer: probe, ttlMs: 10_000 });
        return (await shared.get(test.workspaceId, 'probe'))?.result.text;
      })
      .toBe('probe');
    return createAnswerCache({
      clock: systemClock,
      logger: silentLogger,
      metrics: noMetrics,
      database: test.database,
      shared,
    });
  };

  it('are shared by processes, never by workspaces, and forgotten everywhere', async () => {
    const [here, there] = [await make(), await make()];
    await Promise.all([here.start(), there.start()]);
    const question = `q ${Date.now()}`;
    await here.answer(ask(question, test.workspaceId), answering('a'));
    await expect
      .poll(
        async () => (await there.answer(ask(question, test.workspaceId), answering('b'))).outcome,
      )
      .toBe('hit');
    expect((await there.answer(ask(question, test.otherWorkspaceId), answering('c'))).outcome).toBe(
      'miss',
    );
    expect(await here.clear(test.workspaceId)).toBeGreaterThanOrEqual(1);
    await expect.poll(() => there.stats(test.workspaceId).entries).toBe(0);
    const again = await there.answer(ask(question, test.workspaceId), answering('d'));
    expect(again.result.text).toBe('d');
    await Promise.all([here.close(), there.close()]);
  });

  it('are absent while Redis is away, and no call fails', async () => {
    const away = createRedisAnswers({ url: 'redis://127.0.0.1:9', logger: silentLogger });
    expect(await away.get(test.workspaceId, 'k')).toBeUndefined();
    await away.set(test.workspaceId, 'k', {
      answer: { result: answerOf('x'), keptAt: 0 },
      ttlMs: 1,
    });
    expect(await away.clear(test.workspaceId)).toBe(0);
    await away.close();
  });
});
