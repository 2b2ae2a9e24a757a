import type { JsonObject } from '@automatos/kernel';
import { SimulatedCrash, createMemoryJournal } from '@automatos/testing';
import type { MemoryRunOptions } from '@automatos/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { createTeamFixture, mate, request, speaker, unit } from '../testing/team-fixture.ts';
import type { TeamFixture } from '../testing/team-fixture.ts';
import type { Script } from '../testing/turn-fixture.ts';
import type { CoordinationRequest } from './coordination-types.ts';

let fixture: TeamFixture;
afterEach(() => fixture.close());

const usage = { input: 10, output: 5 };
const says = (text: string) => ({ kind: 'answer' as const, text: [text], usage });
const calls = (name: string, path = 'src') => ({
  kind: 'answer' as const,
  toolCalls: [{ name, input: { path } satisfies JsonObject }],
  usage,
});
/** Everybody looks, then answers. */
const looking: Script = (call) =>
  call.toolResults === 0 ? calls('look') : says(`${speaker(call)} is done.`);

const decisionsOf = (result: {
  decisions: { decision: string; subject: string; chosen: string[] }[];
}) =>
  result.decisions.map(
    ({ decision, subject, chosen }) => `${decision} ${subject}: ${chosen.join(', ')}`,
  );

describe('hierarchical', () => {
  test('each unit is done by whom it suits, after its grounds and with their results in view', async () => {
    fixture = await createTeamFixture(looking);
    const { result, memory } = await fixture.work({
      team: [mate('scanner', ['scan']), mate('writer', ['write'])],
      units: [unit('report', ['write'], { dependsOn: ['scan_it'] }), unit('scan_it', ['scan'])],
    });
    expect(result.units).toMatchObject([
      { unitId: 'report', agent: 'writer', status: 'completed', text: 'writer is done.' },
      { unitId: 'scan_it', agent: 'scanner', status: 'completed', findingsTotal: 1 },
    ]);
    expect(result.units[1]?.confidence).toBe(1);
    expect(result.usage).toMatchObject({ model_calls: 4, tool_calls: 2 });
    const writing = fixture.asked.find((call) => speaker(call) === 'writer');
    expect(writing?.userText).toContain('scanner is done.');
    expect(writing?.userText).toContain('"rule": "planted"');
    const told = memory.events().filter(({ type }) => type === 'decision.made');
    expect(told.map(({ data }) => data)).toMatchObject([
      { subject: 'scan_it', pattern: 'hierarchical' },
      { subject: 'report' },
    ]);
    expect(decisionsOf(result)).toEqual(['assign scan_it: scanner', 'assign report: writer']);
  });

  test('results stand on the board of the run', async () => {
    fixture = await createTeamFixture(looking);
    const { memory } = await fixture.work({
      team: [mate('scanner', ['scan'])],
      units: [unit('scan_it', ['scan'])],
    });
    const { workspaceId, runId } = memory.context;
    const notes = await fixture.board.notes({ workspaceId, runId }, { prefix: 'units/', limit: 9 });
    expect(notes).toMatchObject([
      { key: 'units/scan_it/scanner', version: 1, author: 'scanner', value: { findings_total: 1 } },
    ]);
  });

  test('a failure goes to the next candidate; what builds on a unit that nobody could do is skipped', async () => {
    fixture = await createTeamFixture((call) =>
      speaker(call) === 'broken' && call.toolResults === 0 ? calls('break') : looking(call),
    );
    const { result } = await fixture.work({
      team: [mate('broken', ['scan'], { runs: 9, successes: 9 }), mate('able', ['scan'])],
      units: [
        unit('scan_it', ['scan']),
        unit('sing_it', ['sing']),
        unit('dance', ['scan'], { dependsOn: ['sing_it'] }),
      ],
    });
    expect(result.units).toMatchObject([
      { agent: 'able', status: 'completed', usage: { model_calls: 4 } },
      { agent: null, status: 'failed', error: { code: 'agents.coordination.no_candidate' } },
      { status: 'skipped', error: { code: 'agents.coordination.grounds_missing' } },
    ]);
    expect(decisionsOf(result)).toContain('reassign scan_it: able');
  });

  test('a unit that nobody covers alone is split, and its parts are joined', async () => {
    fixture = await createTeamFixture(looking);
    const { result } = await fixture.work({
      team: [mate('ann', ['scan']), mate('bob', ['write'])],
      units: [unit('wide', ['scan', 'write'])],
    });
    expect(result.units[0]).toMatchObject({ agent: 'ann', status: 'completed', findingsTotal: 1 });
    expect(result.units[0]?.text).toContain('## bob\n\nbob is done.');
    expect(decisionsOf(result)).toEqual(['split wide: ann, bob']);
  });

  const unsure: Partial<CoordinationRequest> = {
    team: [
      mate('guesser', ['scan'], { runs: 9, successes: 9 }),
      mate('looker', ['scan'], { runs: 9, successes: 1 }),
    ],
    units: [unit('scan_it', ['scan'])],
    settings: { confidence_threshold: 0.8 },
  };
  const guessing: Script = (call) =>
    speaker(call) === 'guesser' ? says('I guess so.') : looking(call);

  test('a result that no check stands behind goes to a teammate, and the surer one counts', async () => {
    fixture = await createTeamFixture(guessing);
    const { result } = await fixture.work(unsure);
    expect(result.units[0]).toMatchObject({ agent: 'looker', confidence: 1 });
    expect(decisionsOf(result)).toEqual(['assign scan_it: guesser', 'escalate scan_it: looker']);
    expect(result.decisions[1]?.reason).toContain('under 0.8');
  });

  test('the stronger model is tried before a teammate', async () => {
    fixture = await createTeamFixture((call) =>
      call.model === 'strong-model' ? looking(call) : guessing(call),
    );
    const stronger_model = { provider: 'openai-compatible', model: 'strong-model' };
    const { result } = await fixture.work({
      ...unsure,
      settings: { ...unsure.settings, stronger_model },
    });
    expect(result.units[0]).toMatchObject({ agent: 'guesser', confidence: 1 });
    expect(decisionsOf(result)).toContain('escalate scan_it: guesser');
  });

  describe('when nobody is sure, a person decides:', () => {
    const nobodySure: Script = (call) => says(`${speaker(call)} guesses.`);
    test.each([
      ['accepted', { decision: 'approved' as const, by: 'Ada' }, 'completed'],
      ['refused', { decision: 'rejected' as const, by: 'Ada' }, 'failed'],
      ['nobody came', { decision: 'timed_out' as const }, 'failed'],
    ])('%s', async (_name, answer, status) => {
      fixture = await createTeamFixture(nobodySure);
      const work = {
        ...unsure,
        units: [...(unsure.units ?? []), unit('other', ['scan'])],
      };
      const asked: string[] = [];
      const { result } = await fixture.work(work, {
        decide: ({ key, message }) => {
          asked.push(`${key} ${message}`);
          return key.endsWith('/other') ? { decision: 'approved' } : answer;
        },
      });
      expect(asked).toHaveLength(2);
      expect(asked[0]).toContain('guesses.');
      expect(result.units[0]).toMatchObject({ status });
      expect(decisionsOf(result)).toContain('escalate scan_it: person');
    });

    test('a pattern that asks nobody says that the result is unsure', async () => {
      fixture = await createTeamFixture(nobodySure);
      const { result } = await fixture.work({
        ...unsure,
        settings: { ...unsure.settings, ask_person: false },
      });
      expect(result.units[0]?.status).toBe('completed');
      expect(decisionsOf(result).at(-1)).toBe('accept_unsure scan_it: guesser');
    });
  });

  test('a budget is split by complexity, and its share stops a unit', async () => {
    fixture = await createTeamFixture(looking);
    const { result } = await fixture.work({
      team: [mate('ann', ['scan'])],
      units: [unit('easy', ['scan'], { complexity: 0 }), unit('hard', ['scan'], { complexity: 1 })],
      settings: { budget: { tokens: 4_000 }, candidates_max: 1 },
    });
    expect(result.decisions[0]).toMatchObject({
      decision: 'allocate_budget',
      candidates: [
        { name: 'easy', reasons: ['666 tokens'] },
        { name: 'hard', reasons: ['3333 tokens'] },
      ],
    });
    expect(result.units).toMatchObject([
      { status: 'failed', error: { code: 'agents.coordination.limit_reached' } },
      { status: 'completed' },
    ]);
  });

  test('no more turns than the limit allows work at once', async () => {
    let atOnce = 0;
    let most = 0;
    fixture = await createTeamFixture(async (call) => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise((resolve) => setImmediate(resolve));
      atOnce -= 1;
      return says(`${speaker(call)} is done.`);
    });
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    await fixture.work({
      team: ids.map((id) => mate(id, [id])),
      units: ids.map((id) => unit(id, [id])),
      settings: { parallel_limit: 2, confidence_threshold: 0 },
    });
    expect(most).toBeLessThanOrEqual(2);
  });
});

