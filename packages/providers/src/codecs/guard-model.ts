import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Prompt,
} from '@ai-sdk/provider';
import { invalidInput } from '@automatos/kernel';
import type { ResolvedModel } from '../catalogue/catalogue-types.ts';
import { modelOffers } from '../catalogue/model-offers.ts';

/**
 * The model behind a check of what it can: tools or images that it does not take are refused before anything is sent, and the
 * wanted output is held to the model's own limit, which vendors would refuse. Throws `providers.model.lacks_capability`.
 */
export function guardModel(model: LanguageModelV4, resolved: ResolvedModel): LanguageModelV4 {
  const checked = (options: LanguageModelV4CallOptions) => {
    refuseWhatItLacks(resolved, options);
    return withinLimit(resolved, options);
  };
  return {
    specificationVersion: 'v4',
    provider: model.provider,
    modelId: model.modelId,
    supportedUrls: model.supportedUrls,
    doGenerate: async (options) => model.doGenerate(checked(options)),
    doStream: async (options) => model.doStream(checked(options)),
  };
}

function refuseWhatItLacks(resolved: ResolvedModel, options: LanguageModelV4CallOptions): void {
  if ((options.tools ?? []).length > 0 && !modelOffers(resolved, 'tools'))
    throw lacks(resolved, 'tools', 'cannot call tools');
  if (hasImage(options.prompt) && !modelOffers(resolved, 'vision'))
    throw lacks(resolved, 'vision', 'cannot see images');
}

function hasImage(prompt: LanguageModelV4Prompt): boolean {
  return prompt.some(
    (message) => message.role === 'user' && message.content.some((part) => part.type === 'file'),
  );
}

function lacks({ provider, model }: ResolvedModel, capability: string, why: string) {
  return invalidInput(
    `"${model.id}" of ${provider.name} ${why}. Choose a model that can.`,
    [{ pointer: '/model', message: `lacks ${capability}` }],
    'providers.model.lacks_capability',
  );
}

function withinLimit(
  { model }: ResolvedModel,
  options: LanguageModelV4CallOptions,
): LanguageModelV4CallOptions {
  const { outputLimit } = model;
  return outputLimit === null || (options.maxOutputTokens ?? 0) <= outputLimit
    ? options
    : { ...options, maxOutputTokens: outputLimit };
}
