'use client';

import { useSearchParams } from 'next/navigation';

/** Sets query parameters of the address without a request to the server; null removes one. */
export function replaceSearchParams(changes: Record<string, string | null>): void {
  const url = new URL(window.location.href);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  // Next follows the native history, so useSearchParams sees this.
  window.history.replaceState(null, '', url);
}

/** State that lives in the address, so that a link shows the same. */
export function useSearchParam(name: string): [string | null, (value: string | null) => void] {
  const value = useSearchParams().get(name);
  return [value, (next) => replaceSearchParams({ [name]: next })];
}
