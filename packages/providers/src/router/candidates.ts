import type { CallAttempt } from '@automatos/contracts';
import { PlatformError, isPlatformError } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import { credentialMissing, missingCredential } from '../calls/credential.ts';
import type { ProviderCredential } from '../calls/credential.ts';
import { modelOffers } from '../catalogue/model-offers.ts';
import type { ModelRef, ResolvedModel } from '../catalogue/catalogue-types.ts';
import type { CallKind } from '../usage/usage-tables.ts';
import type { RouteRequest } from './ports.ts';
import type { FailedAttempt } from './route-failures.ts';
import type { EffectiveSettings } from './settings/settings-source.ts';

export interface CandidateDeps {
  /** Catalogue rows of a reference as the workspace sees them; throws `invalid-input`. */
  resolve(workspaceId: WorkspaceId, ref: ModelRef, kind: CallKind): ResolvedModel;
  credentials(providerId: string, workspaceId: WorkspaceId): Promise<ProviderCredential | null>;
}

/** Where a call may go, before anything was asked. */
export interface ChainPlace {
  ref: ModelRef;
  weight: number;
  from: 'named' | 'fallback' | 'chain';
}

/** A place that can be called: known, capable, with a credential. */
export interface ReadyCandidate extends ChainPlace {
  resolved: ResolvedModel;
  credential: ProviderCredential | null;
}

/** The caller's references, then the workspace's chain, then the platform's; each model once. */
export function chainOf(
  request: RouteRequest,
  { chain, settings }: EffectiveSettings,
): ChainPlace[] {
  const weights = new Map(chain.map((entry) => [nameOf(entry), entry.weight]));
  const named = request.refs.map((ref, index): ChainPlace => ({
    ref,
    weight: weights.get(nameOf(ref)) ?? 1,
    from: index === 0 ? 'named' : 'fallback',
  }));
  const further = request.useChain
    ? chain.map(({ provider, model, weight }): ChainPlace => ({
        ref: { provider, model },
        weight,
        from: 'chain',
      }))
    : [];
  const places = [...named, ...further];
  // What is no language model cannot judge.
  const takesOffline = settings.allow_offline && request.owner.source !== 'judge';
  if (request.useChain && takesOffline && request.kind === 'chat')
    places.push({ ref: { provider: 'offline', model: 'offline-1' }, weight: 1, from: 'chain' });
  const seen = new Set<string>();
  return places.filter(({ ref, from }) => {
    // The offline provider stands in for a vendor that failed only where the workspace said so.
    if (ref.provider === 'offline' && from !== 'named' && !takesOffline) return false;
    return seen.size < seen.add(nameOf(ref)).size;
  });
}

/**
 * The place with all that a call needs, or why it is passed over. Throws when the caller named something that does not exist. The only
 * place of a call is not judged here by its capabilities: the codec says best what is missing.
 */
export async function prepare(
  deps: CandidateDeps,
  request: RouteRequest,
  { place, isOnly }: { place: ChainPlace; isOnly: boolean },
): Promise<ReadyCandidate | FailedAttempt> {
  const { workspaceId } = request.owner;
  let resolved: ResolvedModel;
  try {
    resolved = deps.resolve(workspaceId, place.ref, request.kind);
  } catch (error) {
    if (place.from === 'named' || !isPlatformError(error)) throw error;
    return passedOver(place.ref, 'not_configured', error);
  }
  const { provider } = resolved;
  const lacking = request.needs.filter((need) => !modelOffers(resolved, need));
  if (lacking.length > 0 && !isOnly)
    return passedOver(place.ref, 'not_capable', notCapable(resolved, lacking));
  const window = resolved.model.contextWindow;
  if (place.from !== 'named' && window !== null && request.inputTokens > window)
    return passedOver(
      place.ref,
      'not_capable',
      notCapable(resolved, [`${request.inputTokens} tokens of context`]),
    );
  const unfit = place.from === 'named' ? null : (request.unfit?.(resolved) ?? null);
  if (unfit !== null) return passedOver(place.ref, 'not_capable', unfit);
  let credential: ProviderCredential | null;
  try {
    credential =
      provider.codec === 'offline' ? null : await deps.credentials(provider.id, workspaceId);
  } catch (error) {
    // One that cannot be read, e.g. because its key is gone, must not stop the others.
    if (!isPlatformError(error)) throw error;
    return passedOver(place.ref, 'not_configured', error);
  }
  const missing = missingCredential(provider, credential);
  if (missing !== null)
    return passedOver(place.ref, 'not_configured', credentialMissing(provider, missing));
  return { ...place, resolved, credential };
}

export function passedOver(
  ref: ModelRef,
  outcome: CallAttempt['outcome'],
  error: PlatformError,
): FailedAttempt {
  return {
    attempt: {
      provider: ref.provider,
      model: ref.model,
      outcome,
      code: error.code,
      message: error.message,
      duration_ms: 0,
      discarded_chars: 0,
    },
    error,
  };
}

function notCapable({ provider, model }: ResolvedModel, lacking: readonly string[]): PlatformError {
  return new PlatformError({
    code: 'providers.model.lacks_capability',
    kind: 'invalid-input',
    message: `${provider.name} "${model.id}" does not offer what the call needs: ${lacking.join(', ')}.`,
    details: { provider: provider.id, model: model.id, lacking: [...lacking] },
  });
}

function nameOf({ provider, model }: ModelRef): string {
  return `${provider}/${model}`;
}
