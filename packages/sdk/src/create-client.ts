import { toApiProblem } from './api-problem.ts';
import { createClient as createGenerated, createConfig } from './generated/client/index.ts';
import type { Client } from './generated/client/index.ts';

export type { Client };

export interface ClientOptions {
  /** Address of the API without a trailing path, e.g. `http://localhost:8000`; empty for the page's own origin. */
  baseUrl: string;
  /** Sent as `X-API-Key`. Browsers leave it out: their session cookie speaks for them. */
  apiKey?: string;
  /** Workspace to work in; without it the server picks the caller's own. */
  workspaceId?: string;
  fetch?: typeof globalThis.fetch;
}

/** Gives the client that every operation takes as `client`. Failed calls throw `ApiProblem`. */
export function createClient(options: ClientOptions): Client {
  const headers: Record<string, string> = {};
  if (options.apiKey !== undefined) headers['X-API-Key'] = options.apiKey;
  if (options.workspaceId !== undefined) headers['X-Workspace-ID'] = options.workspaceId;
  const client = createGenerated(
    createConfig({
      baseUrl: options.baseUrl,
      headers,
      throwOnError: true,
      ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
    }),
  );
  client.interceptors.error.use((error, response) => toApiProblem(error, response));
  return client;
}
