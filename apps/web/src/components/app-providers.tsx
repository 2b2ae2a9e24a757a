'use client';

import { createClient, isApiProblem, type Client } from '@automatos/sdk';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { ThemeProvider } from 'next-themes';
import { useState, type ReactNode } from 'react';
import { createStepUpGate, type StepUpGate } from '../features/session/step-up-gate.ts';
import { StepUp } from '../features/session/step-up.tsx';
import { createApiFetch } from '../lib/api-fetch.ts';
import { keepWorkspaceChoice, readWorkspaceChoice } from '../lib/workspace-choice.ts';
import { ApiContext } from './api-context.ts';
import { ToastProvider } from './ui/toast.tsx';

/** What the page keeps for its whole life: the client, and where its requests wait for a proof. */
function createApi(): { client: Client; gate: StepUpGate } {
  const gate = createStepUpGate();
  // Of one page: another workspace is entered by a new page.
  const workspace = readWorkspaceChoice();
  const client = createClient({
    baseUrl: '',
    fetch: createApiFetch({
      fetch: (request) => globalThis.fetch(request),
      workspace: () => workspace,
      stepUp: gate.ask,
      onForeignWorkspace: () => {
        keepWorkspaceChoice(null);
        window.location.assign('/');
      },
    }),
  });
  return { client, gate };
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
  const [{ client, gate }] = useState(createApi);
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
          <ToastProvider>
            {children}
            <StepUp gate={gate} />
          </ToastProvider>
        </QueryClientProvider>
      </ApiContext>
    </ThemeProvider>
  );
}
