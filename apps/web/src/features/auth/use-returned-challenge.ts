'use client';

import { useMemo } from 'react';
import { useFragment } from '../../lib/use-fragment.ts';
import type { MfaChallenge } from './auth-types.ts';
import { returnedChallenge } from './returned-challenge.ts';

/** The second step that a sign-in at a provider came back for; null without one, and before the page runs. */
export function useReturnedChallenge(): MfaChallenge | null {
  const fragment = useFragment();
  return useMemo(() => returnedChallenge(fragment ?? ''), [fragment]);
}
