import type { RouterSettings } from '@automatos/contracts';
import { invalidInput, isPlatformError } from '@automatos/kernel';
import type { FieldError } from '@automatos/kernel';
import { closest, findProvider } from '../../catalogue/catalogue.ts';
import type { ModelRef } from '../../catalogue/catalogue-types.ts';
import { PROVIDER_ROWS } from '../../catalogue/provider-rows.ts';
import type { CallKind } from '../../usage/usage-tables.ts';

/**
 * Throws `providers.router.chain_invalid` with a pointer to each model or provider that does not exist. A provider without a credential
 * is no fault here: it may get one, and until then the configuration check names it.
 */
export function checkRouterSettings(
  settings: RouterSettings,
  resolve: (ref: ModelRef, kind: CallKind) => unknown,
): void {
  const errors = [
    ...settings.chain.flatMap(({ provider, model }, index) =>
      refErrors(`/chain/${index}`, () => resolve({ provider, model }, 'chat')),
    ),
    ...twiceIn(settings.chain),
    ...settings.limits.flatMap(({ provider, model }, index) => {
      const at = `/limits/${index}`;
      return model === null
        ? providerErrors(at, provider)
        : refErrors(at, () => resolve({ provider, model }, 'chat'));
    }),
    ...semanticErrors(settings, resolve),
    ...(settings.breaker.cooldown_max_ms < settings.breaker.cooldown_ms
      ? [{ pointer: '/breaker/cooldown_max_ms', message: 'is shorter than the first cool-down' }]
      : []),
  ];
  if (errors.length === 0) return;
  const first = errors[0];
  const guess = first?.suggestion === undefined ? '' : ` Did you mean "${first.suggestion}"?`;
  throw invalidInput(
    `The router settings cannot be used: ${first?.pointer}: ${first?.message}.${guess}`,
    errors,
    'providers.router.chain_invalid',
  );
}

function semanticErrors(
  { cache }: RouterSettings,
  resolve: (ref: ModelRef, kind: CallKind) => unknown,
): FieldError[] {
  const { semantic } = cache;
  if (semantic === null) return [];
  return refErrors('/cache/semantic/embedding', () => resolve(semantic.embedding, 'embedding'));
}

function refErrors(at: string, resolve: () => unknown): FieldError[] {
  try {
    resolve();
    return [];
  } catch (error) {
    if (!isPlatformError(error) || error.kind !== 'invalid-input') throw error;
    const errors = error.errors ?? [{ pointer: '', message: error.message }];
    return errors.map((field) => ({ ...field, pointer: `${at}${field.pointer}` }));
  }
}

function providerErrors(at: string, provider: string): FieldError[] {
  if (findProvider(provider) !== undefined) return [];
  const suggestion = closest(
    provider,
    PROVIDER_ROWS.map((row) => row.id),
  );
  const error = { pointer: `${at}/provider`, message: 'unknown provider' };
  return [suggestion === undefined ? error : { ...error, suggestion }];
}

function twiceIn(chain: readonly ModelRef[]): FieldError[] {
  const seen = new Set<string>();
  return chain.flatMap(({ provider, model }, index) =>
    seen.size < seen.add(`${provider}\n${model}`).size
      ? []
      : [{ pointer: `/chain/${index}/model`, message: 'stands in the chain already' }],
  );
}
