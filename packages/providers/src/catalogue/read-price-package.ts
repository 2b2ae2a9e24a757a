import { isJsonObject } from '@automatos/kernel';
import { z } from 'zod';
import type { ModelKind, ModelPrice, ModelRow, PriceTier, TokenRates } from './catalogue-types.ts';
import { parseUsdMicros } from './parse-usd.ts';

/** Names under which the public package lists providers of our catalogue. */
const PROVIDER_IDS: Readonly<Record<string, string>> = {
  togetherai: 'together',
  'fireworks-ai': 'fireworks',
  moonshotai: 'moonshot',
};

const MODELS_MAX = 5_000;
const tokenLimit = z.int().min(0).max(100_000_000);

const usd = z.union([z.number(), z.string().max(60)]).transform((value, context) => {
  const micros = parseUsdMicros(value);
  if (micros !== null) return micros;
  context.addIssue({ code: 'custom', message: 'is no price in dollars' });
  return z.NEVER;
});

const ratesShape = {
  input: usd,
  output: usd.optional(),
  cache_read: usd.optional(),
  cache_write: usd.optional(),
  reasoning: usd.optional(),
};
const tierSchema = z.object({
  ...ratesShape,
  tier: z.object({ type: z.literal('context').default('context'), size: tokenLimit }),
});

const modelSchema = z.object({
  id: z.string().min(1).max(200),
  name: z.string().max(200).optional(),
  kind: z.enum(['chat', 'embedding', 'rerank']).optional(),
  aliases: z.array(z.string().min(1).max(200)).max(20).optional(),
  status: z.string().max(40).optional(),
  priced_on: z.string().max(10).optional(),
  tool_call: z.boolean().optional(),
  reasoning: z.boolean().optional(),
  structured_output: z.boolean().optional(),
  release_date: z.string().max(10).optional(),
  retirement_date: z.string().max(10).optional(),
  modalities: z
    .object({ input: z.array(z.string().max(40)), output: z.array(z.string().max(40)) })
    .partial()
    .optional(),
  limit: z.object({ context: tokenLimit, output: tokenLimit }).partial().optional(),
  cost: z
    .object({
      ...ratesShape,
      tiers: z.array(tierSchema).max(10).optional(),
      context_over_200k: z.object(ratesShape).optional(),
    })
    .optional(),
  fees: z.record(z.string().max(40), usd).optional(),
});
type PackageModel = z.output<typeof modelSchema>;

const packageSchema = z.record(
  z.string().max(100),
  z.looseObject({ models: z.record(z.string().max(200), z.unknown()) }),
);

/** A model of the package that could not be taken over. */
export interface SkippedModel {
  /** `provider/model`, ids as in the package. */
  model: string;
  reason: string;
}

export interface PricePackage {
  rows: ModelRow[];
  skipped: SkippedModel[];
}

/**
 * Reads the `api.json` form of a price package: each model by itself, so that one broken row costs no other. Providers outside
 * `known` are left out in silence. Null when the whole is not of that form.
 */
export function readPricePackage(
  content: unknown,
  options: { known: ReadonlySet<string>; pricedOn: string },
): PricePackage | null {
  const parsed = packageSchema.safeParse(content);
  if (!parsed.success) return null;
  const rows: ModelRow[] = [];
  const skipped: SkippedModel[] = [];
  for (const [packageId, { models }] of Object.entries(parsed.data)) {
    const provider = PROVIDER_IDS[packageId] ?? packageId;
    if (!options.known.has(provider)) continue;
    for (const [id, value] of Object.entries(models)) {
      if (rows.length + skipped.length >= MODELS_MAX) return { rows, skipped };
      const read = readModel(provider, value, options.pricedOn);
      if (typeof read === 'string') skipped.push({ model: `${packageId}/${id}`, reason: read });
      else rows.push(read);
    }
  }
  return { rows, skipped };
}

/** The row, or why there is none. */
function readModel(provider: string, value: unknown, pricedOn: string): ModelRow | string {
  const parsed = modelSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue?.path.join('.') ?? '';
    return isJsonObject(value) ? `${where}: ${issue?.message ?? 'wrong form'}` : 'is no object';
  }
  const model = parsed.data;
  const kind = model.kind ?? kindOf(model);
  if (kind === null) return 'makes no text, vectors or rankings';
  // Packages write 0 for plans and previews without a list price; nothing that a vendor serves is free for good.
  if (model.cost?.input === 0 && (model.cost.output ?? 0) === 0)
    return 'a price of 0 says nothing about what a call costs';
  const price = priceOf(model, kind);
  if (typeof price === 'string') return price;
  return {
    provider,
    id: model.id,
    name: model.name ?? model.id.split('/').at(-1) ?? model.id,
    kind,
    aliases: model.aliases ?? [],
    contextWindow: model.limit?.context || null,
    outputLimit: kind === 'chat' ? model.limit?.output || null : null,
    price,
    pricedOn: model.cost === undefined ? null : (model.priced_on ?? pricedOn),
    capabilities: capabilitiesOf(model, kind),
    status: /^(?:legacy|deprecated)$/.test(model.status ?? '') ? 'legacy' : 'current',
    releasedOn: model.release_date ?? null,
    retiredOn: model.retirement_date ?? null,
  };
}

function kindOf({ id, modalities }: PackageModel): ModelKind | null {
  if (/rerank/i.test(id)) return 'rerank';
  if (/embed/i.test(id)) return 'embedding';
  return modalities?.output?.includes('text') === false ? null : 'chat';
}

function priceOf({ cost, fees }: PackageModel, kind: ModelKind): ModelPrice | string {
  const extra = fees === undefined ? {} : { fees };
  if (cost === undefined) return { ...UNKNOWN_RATES, ...extra };
  if (kind === 'chat' && cost.output === undefined) return 'cost.output: is missing';
  const tiers = tiersOf(cost);
  return { ...ratesOf(cost), ...(tiers.length === 0 ? {} : { tiers }), ...extra };
}

const UNKNOWN_RATES: TokenRates = {
  inputMicros: null,
  outputMicros: null,
  cachedInputMicros: null,
  cacheWriteMicros: null,
};

function ratesOf(cost: z.output<z.ZodObject<typeof ratesShape>>): TokenRates {
  return {
    inputMicros: cost.input,
    outputMicros: cost.output ?? 0,
    cachedInputMicros: cost.cache_read ?? null,
    cacheWriteMicros: cost.cache_write ?? null,
    ...(cost.reasoning === undefined || cost.reasoning === cost.output
      ? {}
      : { reasoningMicros: cost.reasoning }),
  };
}

/** `tiers` is the newer form and more exact where a model has both. */
function tiersOf(cost: NonNullable<PackageModel['cost']>): PriceTier[] {
  if (cost.tiers !== undefined)
    return cost.tiers
      .map((tier) => ({ ...ratesOf(tier), aboveInputTokens: tier.tier.size }))
      .toSorted((a, b) => a.aboveInputTokens - b.aboveInputTokens);
  const over = cost.context_over_200k;
  return over === undefined ? [] : [{ ...ratesOf(over), aboveInputTokens: 200_000 }];
}

function capabilitiesOf(model: PackageModel, kind: ModelKind): string[] {
  if (kind === 'embedding') return ['embeddings'];
  if (kind === 'rerank') return ['rerank'];
  return [
    ...(model.tool_call === true ? ['tools'] : []),
    'streaming',
    ...(model.structured_output === true ? ['json'] : []),
    ...(model.reasoning === true ? ['reasoning'] : []),
    ...(model.modalities?.input?.includes('image') === true ? ['vision'] : []),
  ];
}
