import { afterEach, describe, expect, test } from 'vitest';
import { createTeamFixture, mate, speaker, unit } from '../testing/team-fixture.ts';
import type { TeamFixture } from '../testing/team-fixture.ts';
import type { Script } from '../testing/turn-fixture.ts';

let fixture: TeamFixture;
afterEach(() => fixture.close());

const usage = { input: 10, output: 5 };
const says = (text: string) => ({ kind: 'answer' as const, text: [text], usage });
const looks = (path: string) => ({
  kind: 'answer' as const,
  toolCalls: [{ name: 'look', input: { path } }],
  usage,
});
const TEAM = [
  mate('ann', ['scan'], { runs: 20, successes: 19 }),
  mate('bob', ['scan'], { runs: 20, successes: 3 }),
  mate('cyd', ['scan'], { runs: 20, successes: 3 }),
];
const base = { kind: 'collaborative' as const, team: TEAM, units: [unit('q', ['scan'])] };
const isVote = (call: Parameters<Script>[0]) => call.tools.length === 0;
const isDebate = (call: Parameters<Script>[0]) => call.userText.includes('In dispute');

describe('collaborative', () => {
  test('full agreement scores exactly 1, and nothing is debated', async () => {
    fixture = await createTeamFixture((call) =>
      call.toolResults === 0 ? looks('src') : says(`${speaker(call)} in own words`),
    );
    const { result } = await fixture.work({ ...base, settings: { debate_rounds: 3 } });
    expect(result.agreement).toBe(1);
    expect(result.disagreements).toEqual([]);
    expect(result.units[0]).toMatchObject({ status: 'completed', agent: 'ann', confidence: 1 });
    expect(result.units[0]?.findings).toHaveLength(1);
    expect(result.decisions.map(({ decision }) => decision)).toEqual(['invite', 'consensus']);
    expect(fixture.asked).toHaveLength(6);
  });

  /** Everybody answers 1, bob answers 2; votes and debates change nobody's mind. */
  const stubborn: Script = (call) => {
    if (isVote(call))
      return says(
        JSON.stringify({
          choice: call.userText.includes('x') && speaker(call) === 'bob' ? 'bob' : 'ann',
          reason: 'so',
        }),
      );
    return says(speaker(call) === 'bob' ? 'The answer is 2.' : 'The answer is 1.');
  };

  test('what agents do not agree on is reported with what each said', async () => {
    fixture = await createTeamFixture(stubborn);
    const { result } = await fixture.work({
      ...base,
      settings: { debate_rounds: 1, resolution: 'majority', agreement_target: 0.9 },
    });
    expect(result.agreement).toBeCloseTo(2 / 3, 10);
    expect(result.disagreements).toEqual([
      {
        subject: 'q: q',
        positions: [
          { agents: ['ann', 'cyd'], says: 'The answer is 1.', weight: 2 },
          { agents: ['bob'], says: 'The answer is 2.', weight: 1 },
        ],
      },
    ]);
    expect(result.units[0]).toMatchObject({ agent: 'ann', text: 'The answer is 1.' });
    expect(result.decisions.map(({ decision }) => decision)).toEqual([
      'invite',
      'debate',
      'vote',
      'consensus',
    ]);
  });

  test.each([
    ['majority', 'The answer is 2.'],
    ['weighted', 'The answer is 1.'],
    ['expert', 'The answer is 1.'],
  ])('by %s', async (resolution, text) => {
    fixture = await createTeamFixture((call) => {
      if (isVote(call))
        return says(
          JSON.stringify({ choice: speaker(call) === 'ann' ? 'ann' : 'bob', reason: 'so' }),
        );
      return says(speaker(call) === 'ann' ? 'The answer is 1.' : `The answer is 2.`);
    });
    const { result } = await fixture.work({ ...base, settings: { debate_rounds: 0, resolution } });
    expect(result.units[0]?.text).toBe(text);
    expect(result.disagreements).toHaveLength(1);
  });

  test('in a debate agents see what the others said, and may come to agree', async () => {
    fixture = await createTeamFixture((call) => {
      if (isVote(call)) return says(JSON.stringify({ choice: speaker(call), reason: 'mine' }));
      if (isDebate(call) && speaker(call) === 'bob') return says('The answer is 1.');
      return says(speaker(call) === 'bob' ? 'The answer is 2.' : 'The answer is 1.');
    });
    const { result } = await fixture.work({
      ...base,
      settings: { debate_rounds: 3, resolution: 'majority' },
    });
    const debated = fixture.asked.filter((call) => isDebate(call) && !isVote(call));
    expect(debated.map(speaker).toSorted()).toEqual(['ann', 'bob', 'cyd']);
    expect(debated.find((call) => speaker(call) === 'ann')?.userText).toContain('The answer is 2.');
    expect(result.agreement).toBe(1);
    expect(result.disagreements).toEqual([]);
  });

  test('when a result is refined only those work again who are not behind it', async () => {
    fixture = await createTeamFixture(stubborn);
    const { result } = await fixture.work({
      ...base,
      settings: { debate_rounds: 2, resolution: 'iterative_refinement', agreement_target: 1 },
    });
    const refined = result.decisions.filter(({ decision }) => decision === 'refine');
    expect(refined.map(({ chosen }) => chosen)).toEqual([['bob'], ['bob']]);
  });

  test('a finding counts against who looked in the same way, not against who did not look', async () => {
    fixture = await createTeamFixture((call) => {
      const who = speaker(call);
      if (call.toolResults > 0 || who === 'cyd') return says(`${who} is done.`);
      return looks('src');
    });
    const { result } = await fixture.work({ ...base, settings: { debate_rounds: 0 } });
    expect(result.agreement).toBe(1);
    expect(result.units[0]?.findings).toHaveLength(1);
  });

  test('who fails is left out of the vote; one alone agrees with nobody', async () => {
    fixture = await createTeamFixture((call) =>
      speaker(call) === 'ann'
        ? says('The answer is 1.')
        : ({ kind: 'error', status: 400 } as never),
    );
    const { result } = await fixture.work({ ...base, settings: { debate_rounds: 1 } });
    expect(result.agreement).toBeNull();
    expect(result.units[0]).toMatchObject({ status: 'completed', agent: 'ann' });
  });

  test('work, notes and messages stand on the board', async () => {
    fixture = await createTeamFixture(stubborn);
    const { memory } = await fixture.work({
      ...base,
      settings: { debate_rounds: 1, agreement_target: 1 },
    });
    const { workspaceId, runId } = memory.context;
    const notes = await fixture.board.notes(
      { workspaceId, runId },
      { prefix: 'units/q/', limit: 9 },
    );
    expect(notes.map(({ key, version }) => `${key} ${version}`)).toEqual([
      'units/q/ann 2',
      'units/q/bob 2',
      'units/q/cyd 2',
    ]);
    const messages = await fixture.board.messages(
      { workspaceId, runId },
      { agent: 'bob', limit: 9 },
    );
    expect(messages).toMatchObject([{ from: 'coordinator', to: { topic: 'units/q' } }]);
  });
});

