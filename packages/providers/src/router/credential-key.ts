import { createHash } from 'node:crypto';
import type { ProviderCredential } from '../calls/credential.ts';

/** Names what can fail as one: a model of a provider under one credential. */
export interface CircuitKey {
  /** Opaque; neither key nor address can be read from it. */
  id: string;
  provider: string;
  model: string;
  /** Last characters of the credential's fingerprint. */
  credential: string;
}

const KEPT_MAX = 2_000;
const SHOWN_CHARS = 8;

/**
 * Creates the function that names circuits and limits. `scope` parts those whose settings judge a vendor differently, so that one
 * workspace's short time-outs do not shut a credential for the others.
 */
export function createCredentialKeys() {
  const fingerprints = new Map<string, string>();
  const keys = new Map<string, CircuitKey>();

  function fingerprintOf(credential: ProviderCredential | null): string {
    const { apiKey = null, baseUrl = null, headers = null } = credential ?? {};
    const secret = JSON.stringify([apiKey, baseUrl, headers]);
    return kept(fingerprints, secret, () => hashOf(secret));
  }

  function keyOf(
    target: { provider: string; model: string; scope: string },
    credential: ProviderCredential | null,
  ): CircuitKey {
    const { provider, model, scope } = target;
    const fingerprint = fingerprintOf(credential);
    const name = JSON.stringify([provider, model, scope, fingerprint]);
    return kept(keys, name, () => ({
      id: hashOf(name).slice(0, 40),
      provider,
      model,
      credential: fingerprint.slice(-SHOWN_CHARS),
    }));
  }

  return { fingerprintOf, keyOf };
}

export type CredentialKeys = ReturnType<typeof createCredentialKeys>;

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function kept<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  if (map.size >= KEPT_MAX) map.clear();
  const made = make();
  map.set(key, made);
  return made;
}
