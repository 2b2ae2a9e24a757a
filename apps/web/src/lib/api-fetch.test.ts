import { expect, it, vi } from 'vitest';
import { createApiFetch } from './api-fetch.ts';

const refusal = (code: string) => Response.json({ status: 403, code, detail: '' }, { status: 403 });

function setUp(answers: Response[], proves = true) {
  const sent: { workspace: string | null; body: string }[] = [];
  const stepUp = vi.fn<() => Promise<boolean>>(() => Promise.resolve(proves));
  const onForeignWorkspace = vi.fn<() => void>();
  const call = createApiFetch({
    fetch: async (input) => {
      const request = input as Request;
      sent.push({
        workspace: request.headers.get('x-workspace-id'),
        body: await request.text(),
      });
      return answers.shift() ?? new Response('{}');
    },
    workspace: () => 'w1',
    stepUp,
    onForeignWorkspace,
  });
  const post = () => call('http://localhost/api/x', { method: 'POST', body: '{"a":1}' });
  return { post, sent, stepUp, onForeignWorkspace };
}

it('names the workspace', async () => {
  const { post, sent } = setUp([]);
  await post();
  expect(sent).toEqual([{ workspace: 'w1', body: '{"a":1}' }]);
});

it('repeats the whole request once the person proved who they are', async () => {
  const { post, sent, stepUp } = setUp([refusal('security.step_up.required')]);
  expect((await post()).status).toBe(200);
  expect(stepUp).toHaveBeenCalledOnce();
  expect(sent).toEqual(Array(2).fill({ workspace: 'w1', body: '{"a":1}' }));
});

it('leaves the refusal, readable, to whoever asked when nothing was proved', async () => {
  const { post, sent } = setUp([refusal('security.step_up.required')], false);
  const response = await post();
  expect(response.status).toBe(403);
  expect(await response.json()).toMatchObject({ code: 'security.step_up.required' });
  expect(sent).toHaveLength(1);
});

it('tells of a workspace that is closed, and of no other refusal', async () => {
  const { post, stepUp, onForeignWorkspace } = setUp([
    refusal('auth.permission.denied'),
    refusal('identity.workspace.not_member'),
  ]);
  await post();
  expect(onForeignWorkspace).not.toHaveBeenCalled();
  await post();
  expect(onForeignWorkspace).toHaveBeenCalledOnce();
  expect(stepUp).not.toHaveBeenCalled();
});
