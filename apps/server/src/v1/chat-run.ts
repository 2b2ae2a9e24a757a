import type {
  ChatRequest,
  EventData,
  EventEnvelope,
  ResponseSink,
  Run,
} from '@automatos/contracts';
import { isPlatformError, PlatformError } from '@automatos/kernel';
import type { ErrorKind } from '@automatos/kernel';
import { factFields, factHeaders, JSON_HEADERS } from './answer-headers.ts';
import type { AnswerFacts } from './answer-headers.ts';
import { closingComment, createChunks, END_MARK } from './completion.ts';
import type { AnswerFrame } from './completion.ts';
import type { Asker, V1Deps } from './deps.ts';
import { outputText } from './run-request.ts';
import { startRun } from './start-run.ts';
import { createStreamWriter } from './stream-writer.ts';

type Deps = Pick<V1Deps, 'runs' | 'recipes' | 'database' | 'logger' | 'heartbeatMs'>;

export interface RunChat {
  asker: Asker;
  request: ChatRequest;
  target: { kind: 'agent' | 'recipe'; slug: string };
}

/**
 * Runs an agent or a recipe and answers with what it brought forth. The run is one like every other: it survives this
 * process, and is cancelled when the client goes, unless it said `x-automatos-detach: true`.
 */
export async function runChat(deps: Deps, chat: RunChat, sink: ResponseSink): Promise<void> {
  const { asker, request } = chat;
  const run = await startRun(deps, asker, chat);
  const site = { ...chat, run };
  try {
    if (request.stream === true) await streamed(deps, site, sink);
    else await whole(deps, site, sink);
  } finally {
    if (isLeft(asker)) await cancel(deps, asker, run);
  }
}

interface RunSite extends RunChat {
  run: Run;
}

/** True when the client went, as opposed to a server that stops: another process goes on then. */
function isLeft({ signal, headers }: Asker): boolean {
  const reason: unknown = signal.reason;
  const isGone = signal.aborted && isPlatformError(reason) && reason.code === 'http.client.gone';
  return isGone && headers['x-automatos-detach'] !== 'true';
}

async function cancel(deps: Deps, asker: Asker, run: Run): Promise<void> {
  try {
    await deps.runs.cancel(asker.workspaceId, run.id, asker.by);
  } catch (error) {
    // It had ended by itself in the meantime.
    if (!isPlatformError(error) || error.kind !== 'conflict') throw error;
    deps.logger.debug({ run_id: run.id }, 'a run had ended before its client left');
  }
}

async function whole(deps: Deps, site: RunSite, sink: ResponseSink): Promise<void> {
  const told = createTold();
  for await (const event of follow(deps, site)) told.take(event);
  const run = await ended(deps, site);
  const frame = frameOf(site);
  const facts = factsOf(site, told, run);
  sink.start(200, { ...JSON_HEADERS, ...factHeaders(facts) });
  sink.end(
    JSON.stringify({
      ...frame,
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: textOf(site, run), refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: usageOf(run),
    }),
  );
}

async function streamed(deps: Deps, site: RunSite, sink: ResponseSink): Promise<void> {
  const { asker, request, run } = site;
  const writer = createStreamWriter(sink, deps.heartbeatMs);
  const chunks = createChunks(frameOf(site));
  const told = createTold();
  // What has to be JSON is sent when it is known to be; a recipe's texts are not its outputs.
  const isLive = site.target.kind === 'agent' && request.response_format?.type !== 'json_schema';
  writer.begin({
    'x-automatos-run-id': run.id,
    'x-automatos-cache': 'unknown',
    ...('slug' in site.target
      ? { 'x-automatos-model': `${site.target.kind}/${site.target.slug}` }
      : {}),
  });
  writer.write(chunks.role());
  let said = '';
  let speaking = '';
  try {
    for await (const event of follow(deps, site)) {
      const piece = told.take(event);
      if (!isLive || piece === null) continue;
      if (piece.kind === 'discarded') {
        writer.write(chunks.discarded(piece.chars));
        continue;
      }
      // Words before a tool call and words after it are not one sentence.
      const text = speaking !== '' && speaking !== piece.callId ? `\n\n${piece.text}` : piece.text;
      speaking = piece.callId;
      said += piece.text;
      writer.write(chunks.text(text));
    }
    const run_ = await ended(deps, site);
    const text = textOf(site, run_);
    if (said === '' && text !== '') writer.write(chunks.text(text));
    writer.write(chunks.finish('stop'));
    if (request.stream_options?.include_usage === true) writer.write(chunks.usage(usageOf(run_)));
    writer.end(closingComment(factFields(factsOf(site, told, run_))) + END_MARK);
  } catch (error) {
    if (asker.signal.aborted && sink.closed) return;
    writer.fail(error);
  }
}

