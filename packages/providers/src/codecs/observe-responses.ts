/** Status and headers (names in lower case) of one answer, before its body is read. */
export type OnResponse = (response: { status: number; headers: Record<string, string> }) => void;

/** `fetch` that shows each answer's head to `onResponse`: what limits and request ids are read from. `onResponse` must not throw. */
export function observeResponses(
  fetch: typeof globalThis.fetch,
  onResponse: OnResponse,
): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    onResponse({ status: response.status, headers: Object.fromEntries(response.headers) });
    return response;
  };
}
