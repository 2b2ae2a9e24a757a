import type { Call } from '@automatos/contracts';
import { isJsonObject, PlatformError } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import type { HttpEdge } from '../http/http-server.ts';
import { textOf } from './text-of.ts';

export interface ApiRequest {
  method: 'GET' | 'POST';
  path: string;
  query?: Record<string, string>;
  body?: JsonObject;
}

/** Asks the product's own API on behalf of whoever called. Throws {@link ApiRefusal} for every answer but success. */
export interface ApiAsk {
  json(request: ApiRequest): Promise<JsonObject>;
  bytes(request: ApiRequest): Promise<{ contentType: string; content: Buffer }>;
}

/** The API said no. Left alone it becomes the answer of the outer request, with the code and kind that the API gave. */
export class ApiRefusal extends PlatformError {
  readonly status: number;

  constructor(status: number, problem: JsonValue) {
    const code = isJsonObject(problem) ? problem['code'] : undefined;
    super({
      code: typeof code === 'string' ? code : 'own_api.request.failed',
      kind: kindOf(status),
      message: refusalText(status, problem),
    });
    this.status = status;
  }
}

const KINDS: Readonly<Record<number, PlatformError['kind']>> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  429: 'rate-limited',
  503: 'unavailable',
};

function kindOf(status: number): PlatformError['kind'] {
  return KINDS[status] ?? (status < 500 ? 'invalid-input' : 'internal');
}

function refusalText(status: number, problem: JsonValue): string {
  if (!isJsonObject(problem)) return `The request was refused (${status}).`;
  const { detail, title, errors } = problem;
  const said = typeof detail === 'string' ? detail : typeof title === 'string' ? title : 'refused';
  const fields = (Array.isArray(errors) ? errors : []).flatMap((error) =>
    isJsonObject(error) ? [`${textOf(error['pointer'])}: ${textOf(error['message'])}`] : [],
  );
  return [said, ...fields].join('\n');
}

/** What proves who asks, and where from; everything else of the outer request stays outside. */
const FORWARDED = ['authorization', 'x-api-key', 'cookie', 'origin', 'host', 'x-workspace-id'];

/**
 * Every request goes through the whole edge again, with the caller's own credentials: permission, workspace, validation, limits
 * and audit are those of the API, and a protocol in front of it can give nobody more than they have.
 */
export function askAs(call: Call, inject: HttpEdge['inject']): ApiAsk {
  const forwarded = Object.fromEntries(
    FORWARDED.flatMap((name) => {
      const value = call.headers[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const ask = async ({ method, path, query = {}, body }: ApiRequest) => {
    const answer = await inject({
      method,
      url: path,
      query: { ...query, workspace_id: call.workspaceId },
      headers: {
        ...forwarded,
        // One request for whoever reads the log.
        'x-request-id': call.requestId,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      remoteAddress: call.remoteAddress,
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
    if (answer.statusCode < 300) return answer;
    let problem: JsonValue = null;
    try {
      problem = answer.json();
    } catch {
      // Not JSON: the status has to say it.
    }
    throw new ApiRefusal(answer.statusCode, problem);
  };
  return {
    json: async (request) => (await ask(request)).json(),
    async bytes(request) {
      const { headers, rawPayload } = await ask(request);
      return {
        contentType: String(headers['content-type'] ?? 'application/octet-stream'),
        content: rawPayload,
      };
    },
  };
}
