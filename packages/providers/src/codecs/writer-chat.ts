import type { LanguageModelV4 } from '@ai-sdk/provider';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { CodecConfig } from './cohere-chat.ts';

/**
 * Writer's chat wire: messages, tools and stream of openai-chat at another path. The extras of its answers (`graph_data`,
 * `llm_data`, `web_search_data`) are passed over.
 */
export function createWriterModel(modelId: string, config: CodecConfig): LanguageModelV4 {
  const writer = createOpenAICompatible({
    name: 'writer',
    baseURL: config.baseUrl,
    ...(config.apiKey === undefined ? {} : { apiKey: config.apiKey }),
    includeUsage: true,
    supportsStructuredOutputs: true,
    fetch: (input, init) =>
      config.fetch(
        typeof input === 'string' ? input.replace(/\/chat\/completions$/, '/chat') : input,
        init,
      ),
  });
  return writer(modelId);
}
