import { createLlmWireServer } from '@automatos/testing';
import type { LlmWireServer } from '@automatos/testing';
import type { Product, ProductPlace } from './product.ts';
import { createPlace, startProduct } from './product.ts';

export interface ModelProduct {
  place: ProductPlace;
  model: LlmWireServer;
  product: Product;
  /** Settings under which the product calls the model server; for starting it again. */
  env: Record<string, string>;
  close(): Promise<void>;
}

export function modelEnv(model: LlmWireServer): Record<string, string> {
  return {
    OPENAI_COMPATIBLE_BASE_URL: `${model.url}/v1`,
    LLM_DEFAULT_PROVIDER: 'openai-compatible',
    LLM_DEFAULT_MODEL: 'fake-model',
  };
}

/** A product whose agents ask a local model server that can be told to fail. */
export async function startWithModel(): Promise<ModelProduct> {
  const [place, model] = await Promise.all([createPlace(), createLlmWireServer()]);
  const env = modelEnv(model);
  const product = await startProduct(place, { env });
  // What is shown here is how one call after the other fails: the model must be asked each time.
  await product.replace('/api/providers/router', {
    breaker: { consecutive_failures: 100, min_calls: 10_000 },
    cache: { mode: 'off' },
  });
  return {
    place,
    model,
    product,
    env,
    async close() {
      await product.kill();
      await model.close();
      await place.remove();
    },
  };
}

/** Closes the circuits that a refused key or an unknown model opened. */
export async function closeCircuits(product: Pick<Product, 'get' | 'send'>): Promise<void> {
  const { circuits } = await product.get<{ circuits: { id: string }[] }>('/api/providers/health');
  for (const { id } of circuits) await product.send('POST', `/api/providers/circuits/${id}/close`);
}

/** Recipe whose steps ask the documentation agent one after the other, without tools. */
export function askingRecipe(
  slug: string,
  options: { steps?: string[]; extra?: string; execution?: string } = {},
): string {
  const steps = options.steps ?? ['ask'];
  return [
    `slug: ${slug}`,
    `name: Recipe ${slug}`,
    'steps:',
    ...steps.map(
      (id) =>
        `  - { step_id: ${id}, agent: documentation, prompt_template: "Say hello from ${id}", tools: []${options.extra === undefined ? '' : `, ${options.extra}`} }`,
    ),
    `outputs: { text: "{{steps.${steps.at(-1)}.text}}" }`,
    `execution: ${options.execution ?? '{ max_retries: 0 }'}`,
    '',
  ].join('\n');
}

/** Saves a recipe, or throws with what the product says about it. */
export async function saveRecipe(product: Pick<Product, 'send'>, yaml: string): Promise<void> {
  const { status, body } = await product.send('POST', '/api/workflow-recipes', { yaml });
  if (status !== 201) throw new Error(`saving answered ${status}: ${JSON.stringify(body)}`);
}