function follow(deps: Deps, { asker, run }: RunSite): AsyncIterable<EventEnvelope> {
  return deps.runs.follow(asker.workspaceId, run.id, { after: 0, signal: asker.signal });
}

/** The run at its end. Throws its error, or why it is not waited for any longer. */
async function ended(deps: Deps, { asker, run }: RunSite): Promise<Run> {
  const now = await deps.runs.get(asker.workspaceId, run.id);
  if (now.status === 'completed') return now;
  if (now.status === 'failed' && now.error !== null) {
    const { code, kind, message, retryable } = now.error;
    throw new PlatformError({
      code,
      kind: kind as ErrorKind,
      message: `The run ${run.id} failed: ${message}`,
      // Asking again would start a second run; that is for the caller to decide.
      retryable: false,
      details: { retryable },
    });
  }
  if (now.status === 'cancelled') {
    throw new PlatformError({
      code: 'v1.run.cancelled',
      kind: 'cancelled',
      message: `The run ${run.id} was cancelled before it had an answer.`,
    });
  }
  throw new PlatformError({
    code: 'v1.run.unwatched',
    kind: 'unavailable',
    message: `The server stops answering here; the run ${run.id} goes on, GET /api/runs/${run.id} shows it.`,
    retryable: false,
  });
}

type Piece = { kind: 'text'; callId: string; text: string } | { kind: 'discarded'; chars: number };

/** What the events of a run say of its model calls. */
function createTold() {
  let model: { provider: string; model: string } | null = null;
  let calls = 0;
  const caches = new Set<string>();
  return {
    take(event: EventEnvelope): Piece | null {
      if (event.type === 'llm.delta') {
        const { call_id, text } = event.data as unknown as EventData<'llm.delta'>;
        return { kind: 'text', callId: call_id, text };
      }
      if (event.type === 'llm.fallback') {
        const { discarded_chars: chars = 0 } = event.data as unknown as EventData<'llm.fallback'>;
        return chars > 0 ? { kind: 'discarded', chars } : null;
      }
      if (event.type === 'llm.completed') {
        const data = event.data as unknown as EventData<'llm.completed'>;
        model = { provider: data.provider, model: data.model };
        calls += 1;
        caches.add(data.cache ?? 'off');
      }
      return null;
    },
    model: () => model,
    calls: () => calls,
    cache: () =>
      caches.size === 1 ? ([...caches][0] as string) : caches.size === 0 ? 'off' : 'mixed',
  };
}

function factsOf(site: RunSite, told: ReturnType<typeof createTold>, run: Run): AnswerFacts {
  const model = told.model();
  return {
    provider: model?.provider ?? 'none',
    model: model?.model ?? 'none',
    costMicros: run.usage.cost_micros,
    cache: told.cache(),
    attempts: told.calls(),
    runId: site.run.id,
  };
}

function textOf({ target }: RunSite, { outputs }: Run): string {
  if (target.kind === 'recipe') return outputText(outputs);
  const answer = outputs?.['answer'] ?? '';
  return typeof answer === 'string' ? answer : JSON.stringify(answer);
}

function usageOf({ usage }: Run) {
  return {
    prompt_tokens: usage.input_tokens,
    completion_tokens: usage.output_tokens,
    total_tokens: usage.input_tokens + usage.output_tokens,
    prompt_tokens_details: { cached_tokens: usage.cached_input_tokens },
    completion_tokens_details: { reasoning_tokens: usage.reasoning_tokens },
  };
}

function frameOf({ run, target }: RunSite): AnswerFrame {
  return {
    id: `chatcmpl-${run.id}`,
    created: Math.floor(Date.parse(run.created_at) / 1000),
    model: `${target.kind}/${target.slug}`,
  };
}
