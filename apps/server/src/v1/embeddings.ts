import type { embeddingRequestSchema, embeddingListSchema, Reply } from '@automatos/contracts';
import { newId } from '@automatos/kernel';
import { EMBED_VALUES_MAX, usageRowOfEmbedding } from '@automatos/providers';
import type { EmbedResult } from '@automatos/providers';
import type { z } from 'zod';
import { factHeaders } from './answer-headers.ts';
import type { Asker, V1Deps } from './deps.ts';
import { modelRef } from './model-target.ts';

type EmbeddingRequest = z.output<typeof embeddingRequestSchema>;
type EmbeddingList = z.input<typeof embeddingListSchema>;

/** Embeds texts; long lists go to the vendor in parts, one after the other, each paid and recorded as a call of its own. */
export async function embed(
  deps: Pick<V1Deps, 'providers' | 'usage' | 'clock'>,
  asker: Asker,
  request: EmbeddingRequest,
): Promise<Reply<EmbeddingList>> {
  const ref = await modelRef(deps, asker.workspaceId, { id: request.model, kind: 'embedding' });
  const values = typeof request.input === 'string' ? [request.input] : request.input;
  const results: EmbedResult[] = [];
  for (let from = 0; from < values.length; from += EMBED_VALUES_MAX) {
    const callId: string = newId(deps.clock.now());
    const result = await deps.providers.embed({
      workspaceId: asker.workspaceId,
      ref,
      owner: { callId, source: 'api' },
      values: values.slice(from, from + EMBED_VALUES_MAX),
      ...(request.dimensions === undefined ? {} : { dimensions: request.dimensions }),
      signal: asker.signal,
    });
    record(deps, { asker, callId }, result);
    results.push(result);
  }
  const vectors = results.flatMap((result) => result.vectors);
  const tokens = results.reduce((sum, result) => sum + result.inputTokens, 0);
  const toText = request.encoding_format === 'base64';
  return {
    headers: factHeaders(factsOf(results)),
    body: {
      object: 'list',
      model: `${results[0]?.provider ?? ref.provider}/${results[0]?.model ?? ref.model}`,
      data: vectors.map((vector, index) => ({
        object: 'embedding',
        index,
        embedding: toText ? toBase64(vector) : vector,
      })),
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    },
  };
}

function factsOf(results: readonly EmbedResult[]) {
  const costs = results.map((result) => result.costMicros);
  const [first] = results;
  return {
    provider: first?.provider ?? 'none',
    model: first?.model ?? 'none',
    costMicros: costs.includes(null)
      ? null
      : costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0),
    cache: 'off',
    attempts: results.reduce((sum, result) => sum + result.route.attempts.length, 0),
  };
}

/** Little-endian float32, as OpenAI's clients unpack it. */
function toBase64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString('base64');
}

function record(
  deps: Pick<V1Deps, 'usage' | 'clock'>,
  { asker, callId }: { asker: Asker; callId: string },
  result: EmbedResult,
): void {
  const { workspaceId } = asker;
  const at = new Date(deps.clock.now());
  deps.usage.add(usageRowOfEmbedding(result, { workspaceId, callKey: callId, source: 'api', at }));
}
