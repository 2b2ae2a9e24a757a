import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidResponseDataError } from '@ai-sdk/provider';
import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from '@ai-sdk/provider';
import { PlatformError } from '@automatos/kernel';
import { z } from 'zod';
import type { CodecConfig } from './cohere-chat.ts';
import { readEvents } from './read-events.ts';
import { inputsOfSchema, knownInputs, toInput } from './replicate-inputs.ts';
import type { ReplicateInputs } from './replicate-inputs.ts';
import { createStreamedModel } from './streamed-model.ts';
import { bearer, requestJson, requestVendor } from './vendor-http.ts';

/** How long a cancelled call still waits for the creation of its job, so that the job can be cancelled too. */
const CANCEL_MS = 10_000;
const POLL_MS = 500;

const predictionSchema = z.looseObject({
  id: z.string(),
  status: z.string(),
  output: z.unknown().optional(),
  error: z.unknown().optional(),
  metrics: z
    .looseObject({
      input_token_count: z.number().nullish(),
      output_token_count: z.number().nullish(),
    })
    .nullish(),
  urls: z.looseObject({ stream: z.string().nullish() }).nullish(),
});
type Prediction = z.infer<typeof predictionSchema>;

const modelSchema = z.looseObject({
  latest_version: z
    .looseObject({
      openapi_schema: z
        .looseObject({
          components: z
            .looseObject({
              schemas: z
                .looseObject({
                  Input: z
                    .looseObject({ properties: z.record(z.string(), z.unknown()).nullish() })
                    .nullish(),
                })
                .nullish(),
            })
            .nullish(),
        })
        .nullish(),
    })
    .nullish(),
});

/**
 * A language model run as a job: creates the prediction, reads its event stream, and takes status and counts from the finished
 * prediction. When the call ends early the job is cancelled by its own request, because closing the connection lets it run on.
 */
export function createReplicateModel(modelId: string, config: CodecConfig): LanguageModelV4 {
  return createStreamedModel('replicate', modelId, (options) =>
    runJob({ modelId, config }, options),
  );
}

interface Job {
  modelId: string;
  config: CodecConfig;
}

async function* runJob(
  job: Job,
  options: LanguageModelV4CallOptions,
): AsyncGenerator<LanguageModelV4StreamPart> {
  const signal = options.abortSignal;
  signal?.throwIfAborted();
  const input = toInput(await inputsOf(job, signal), options);
  const creating = create(job, input, options.headers);
  const cancel = () => {
    creating.then((prediction) => cancelJob(job, prediction.id)).catch(() => undefined);
  };
  const fate = { isOver: false };
  const cancelOnce = () => {
    if (!fate.isOver) cancel();
    fate.isOver = true;
  };
  signal?.addEventListener('abort', cancelOnce, { once: true });
  try {
    const prediction = await untilAborted(creating, signal);
    yield* follow(job, prediction, { signal, fate });
  } finally {
    // The reader left, or the stream broke: the job would run on and be billed.
    cancelOnce();
    signal?.removeEventListener('abort', cancelOnce);
  }
}

interface Following {
  signal: AbortSignal | undefined;
  /** Over: the job has ended at the vendor, or was cancelled. */
  fate: { isOver: boolean };
}

async function* follow(
  job: Job,
  created: Prediction,
  { signal, fate }: Following,
): AsyncGenerator<LanguageModelV4StreamPart> {
  yield { type: 'text-start', id: 'text' };
  let streamed = false;
  const stream = created.urls?.stream ?? null;
  if (stream !== null && isTrusted(stream, job.config.baseUrl)) {
    streamed = true;
    const done = yield* readOutput(job, stream, signal);
    if (!done) return;
  }
  const last = await finished(job, created, signal);
  fate.isOver = true;
  if (last.status !== 'succeeded') {
    yield { type: 'error', error: failureOf(last) };
    return;
  }
  if (!streamed) {
    const text = textOf(last.output);
    if (text !== '') yield { type: 'text-delta', id: 'text', delta: text };
  }
  yield { type: 'text-end', id: 'text' };
  yield {
    type: 'finish',
    finishReason: { unified: 'stop', raw: last.status },
    usage: usageOf(last),
  };
}

