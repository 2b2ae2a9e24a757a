'use client';

import { createClient, isApiProblem, type Client } from '@automatos/sdk';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { ThemeProvider } from 'next-themes';
import { createContext, use, useState, type ReactNode } from 'react';
import { ToastProvider } from './ui/toast.tsx';

const ApiContext = createContext<Client | null>(null);

/** The API client of this page; same origin, the session cookie speaks for the user. */
export function useApi(): Client {
  const client = use(ApiContext);
  if (client === null) throw new Error('useApi needs AppProviders around it');
  return client;
}

function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        // A refusal stays a refusal; only what may pass is asked again.
        retry: (failures, error) => failures < 2 && (!isApiProblem(error) || error.retryable),
      },
      mutations: { retry: false },
    },
  });
}

export function AppProviders({
  nonce,
  children,
}: {
  nonce: string | undefined;
  children: ReactNode;
}) {
  const [client] = useState(() => createClient({ baseUrl: '' }));
  const [queries] = useState(createQueryClient);
  return (
    <ThemeProvider
      attribute="class"
      defaultTheme="system"
      enableSystem
      disableTransitionOnChange
      {...(nonce === undefined ? {} : { nonce })}
    >
      <ApiContext value={client}>
        <QueryClientProvider client={queries}>
          <ToastProvider>{children}</ToastProvider>
        </QueryClientProvider>
      </ApiContext>
    </ThemeProvider>
  );
}
