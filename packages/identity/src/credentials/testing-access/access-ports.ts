/** A request within bounds, to public addresses only unless the operator allowed others. */
export type OutboundFetch = (
  url: string,
  request: {
    method?: string;
    headers?: Record<string, string>;
    body?: string;
    signal?: AbortSignal;
    timeoutMs: number;
    bytesMax: number;
    redirectsMax: number;
  },
) => Promise<{ status: number; body: Uint8Array }>;

/** What a test of a key needs to know of a model vendor. */
export interface VendorFacts {
  name: string;
  baseUrl: string | null;
  auth: 'bearer' | 'bearer-optional' | 'x-api-key' | 'x-goog-api-key' | 'none';
  /** Model of a one-token call. */
  defaultModel: string | null;
}

/** How services are reached. Filled by the composition. */
export interface AccessPorts {
  fetch: OutboundFetch;
  /** Throws `credentials.address.denied` when the host of the URL is known to be one that must not be reached. */
  checkAddress: (url: string) => Promise<void>;
  /** The address to connect to for a host, checked. Throws `credentials.address.denied`. */
  resolve: (host: string, port: number) => Promise<string>;
  vendorIds: () => readonly string[];
  vendor: (id: string) => VendorFacts | undefined;
  /** Certificates trusted beside the usual ones, PEM. */
  certificates?: readonly string[];
}
