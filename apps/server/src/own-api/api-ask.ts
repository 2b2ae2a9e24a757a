import type { Call } from '@automatos/contracts';
import { isJsonObject } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import type { HttpEdge } from '../http/http-server.ts';

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

/** The API said no; `problem` is its answer as problem details. */
export class ApiRefusal extends Error {
  override readonly name = 'ApiRefusal';
  readonly status: number;

  constructor(status: number, problem: JsonValue) {
    super(refusalText(status, problem));
    this.status = status;
  }
}

function refusalText(status: number, problem: JsonValue): string {
  if (!isJsonObject(problem)) return `The request was refused (${status}).`;
  const { detail, title, errors } = problem;
  const said = typeof detail === 'string' ? detail : typeof title === 'string' ? title : 'refused';
  const fields = (Array.isArray(errors) ? errors : []).flatMap((error) =>
    isJsonObject(error) ? [`${String(error['pointer'])}: ${String(error['message'])}`] : [],
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
