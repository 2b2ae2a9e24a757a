import { invalidInput } from '@automatos/kernel';
import type {
  ModelKind,
  ModelPrice,
  ModelRef,
  ModelRow,
  ProviderRow,
  ResolvedModel,
} from './catalogue-types.ts';
import { MODEL_ROWS } from './model-rows.ts';
import { PROVIDER_ROWS } from './provider-rows.ts';
import { followReplacement } from './replaced-models.ts';

const UNKNOWN_PRICE: ModelPrice = {
  inputMicros: null,
  outputMicros: null,
  cachedInputMicros: null,
  cacheWriteMicros: null,
};
const FREE: ModelPrice = {
  inputMicros: 0,
  outputMicros: 0,
  cachedInputMicros: 0,
  cacheWriteMicros: 0,
};

export function findProvider(id: string): ProviderRow | undefined {
  return PROVIDER_ROWS.find((row) => row.id === id);
}

export function findModel(providerId: string, modelId: string): ModelRow | undefined {
  return MODEL_ROWS.find(
    (row) => row.provider === providerId && (row.id === modelId || row.aliases.includes(modelId)),
  );
}

/** Where {@link resolveRef} looks a model up. */
export interface RefLookup {
  /** Wanted; default `chat`. */
  kind?: ModelKind;
  /** Default: the models that are shipped. */
  models?: {
    find(providerId: string, modelId: string): ModelRow | undefined;
    ids(providerId: string, kind: ModelKind): string[];
  };
}

const SHIPPED: NonNullable<RefLookup['models']> = {
  find: findModel,
  ids: (providerId, kind) =>
    MODEL_ROWS.filter((row) => row.provider === providerId && row.kind === kind).map(
      (row) => row.id,
    ),
};

const KINDS: Record<ModelKind, { makes: string; verb: string; noun: string }> = {
  chat: { makes: 'answers', verb: 'answer', noun: 'a chat model' },
  embedding: { makes: 'embeddings', verb: 'embed texts', noun: 'an embedding model' },
  rerank: { makes: 'rankings', verb: 'rank documents', noun: 'a rerank model' },
};

/**
 * Returns the catalogue rows of a reference. Throws `providers.provider.unknown`, `providers.provider.not_connectable`,
 * `providers.model.unknown`, `providers.model.retired` or `providers.model.wrong_kind`, each naming its field and, where there is one, the likely spelling.
 */
export function resolveRef(
  ref: ModelRef,
  { kind = 'chat', models = SHIPPED }: RefLookup = {},
): ResolvedModel {
  const provider = findProvider(ref.provider);
  if (provider === undefined) {
    const suggestion = closest(
      ref.provider,
      PROVIDER_ROWS.map((row) => row.id),
    );
    throw invalidInput(
      `There is no provider "${ref.provider}".${meant(suggestion)} Known: ${PROVIDER_ROWS.map((row) => row.id).join(', ')}.`,
      [fieldError('/provider', 'unknown provider', suggestion)],
      'providers.provider.unknown',
    );
  }
  if (provider.codec === null) {
    throw invalidInput(
      `Provider "${provider.id}" is listed but cannot be connected in this version: ${provider.note ?? ''} Use another provider, or "openai-compatible" with a gateway's URL.`,
      [fieldError('/provider', 'not connectable in this version')],
      'providers.provider.not_connectable',
    );
  }
  const wanted = followReplacement(ref).model;
  const mapping = wanted === ref.model ? {} : { mappedFrom: ref.model };
  const known = models.find(provider.id, wanted);
  if (known !== undefined && known.kind !== kind) {
    throw invalidInput(
      `Model "${ref.model}" of ${provider.name} makes ${KINDS[known.kind].makes}, it cannot ${KINDS[kind].verb}. Choose ${KINDS[kind].noun}.`,
      [fieldError('/model', `not ${KINDS[kind].noun}`)],
      'providers.model.wrong_kind',
    );
  }
  if (known !== undefined) return { provider, model: known, ...mapping };
  if (!provider.openModels || ref.model.trim() === '')
    throw unknownModel(provider, ref.model, models.ids(provider.id, kind));
  return { provider, model: openModel(provider, wanted, kind), ...mapping };
}

/** Catalogue-shaped row for an id that only the server knows: free when it runs on the user's own machine, else of unknown price. */
export function openModel(provider: ProviderRow, id: string, kind: ModelKind = 'chat'): ModelRow {
  return {
    provider: provider.id,
    id,
    name: id,
    kind,
    aliases: [],
    contextWindow: null,
    outputLimit: null,
    price: provider.id === 'ollama' ? FREE : UNKNOWN_PRICE,
    pricedOn: null,
    capabilities: { chat: ['streaming'], embedding: ['embeddings'], rerank: ['rerank'] }[kind],
    status: 'open',
    releasedOn: null,
    retiredOn: null,
  };
}

function unknownModel(provider: ProviderRow, model: string, ids: readonly string[]) {
  const suggestion = closest(model, ids);
  const known =
    ids.length === 0 ? ' Give the id that the server lists.' : ` Known: ${ids.join(', ')}.`;
  return invalidInput(
    `${provider.name} has no model "${model}" in the catalogue.${meant(suggestion)}${known}`,
    [fieldError('/model', 'unknown model', suggestion)],
    'providers.model.unknown',
  );
}

function fieldError(pointer: string, message: string, suggestion?: string) {
  return suggestion === undefined ? { pointer, message } : { pointer, message, suggestion };
}

function meant(suggestion: string | undefined): string {
  return suggestion === undefined ? '' : ` Did you mean "${suggestion}"?`;
}

/** The candidate with the smallest edit distance, when it is near enough to be a slip (a third of the length, at least 2). */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const wanted = word.toLowerCase().slice(0, 100);
  let best: { id: string; distance: number } | undefined;
  for (const id of candidates) {
    const distance = editDistance(wanted, id.toLowerCase());
    if (best === undefined || distance < best.distance) best = { id, distance };
  }
  return best !== undefined && best.distance <= Math.max(2, Math.floor(wanted.length / 3))
    ? best.id
    : undefined;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substitution, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? Math.max(a.length, b.length);
}
