import { InvalidResponseDataError } from '@ai-sdk/provider';
import { invalidInput } from '@automatos/kernel';
import { z } from 'zod';
import { checkCredential, fetchAs } from '../calls/credential.ts';
import type { ProviderCredential } from '../calls/credential.ts';
import type { ResolvedModel } from '../catalogue/catalogue-types.ts';
import { contentWords } from '../offline/words.ts';
import { RERANK_DOCUMENTS_MAX } from './codec-types.ts';
import type { CodecIo, RerankAnswer, RerankRequest } from './codec-types.ts';
import { requestFailure } from './request-failure.ts';
import { bearer, requestJson } from './vendor-http.ts';

const answerSchema = z.looseObject({
  results: z.array(z.looseObject({ index: z.int().min(0), relevance_score: z.number() })),
  meta: z
    .looseObject({ billed_units: z.looseObject({ search_units: z.number().nullish() }).nullish() })
    .nullish(),
  usage: z
    .looseObject({ prompt_tokens: z.number().nullish(), total_tokens: z.number().nullish() })
    .nullish(),
});

/**
 * Makes exactly one rerank request (`POST /rerank`, the form of Cohere that Together shares). Throws
 * `providers.model.lacks_capability`, `providers.call.values_invalid` and the typed errors of a call.
 */
export async function rerankOnce(
  resolved: ResolvedModel,
  credential: ProviderCredential | null,
  ...[request, io]: [RerankRequest, CodecIo]
): Promise<RerankAnswer> {
  const { provider, model } = resolved;
  checkRequest(resolved, request);
  if (provider.codec === 'offline') return rankByWords(request);
  const { apiKey, baseUrl } = checkCredential(provider, credential);
  try {
    const answer = await requestJson(
      {
        fetch: fetchAs(credential, io.fetch),
        url: `${baseUrl}/rerank`,
        headers: bearer(apiKey),
        body: {
          model: model.id,
          query: request.query,
          documents: request.documents,
          ...(request.topN === undefined ? {} : { top_n: request.topN }),
        },
        signal: io.signal,
      },
      answerSchema,
    );
    if (answer.results.some(({ index }) => index >= request.documents.length))
      throw new InvalidResponseDataError({ data: undefined, message: 'An index has no document.' });
    return {
      ranking: answer.results
        .map(({ index, relevance_score }) => ({ index, score: relevance_score }))
        .toSorted((a, b) => b.score - a.score),
      inputTokens: answer.usage?.prompt_tokens ?? answer.usage?.total_tokens ?? null,
      searchUnits: answer.meta?.billed_units?.search_units ?? null,
      vendorCostMicros: null,
      offline: false,
    };
  } catch (error) {
    throw requestFailure(error, resolved, { ...io, apiKey });
  }
}

function checkRequest({ provider }: ResolvedModel, request: RerankRequest): void {
  if (!provider.capabilities.includes('rerank'))
    throw invalidInput(
      `${provider.name} offers no reranking. Choose a model that does.`,
      [{ pointer: '/model', message: 'no reranking' }],
      'providers.model.lacks_capability',
    );
  const count = request.documents.length;
  if (request.query.trim() !== '' && count > 0 && count <= RERANK_DOCUMENTS_MAX) return;
  throw invalidInput(
    `This cannot be reranked: it takes a query and 1 to ${RERANK_DOCUMENTS_MAX} documents.`,
    [{ pointer: '/documents', message: `1 to ${RERANK_DOCUMENTS_MAX} documents and a query` }],
    'providers.call.values_invalid',
  );
}

/** Without a model: the share of the query's words that a document holds; ties keep the given order. */
function rankByWords({ query, documents, topN }: RerankRequest): RerankAnswer {
  const wanted = new Set(contentWords(query));
  const ranking = documents
    .map((document, index) => {
      const words = new Set(contentWords(document));
      const shared = [...wanted].filter((word) => words.has(word)).length;
      return { index, score: wanted.size === 0 ? 0 : shared / wanted.size };
    })
    .toSorted((a, b) => b.score - a.score || a.index - b.index);
  return {
    ranking: ranking.slice(0, topN ?? ranking.length),
    inputTokens: null,
    searchUnits: null,
    vendorCostMicros: null,
    offline: true,
  };
}
