'use client';

import { useMemo, useSyncExternalStore } from 'react';
import type { MfaChallenge } from './auth-types.ts';
import { returnedChallenge } from './returned-challenge.ts';

const never = () => () => undefined;

/** The second step that a sign-in at a provider came back for; null without one, and before the page runs. */
export function useReturnedChallenge(): MfaChallenge | null {
  const hash = useSyncExternalStore(
    never,
    () => window.location.hash,
    () => '',
  );
  return useMemo(() => returnedChallenge(hash), [hash]);
}