describe('nothing done', () => {
  test('by anybody is a failure of the work', async () => {
    fixture = await createTeamFixture(looking);
    for (const kind of ['hierarchical', 'collaborative', 'emergent'] as const)
      await expect(
        fixture.work({ kind, team: [mate('ann', ['scan'])], units: [unit('a', ['sing'])] }),
      ).rejects.toMatchObject({ code: 'agents.coordination.nothing_done' });
  });

  test('a team without anybody who is active does nothing', async () => {
    fixture = await createTeamFixture(looking);
    const team = [mate('ann', ['scan'], { status: 'paused' })];
    await expect(fixture.work({ team, units: [unit('a', ['scan'])] })).rejects.toMatchObject({
      code: 'agents.coordination.nothing_done',
    });
    expect(fixture.asked).toEqual([]);
  });

  test('settings that do not fit are named', async () => {
    fixture = await createTeamFixture(looking);
    await expect(
      fixture.work({ settings: { parts_max: 99 }, units: [unit('a', [])] }),
    ).rejects.toMatchObject({
      code: 'agents.pattern.settings_invalid',
      errors: [{ pointer: '/settings/parts_max' }],
    });
  });

  test('a cancel ends the work with its reason', async () => {
    const stop = new AbortController();
    fixture = await createTeamFixture(() => {
      stop.abort(new Error('enough'));
      return new Promise(() => undefined);
    });
    await expect(
      fixture.work({
        team: [mate('ann', ['scan'])],
        units: [unit('a', ['scan'])],
        signal: stop.signal,
      }),
    ).rejects.toThrow('enough');
  });
});

