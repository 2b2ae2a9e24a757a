import { InvalidResponseDataError } from '@ai-sdk/provider';
import { invalidInput } from '@automatos/kernel';
import { z } from 'zod';
import { checkCredential, fetchAs } from '../calls/credential.ts';
import type { ProviderCredential } from '../calls/credential.ts';
import type { ProviderRow, ResolvedModel } from '../catalogue/catalogue-types.ts';
import { estimateTokens } from '../usage/estimate-tokens.ts';
import { EMBED_VALUES_MAX } from './codec-types.ts';
import type { CodecIo, EmbedAnswer, EmbedRequest } from './codec-types.ts';
import { cohereForm, geminiForm, huggingFaceForm, openaiForm } from './embed-forms.ts';
import type { EmbedForm } from './embed-forms.ts';
import { embedByWords } from './lexical-embedder.ts';
import { requestFailure } from './request-failure.ts';
import { requestJson } from './vendor-http.ts';

/**
 * Makes exactly one embedding request. Throws `providers.model.lacks_capability` where the provider offers none,
 * `providers.call.values_invalid` for values that cannot be sent, and the typed errors of a call.
 */
export async function embedOnce(
  resolved: ResolvedModel,
  credential: ProviderCredential | null,
  ...[request, io]: [EmbedRequest, CodecIo]
): Promise<EmbedAnswer> {
  const { provider, model } = resolved;
  checkValues(provider, request);
  const estimate = () => request.values.reduce((sum, value) => sum + estimateTokens(value), 0);
  if (provider.codec === 'offline')
    return {
      vectors: embedByWords(request.values, request.dimensions),
      inputTokens: estimate(),
      usageEstimated: true,
      vendorCostMicros: null,
      offline: true,
    };
  const { apiKey, baseUrl } = checkCredential(provider, credential);
  const form = formOf(provider)({
    provider: provider.id,
    model: model.id,
    baseUrl,
    apiKey,
    request,
  });
  try {
    const fetch = fetchAs(credential, io.fetch);
    const answer = await requestJson({ ...form, fetch, signal: io.signal }, z.unknown());
    const { vectors, tokens, costMicros } = form.read(answer);
    checkVectors(vectors, request.values.length);
    return {
      vectors,
      inputTokens: tokens ?? estimate(),
      usageEstimated: tokens === null,
      vendorCostMicros: costMicros,
      offline: false,
    };
  } catch (error) {
    throw requestFailure(error, resolved, { ...io, apiKey });
  }
}

type MakeForm = (asked: Parameters<typeof openaiForm>[0]) => EmbedForm;

function formOf(provider: ProviderRow): MakeForm {
  switch (provider.id) {
    case 'cohere':
      return cohereForm;
    case 'google':
      return geminiForm;
    case 'huggingface':
      return huggingFaceForm;
    default:
      return openaiForm;
  }
}

function checkValues(provider: ProviderRow, request: EmbedRequest): void {
  const { values, dimensions } = request;
  if (!provider.capabilities.includes('embeddings'))
    throw invalidInput(
      `${provider.name} offers no embeddings. Choose a model that does.`,
      [{ pointer: '/model', message: 'no embeddings' }],
      'providers.model.lacks_capability',
    );
  const wrong =
    values.length === 0 || values.length > EMBED_VALUES_MAX
      ? `there must be 1 to ${EMBED_VALUES_MAX} texts, not ${values.length}`
      : values.some((value) => value.trim() === '')
        ? 'a text is empty'
        : null;
  if (wrong !== null) throw invalid('/values', wrong);
  if (dimensions === undefined) return;
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > 8192)
    throw invalid('/dimensions', 'the length of the vectors must be 1 to 8192');
  if (provider.id === 'huggingface')
    throw invalid('/dimensions', `${provider.name} cannot shorten vectors`);
}

function invalid(pointer: string, why: string) {
  return invalidInput(
    `These texts cannot be embedded: ${why}.`,
    [{ pointer, message: why }],
    'providers.call.values_invalid',
  );
}

function checkVectors(vectors: number[][], wanted: number): void {
  const length = vectors[0]?.length ?? 0;
  if (vectors.length === wanted && length > 0 && vectors.every((each) => each.length === length))
    return;
  throw new InvalidResponseDataError({
    data: undefined,
    message: `The answer has ${vectors.length} vectors for ${wanted} texts, or of several lengths.`,
  });
}
