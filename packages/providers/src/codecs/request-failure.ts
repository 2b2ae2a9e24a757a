import type { ResolvedModel } from '../catalogue/catalogue-types.ts';
import { classifyFailure } from '../failures/classify-failure.ts';
import type { CodecIo } from './codec-types.ts';

/** The typed error of a request that is not streamed; one that the caller aborted stays as it is. */
export function requestFailure(
  error: unknown,
  { provider, model }: ResolvedModel,
  io: Pick<CodecIo, 'signal' | 'nowMs'> & { apiKey: string | undefined },
): unknown {
  if (io.signal.aborted) return error;
  return classifyFailure(error, {
    provider: provider.id,
    providerName: provider.name,
    model: model.id,
    apiKey: io.apiKey,
    nowMs: io.nowMs,
    answerBegan: false,
  });
}
