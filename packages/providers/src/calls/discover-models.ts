import { PlatformError } from '@automatos/kernel';
import type { Clock } from '@automatos/kernel';
import { z } from 'zod';
import type { ProviderRow } from '../catalogue/catalogue-types.ts';
import { classifyFailure, malformed } from '../failures/classify-failure.ts';
import { fetchAs, normalBaseUrl } from './credential.ts';
import type { ProviderCredential } from './credential.ts';

const modelListSchema = z.object({
  data: z.array(z.object({ id: z.string().max(200) })).max(2000),
});

const DISCOVERY_MS = 3000;

/**
 * Ids that an openai-chat server lists at `/models`, in its order. Throws the typed errors of a call within 3 s, so that an
 * unreachable local server is an error and never a silent change to another provider.
 */
export async function discoverModels(
  deps: { fetch: typeof globalThis.fetch; clock: Clock },
  provider: ProviderRow,
  credential: ProviderCredential,
): Promise<string[]> {
  const context = {
    provider: provider.id,
    providerName: provider.name,
    model: '(list of models)',
    apiKey: credential.apiKey,
    nowMs: deps.clock.now(),
    answerBegan: false,
  };
  const url = `${normalBaseUrl(provider, credential.baseUrl ?? provider.baseUrl ?? '')}/models`;
  let body: unknown;
  try {
    const response = await fetchAs(credential, deps.fetch)(url, {
      headers:
        credential.apiKey === undefined ? {} : { authorization: `Bearer ${credential.apiKey}` },
      signal: AbortSignal.timeout(DISCOVERY_MS),
    });
    body = response.ok ? await response.json() : { status: response.status };
  } catch (error) {
    if (error instanceof Error && error.name === 'TimeoutError') {
      throw new PlatformError({
        code: 'providers.call.timeout',
        kind: 'timeout',
        message: `${provider.name} did not list its models within ${DISCOVERY_MS} ms.`,
      });
    }
    throw error instanceof SyntaxError
      ? malformed(context, error)
      : classifyFailure(error, context);
  }
  const parsed = modelListSchema.safeParse(body);
  if (!parsed.success) throw malformed(context, parsed.error);
  return parsed.data.data.map((row) => row.id);
}