describe('emergent', () => {
  test('needs are told, bid for and met; each award says why', async () => {
    fixture = await createTeamFixture((call) =>
      call.toolResults === 0 ? looks('src') : says(`${speaker(call)} is done.`),
    );
    const { result, memory } = await fixture.work({
      kind: 'emergent',
      team: [mate('ann', ['scan']), mate('bob', ['write'])],
      units: [
        unit('wide', ['scan', 'write']),
        unit('after', ['write'], { dependsOn: ['wide'] }),
        unit('odd', ['sing']),
      ],
      settings: { attraction_per_round: 0.3 },
    });
    expect(result.units).toMatchObject([
      { agent: 'ann', status: 'completed' },
      { agent: 'bob', status: 'completed' },
      { status: 'completed' },
    ]);
    expect(result.decisions.map(({ decision, subject }) => `${decision} ${subject}`)).toEqual([
      'form_group wide',
      'award after',
      'switch_role odd',
      'stop work',
    ]);
    expect(result.decisions.at(-1)?.reason).toBe('Every need was decided.');
    const { workspaceId, runId } = memory.context;
    const told = await fixture.board.messages({ workspaceId, runId }, { agent: 'ann', limit: 9 });
    expect(told[0]?.text).toContain('wide (wide; scan, write): ann, bob');
  });

  test('what nobody takes is failed with the reason of the end', async () => {
    fixture = await createTeamFixture((call) => says(`${speaker(call)} is done.`));
    const { result } = await fixture.work({
      kind: 'emergent',
      team: [mate('ann', ['scan'])],
      units: [unit('a', ['scan']), unit('odd', ['sing'])],
      settings: { attraction_per_round: 0 },
    });
    expect(result.units[1]).toMatchObject({
      status: 'failed',
      agent: null,
      error: { code: 'agents.coordination.unmet' },
    });
    expect(result.units[1]?.error?.message).toContain('No open need attracts');
  });

  test('a budget that is used up ends it', async () => {
    fixture = await createTeamFixture((call) => ({
      ...says(`${speaker(call)} is done.`),
      usage: { input: 2_900, output: 100 },
    }));
    const { result } = await fixture.work({
      kind: 'emergent',
      team: [mate('ann', ['scan'])],
      units: [unit('a', ['scan']), unit('b', ['scan'], { dependsOn: ['a'] })],
      settings: { budget: { tokens: 3_000 } },
    });
    expect(result.units.map(({ status }) => status)).toEqual(['completed', 'failed']);
    expect(result.decisions.at(-1)?.reason).toBe('The budget of the pattern is used up.');
  });
});