/** True when the stream said that it is done; false when it ended without, so that the answer counts as cut. */
async function* readOutput(
  job: Job,
  url: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<LanguageModelV4StreamPart, boolean> {
  const response = await requestVendor({
    fetch: job.config.fetch,
    url,
    headers: { ...bearer(job.config.apiKey), accept: 'text/event-stream' },
    signal,
  });
  let sawEvent = false;
  for await (const { event, data } of readEvents(response.body)) {
    if (event === 'output') {
      sawEvent = true;
      if (data !== '') yield { type: 'text-delta', id: 'text', delta: data };
    } else if (event === 'error') {
      yield { type: 'error', error: { message: data } };
      return false;
    } else if (event === 'done') return true;
    else if (!sawEvent)
      throw new InvalidResponseDataError({
        data,
        message: 'An event that the wire does not have.',
      });
  }
  return false;
}

async function inputsOf(job: Job, signal: AbortSignal | undefined): Promise<ReplicateInputs> {
  const known = knownInputs(job.modelId);
  if (known !== undefined) return known;
  const model = await requestJson(
    {
      fetch: job.config.fetch,
      url: `${job.config.baseUrl}/models/${modelPath(job.modelId)}`,
      headers: bearer(job.config.apiKey),
      signal,
    },
    modelSchema,
  );
  const properties =
    model.latest_version?.openapi_schema?.components?.schemas?.Input?.properties ?? undefined;
  const inputs = properties === undefined ? undefined : inputsOfSchema(properties);
  if (inputs !== undefined) return inputs;
  throw new PlatformError({
    code: 'providers.model.wrong_kind',
    kind: 'invalid-input',
    message: `The Replicate model "${job.modelId}" takes no prompt, so it cannot answer. Choose a language model.`,
    errors: [{ pointer: '/model', message: 'not a language model' }],
  });
}

function create(
  job: Job,
  input: Record<string, unknown>,
  headers: Record<string, string | undefined> = {},
): Promise<Prediction> {
  return requestJson(
    {
      fetch: job.config.fetch,
      url: `${job.config.baseUrl}/models/${modelPath(job.modelId)}/predictions`,
      headers: { ...bearer(job.config.apiKey), ...headers },
      body: { input, stream: true },
      signal: undefined,
    },
    predictionSchema,
  );
}

async function finished(
  job: Job,
  created: Prediction,
  signal: AbortSignal | undefined,
): Promise<Prediction> {
  for (;;) {
    const prediction = await requestJson(
      {
        fetch: job.config.fetch,
        url: `${job.config.baseUrl}/predictions/${encodeURIComponent(created.id)}`,
        headers: bearer(job.config.apiKey),
        signal,
      },
      predictionSchema,
    );
    if (prediction.status !== 'starting' && prediction.status !== 'processing') return prediction;
    await sleep(POLL_MS, undefined, signal === undefined ? {} : { signal });
  }
}

async function cancelJob(job: Job, id: string): Promise<void> {
  await requestVendor({
    fetch: job.config.fetch,
    url: `${job.config.baseUrl}/predictions/${encodeURIComponent(id)}/cancel`,
    headers: bearer(job.config.apiKey),
    body: {},
    signal: AbortSignal.timeout(CANCEL_MS),
  });
}

async function untilAborted<Value>(
  promise: Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value> {
  if (signal === undefined) return promise;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

const VENDORS_OWN = /^[a-z0-9.-]+\.replicate\.com$/;

/** The key goes to the API's own host and, for the vendor's own API, to its stream hosts; to no other place an answer may name. */
function isTrusted(url: string, baseUrl: string): boolean {
  if (!URL.canParse(url)) return false;
  const target = new URL(url);
  const base = new URL(baseUrl);
  if (target.origin === base.origin) return true;
  return (
    VENDORS_OWN.test(base.hostname) &&
    target.protocol === 'https:' &&
    VENDORS_OWN.test(target.hostname)
  );
}

function modelPath(modelId: string): string {
  const [owner = '', name = ''] = modelId.split('/');
  return `${encodeURIComponent(owner)}/${encodeURIComponent(name)}`;
}

function failureOf(prediction: Prediction): { type: string; message: string } {
  const said = typeof prediction.error === 'string' ? prediction.error : '';
  return {
    type: `prediction_${prediction.status}`,
    message: said === '' ? `the prediction ended as ${prediction.status}` : said,
  };
}

function textOf(output: unknown): string {
  if (typeof output === 'string') return output;
  return Array.isArray(output) ? output.filter((part) => typeof part === 'string').join('') : '';
}

function usageOf(prediction: Prediction): LanguageModelV4Usage {
  const input = prediction.metrics?.input_token_count ?? undefined;
  const output = prediction.metrics?.output_token_count ?? undefined;
  return {
    inputTokens: { total: input, noCache: input, cacheRead: undefined, cacheWrite: undefined },
    outputTokens: { total: output, text: output, reasoning: undefined },
  };
}