describe('after a crash', () => {
  const works: [string, Partial<CoordinationRequest>][] = [
    [
      'hierarchical',
      {
        team: [mate('ann', ['scan']), mate('bob', ['scan', 'write'])],
        units: [unit('a', ['scan']), unit('b', ['write'], { dependsOn: ['a'] })],
      },
    ],
    [
      'collaborative',
      {
        kind: 'collaborative',
        team: [mate('ann', ['scan']), mate('bob', ['scan']), mate('cyd', ['scan'])],
        units: [unit('a', ['scan'])],
        settings: { debate_rounds: 2 },
      },
    ],
    [
      'emergent',
      {
        kind: 'emergent',
        team: [mate('ann', ['scan']), mate('bob', ['write'])],
        units: [unit('a', ['scan', 'write']), unit('b', ['scan'], { dependsOn: ['a'] })],
      },
    ],
  ];
  /** One of them comes to something else, so that there is a debate and a vote. */
  const differing: Script = (call) => {
    if (call.tools.length === 0) return says('{"choice":"ann","reason":"it is better founded"}');
    return says(speaker(call) === 'bob' ? 'It is 2.' : 'It is 1.');
  };

  test.each(works)('%s work goes on, repeats no call and ends the same', async (kind, parts) => {
    const settings = {
      ...parts.settings,
      ...(kind === 'hierarchical' ? { confidence_threshold: 0 } : {}),
    };
    const work = request({ ...parts, settings });
    const script = kind === 'collaborative' ? differing : looking;
    fixture = await createTeamFixture(script);
    const journal = createMemoryJournal();
    const whole = await fixture.work(work, { journal });
    const steps = journal.steps.size;
    const events = whole.memory.events().map(({ key }) => key);
    expect(steps).toBeGreaterThan(6);
    await fixture.close();
    for (let crashAfterSteps = 0; crashAfterSteps < steps; crashAfterSteps += 3) {
      fixture = await createTeamFixture(script);
      const run: MemoryRunOptions = { journal: createMemoryJournal() };
      await expect(fixture.work(work, { ...run, crashAfterSteps })).rejects.toThrow(SimulatedCrash);
      const kept = new Set([...(run.journal?.steps.values() ?? [])].map(({ name }) => name));
      const { result, memory } = await fixture.work(work, run);
      expect(result).toEqual(whole.result);
      expect(memory.executed.filter((name) => kept.has(name))).toEqual([]);
      expect(new Set(memory.journal.steps.keys()).size).toBe(steps);
      const told = memory.events().filter(({ type }) => type === 'decision.made');
      expect(new Set(told.map(({ key }) => key))).toEqual(
        new Set(events.filter((key) => key.startsWith('decision:'))),
      );
      await fixture.close();
    }
  });
});
