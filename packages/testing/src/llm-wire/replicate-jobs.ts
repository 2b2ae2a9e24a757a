import type { JsonObject } from '@automatos/kernel';
import { asObject, asText } from './json-read.ts';
import type { AnswerReply, Reply, Wire, WireRecord, WireRequest } from './types.ts';

/** One prediction of the job API. */
interface Job {
  id: string;
  status: 'starting' | 'processing' | 'succeeded' | 'failed' | 'canceled';
  answer: Reply;
  record: WireRecord;
}

const DEFAULT_SCHEMA: JsonObject = {
  text: { type: 'string' },
  system: { type: 'string' },
  max_new_tokens: { type: 'integer' },
};

/** Text of an event: each line in a field of its own, as the format wants. */
function sse(event: string, text: string): string {
  const lines = text.split('\n').map((line) => `data: ${line}\n`);
  return `event: ${event}\nid: 1\n${lines.join('')}\n`;
}

/** The stream of one prediction: `output` events and `done`. */
export const replicateStream: Wire = {
  name: 'replicate-jobs',
  matches: () => false,
  ping: ': hi\n\n',
  read: () => ({ model: '', stream: true, tools: [], userText: '', toolResults: 0 }),
  events: (answer) => ({
    head: [],
    pieces: (answer.text ?? []).map((piece) => [sse('output', piece)]),
    tail: [sse('done', '{}')],
  }),
  errorEvent: (type) => sse('error', type ?? 'the engine is overloaded'),
  errorBody: (status, error) => ({ detail: error.message, status, title: error.code }),
  whole: () => ({}),
};

/** What the server does with a request of the job API. */
export type JobStep =
  | { kind: 'json'; status: number; body: JsonObject }
  | { kind: 'stream'; request: WireRequest; record: WireRecord; answer: Reply; end: () => void };

/** Predictions of one server: created, streamed, read and cancelled. */
export function createReplicateJobs() {
  const jobs = new Map<string, Job>();

  function create(
    request: WireRequest,
    ...[record, origin, answer]: [WireRecord, string, Reply]
  ): JsonObject {
    const id = `job${request.seq}`;
    const job: Job = { id, status: 'starting', answer, record };
    jobs.set(id, job);
    return { ...describe(job), urls: urlsOf(origin, id) };
  }

  function handle(method: string, path: string): JobStep | null {
    const id = /\/(?:predictions|stream)\/([^/]+)/.exec(path)?.[1] ?? '';
    const job = jobs.get(id);
    if (method === 'GET' && /\/models\/[^/]+\/[^/]+$/.test(path))
      return { kind: 'json', status: 200, body: modelOf(path) };
    if (job === undefined) return null;
    if (method === 'POST' && path.endsWith('/cancel')) {
      job.record.cancels += 1;
      if (job.status !== 'succeeded') job.status = 'canceled';
      return { kind: 'json', status: 200, body: describe(job) };
    }
    if (path.includes('/stream/')) {
      job.status = 'processing';
      return {
        kind: 'stream',
        request: job.record.request,
        record: job.record,
        answer: job.answer,
        end: () => (job.status = 'succeeded'),
      };
    }
    return { kind: 'json', status: 200, body: describe(job) };
  }

  return { create, handle };
}

function describe(job: Job): JsonObject {
  const answer: AnswerReply | null = job.answer.kind === 'answer' ? job.answer : null;
  const usage = answer?.usage ?? null;
  return {
    id: job.id,
    status: job.status,
    output: job.status === 'succeeded' ? (answer?.text ?? []) : null,
    error: job.status === 'failed' ? 'it failed' : null,
    ...(job.status === 'succeeded' && usage !== null
      ? {
          metrics: {
            predict_time: 1.5,
            input_token_count: usage.input,
            output_token_count: usage.output,
          },
        }
      : {}),
  };
}

function urlsOf(origin: string, id: string): JsonObject {
  const api = `${origin}/~replicate/v1/predictions/${id}`;
  return { get: api, cancel: `${api}/cancel`, stream: `${origin}/~replicate/stream/${id}` };
}

function modelOf(path: string): JsonObject {
  const [owner = '', name = ''] = path.split('/').slice(-2);
  return {
    owner,
    name,
    latest_version: {
      openapi_schema: { components: { schemas: { Input: { properties: DEFAULT_SCHEMA } } } },
    },
  };
}

/** `POST /models/{owner}/{name}/predictions`: what the script sees of a job. */
export const replicateJobs: Wire = {
  ...replicateStream,
  matches: (path) => /\/models\/[^/]+\/[^/]+\/predictions$/.test(path),
  read(path, body) {
    const input = asObject(body['input']);
    return {
      model: path.split('/').slice(-3, -1).join('/'),
      stream: body['stream'] === true,
      tools: [],
      userText: asText(input['prompt'] ?? input['text']),
      toolResults: 0,
    };
  },
};
