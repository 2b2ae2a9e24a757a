import type { PlatformError } from '@automatos/kernel';
import { createMemoryJournal, createMemoryRun } from '@automatos/testing';
import { describe, expect, it } from 'vitest';
import { createHarness, eventsOf } from '../test-harness.fixture.ts';

/** A step whose tool needs the consent of a person, and brings a document along. */
function asking() {
  const harness = createHarness(
    `
steps:
  - { step_id: send, type: tool, tool: send, input: { to: a, password: hunter22 } }
outputs: { send: "{{steps.send}}" }
`,
    {
      tools: {
        send: () => {
          const { approvedBy } = harness.calls.at(-1) ?? {};
          if (approvedBy === undefined) {
            const message = 'Tool "send" needs the consent of a person: so it is set.';
            const error = {
              code: 'tools.approval.required',
              kind: 'forbidden' as const,
              message,
              retryable: false,
            };
            return Promise.resolve({ status: 'denied', summary: message, error });
          }
          return Promise.resolve({
            output: { by: approvedBy },
            truncated: true,
            fullOutput: 'full-output.json',
            artifacts: [
              { name: 'letter.md', title: 'Letter', contentType: 'text/markdown', content: '# Hi' },
              {
                name: 'full-output.json',
                title: 'All',
                contentType: 'application/json',
                content: '{}',
              },
            ],
          });
        },
      },
    },
  );
  return harness;
}

describe('a tool step whose call needs consent', () => {
  it('is made once a person agreed; what it made is kept with the run', async () => {
    const asked: string[] = [];
    let nowMs = 0;
    const outcome = await asking().execute({
      now: () => nowMs,
      decide(request) {
        asked.push(request.message);
        // Longer than the run may take: waiting does not count.
        nowMs += 3_600_000;
        return { decision: 'approved', by: 'ada' };
      },
    });
    expect(outcome.error).toBeNull();
    expect(asked).toHaveLength(1);
    expect(asked[0]).toContain('"password": "[masked]"');
    const send = outcome.outputs?.['send'];
    const full = outcome.run.journal.artifacts.get('send/1/0/0/full-output.json');
    expect(send).toMatchObject({
      output: { by: 'ada' },
      artifacts: [{ name: 'letter.md' }, { name: 'full-output.json' }],
      full_output: `/api/runs/${outcome.run.context.runId}/artifacts/${full?.id}`,
    });
    expect(eventsOf(outcome, 'tool.started')).toHaveLength(1);
    expect(eventsOf(outcome, 'tool.failed')).toHaveLength(0);
  });

  it('is not made when they refuse: the step fails and says who', async () => {
    const harness = asking();
    const outcome = await harness.execute({
      decide: () => ({ decision: 'rejected', by: 'eve', comment: 'too early' }),
    });
    expect((outcome.error as PlatformError).message).toContain('eve said no: too early');
    expect(harness.calls).toHaveLength(1);
  });

  it.each([1, 2, 3, 4, 5, 6, 7])(
    'after a crash with %i calls recorded goes on where it was',
    async (crashAfterSteps) => {
      const harness = asking();
      const journal = createMemoryJournal();
      const { runId } = createMemoryRun().context;
      const decide = () => ({ decision: 'approved' as const, by: 'ada' });
      await harness.execute({ journal, runId, crashAfterSteps, decide });
      const kept = new Set([...journal.steps.values()].map(({ name }) => name));
      const second = await harness.execute({ journal, runId, decide });
      expect(second.error).toBeNull();
      expect(second.run.executed.filter((name) => kept.has(name))).toEqual([]);
      expect(
        harness.calls.filter((call) => call.approvedBy !== undefined).length,
      ).toBeLessThanOrEqual(2);
      expect(second.run.journal.artifacts.size).toBe(2);
    },
  );
});
