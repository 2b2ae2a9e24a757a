import { describe, expect, it, vi } from 'vitest';
import { createReplicateModel } from './replicate-jobs.ts';

const PROMPT = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Hi' }] }];
const json = (body: unknown) => new Response(JSON.stringify(body), { status: 200 });
const done = { id: 'p1', status: 'succeeded', output: ['Hel', 'lo'], urls: {} };

/** A vendor in this process: answers by path, and notes who was asked with what key. */
function vendor(answers: (path: string) => Response | Promise<Response>) {
  const asked: string[] = [];
  const fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const url = new URL(input instanceof Request ? input.url : input);
    const key = new Headers(init?.headers).get('authorization') ?? 'no key';
    asked.push(`${init?.method ?? 'GET'} ${url.host}${url.pathname} ${key}`);
    return answers(url.pathname);
  };
  const model = createReplicateModel('meta/llama-4-x', {
    apiKey: 'r8-secret',
    baseUrl: 'https://api.replicate.com/v1',
    fetch: fetch as typeof globalThis.fetch,
  });
  return { model, asked };
}

describe('jobs of Replicate', () => {
  it('never take the key to a place that an answer names', async () => {
    const { model, asked } = vendor((path) =>
      path.endsWith('/predictions')
        ? json({
            ...done,
            urls: { stream: 'https://evil.example/stream', get: 'https://evil.example' },
          })
        : json(done),
    );
    const result = await model.doGenerate({ prompt: PROMPT });
    expect(result.content).toEqual([{ type: 'text', text: 'Hello' }]);
    expect(asked).toEqual([
      'POST api.replicate.com/v1/models/meta/llama-4-x/predictions Bearer r8-secret',
      'GET api.replicate.com/v1/predictions/p1 Bearer r8-secret',
    ]);
  });

  it('read the stream at the vendor’s stream host', async () => {
    const { model, asked } = vendor((path) => {
      if (path.endsWith('/predictions'))
        return json({ ...done, urls: { stream: 'https://stream.replicate.com/v1/p1' } });
      return path === '/v1/p1'
        ? new Response('event: output\ndata: Hello\n\nevent: done\ndata: {}\n\n')
        : json({ ...done, metrics: { input_token_count: 3, output_token_count: 4 } });
    });
    const result = await model.doGenerate({ prompt: PROMPT });
    expect(result.content).toEqual([{ type: 'text', text: 'Hello' }]);
    expect([result.usage.inputTokens.total, result.usage.outputTokens.total]).toEqual([3, 4]);
    expect(asked).toContain('GET stream.replicate.com/v1/p1 Bearer r8-secret');
  });

  it('are cancelled even when the call ends before the job has an id', async () => {
    const created = Promise.withResolvers<Response>();
    const { model, asked } = vendor((path) =>
      path.endsWith('/predictions') ? created.promise : json(done),
    );
    const caller = new AbortController();
    const call = model.doGenerate({ prompt: PROMPT, abortSignal: caller.signal });
    await vi.waitFor(() => expect(asked).toHaveLength(1), 15_000);
    caller.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
    created.resolve(json({ id: 'p9', status: 'starting' }));
    await vi.waitFor(
      () =>
        expect(asked[1]).toBe('POST api.replicate.com/v1/predictions/p9/cancel Bearer r8-secret'),
      15_000,
    );
    expect(asked).toHaveLength(2);
  });

  it('are errors when they failed, and need no cancelling then', async () => {
    const { model, asked } = vendor((path) =>
      json(path.endsWith('/predictions') ? done : { ...done, status: 'failed', error: 'CUDA' }),
    );
    await expect(model.doGenerate({ prompt: PROMPT })).rejects.toMatchObject({ message: 'CUDA' });
    expect(asked.filter((each) => each.includes('/cancel'))).toEqual([]);
  });
});
