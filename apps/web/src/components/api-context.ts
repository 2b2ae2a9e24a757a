'use client';

import type { Client } from '@automatos/sdk';
import { createContext, use } from 'react';

export const ApiContext = createContext<Client | null>(null);

/** The API client of this page; same origin, the session cookie speaks for the user. */
export function useApi(): Client {
  const client = use(ApiContext);
  if (client === null) throw new Error('useApi needs AppProviders around it');
  return client;
}
