'use client';

import { useQueryClient } from '@tanstack/react-query';
import { safeNext } from '../../lib/safe-next.ts';

/** Opens the page that was asked for before the sign-in, or `path`, with nothing of the time before in memory. */
export function useEnter(): (path?: string) => void {
  const queries = useQueryClient();
  return (path) => {
    queries.clear();
    const next = new URLSearchParams(window.location.search).get('next');
    window.location.assign(path ?? safeNext(next));
  };
}
