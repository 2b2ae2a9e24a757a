import { APICallError, InvalidResponseDataError } from '@ai-sdk/provider';
import type { z } from 'zod';

/** Most characters of a refusal that are kept for reading its code. */
const REFUSAL_CHARS_MAX = 20_000;

export interface VendorRequest {
  fetch: typeof globalThis.fetch;
  url: string;
  headers: Record<string, string | undefined>;
  /** Absent = a GET. */
  body?: unknown;
  signal: AbortSignal | undefined;
}

/** `Authorization: Bearer …`, or nothing without a key. */
export function bearer(apiKey: string | undefined): Record<string, string> {
  return apiKey === undefined || apiKey === '' ? {} : { authorization: `Bearer ${apiKey}` };
}

/** One request to a vendor. Rejects with the error form of the SDK's codecs (status, headers, body), which `classifyFailure` reads. */
export async function requestVendor(request: VendorRequest): Promise<Response> {
  const { url, body, signal } = request;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers[name] = value;
  let response: Response;
  try {
    response = await request.fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new APICallError({
      message: `no answer: ${error instanceof Error ? messageChain(error) : 'unknown'}`,
      url,
      requestBodyValues: {},
      cause: error,
    });
  }
  if (response.ok) return response;
  throw new APICallError({
    message: `status ${response.status}`,
    url,
    requestBodyValues: {},
    statusCode: response.status,
    responseHeaders: Object.fromEntries(response.headers),
    responseBody: (await response.text()).slice(0, REFUSAL_CHARS_MAX),
  });
}

/** The JSON of an answer in the form of `schema`; anything else is an answer that is not of the wire. */
export async function requestJson<Schema extends z.ZodType>(
  request: VendorRequest,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const response = await requestVendor(request);
  return parseVendorJson(await response.text(), schema);
}

/** Parses text of a vendor; throws the SDK's error for data that is not of the wire. */
export function parseVendorJson<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
): z.infer<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InvalidResponseDataError({ data: undefined, message: 'The answer is not JSON.' });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InvalidResponseDataError({ data: value, message: 'The answer has another form.' });
}

function messageChain(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
