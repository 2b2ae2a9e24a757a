import type { RouteSpec, RouteTable } from './http.ts';
import { createSchemaWriter, type SchemaNode, type SchemaWriter } from './openapi-schemas.ts';
import { a2aRoutes } from './routes/a2a.ts';
import { agentHistoryRoutes } from './routes/agent-history.ts';
import { agentWorkRoutes } from './routes/agent-work.ts';
import { agentRoutes } from './routes/agents.ts';
import { apiKeyRoutes } from './routes/api-keys.ts';
import { auditRoutes } from './routes/audit.ts';
import { accountRoutes } from './routes/auth-account.ts';
import { tokenRoutes } from './routes/auth-tokens.ts';
import { authRoutes } from './routes/auth.ts';
import { credentialRoutes, encryptionRoutes } from './routes/credentials.ts';
import { gdprRoutes } from './routes/gdpr.ts';
import { mcpRoutes } from './routes/mcp.ts';
import { openAiRoutes } from './routes/openai.ts';
import { patternRoutes } from './routes/patterns.ts';
import { personaRoutes } from './routes/personas.ts';
import { platformRoutes } from './routes/platform.ts';
import { budgetRoutes, providerRoutes } from './routes/providers.ts';
import { recipeRoutes } from './routes/recipes.ts';
import { runRoutes } from './routes/runs.ts';
import { securityRoutes } from './routes/security.ts';
import { taskRoutes } from './routes/tasks.ts';
import { toolRoutes } from './routes/tools.ts';
import { triggerRoutes, webhookRoutes } from './routes/triggers.ts';
import { adminRoutes, workspaceRoutes } from './routes/workspaces.ts';

/** Name of the browser's session cookie, as the OpenAPI document states it. */
export const SESSION_COOKIE = 'automatos_session';

export interface OpenApiInfo {
  title: string;
  version: string;
  description?: string;
}

/** What the served and the committed document say about themselves, so that both are equal. */
export const OPENAPI_INFO: OpenApiInfo = {
  title: 'Automatos',
  version: '0.1.0',
};

const ROUTE_TABLES: readonly RouteTable[] = [
  authRoutes,
  accountRoutes,
  tokenRoutes,
  apiKeyRoutes,
  workspaceRoutes,
  adminRoutes,
  agentRoutes,
  agentHistoryRoutes,
  agentWorkRoutes,
  personaRoutes,
  patternRoutes,
  recipeRoutes,
  runRoutes,
  taskRoutes,
  triggerRoutes,
  webhookRoutes,
  auditRoutes,
  securityRoutes,
  credentialRoutes,
  encryptionRoutes,
  gdprRoutes,
  platformRoutes,
  toolRoutes,
  providerRoutes,
  budgetRoutes,
  openAiRoutes,
  mcpRoutes,
  a2aRoutes,
];

const TAGS: Record<string, string> = {
  auth: 'Accounts, sessions, second factors, tokens and API keys',
  workspaces: 'Workspaces, their members and invitations',
  admin: 'People and workspaces of the whole installation',
  agents: 'Workers with a persona, a model configuration and tools',
  personas: 'Characters that agents speak and work as',
  recipes: 'Stored processes and their versions',
  runs: 'Durable executions: steps, events, findings, documents',
  tasks: 'Goals that suitable agents work on, in nine stages',
  triggers: 'What starts recipes: schedules, incoming webhooks, ends of other runs',
  webhooks: 'Events sent to other systems',
  audit: 'Who did what: append-only, hash-chained, exportable',
  security: 'Threats that were found, blocks, and how the detector is set',
  credentials: 'Keys and passwords of other services, encrypted',
  privacy: 'Personal data: records of processing, consent, retention, requests of people (GDPR)',
  tools: 'Typed operations an agent may call',
  providers: 'Model vendors, models and what was spent',
  budgets: 'Limits on money that no model call passes',
  openai: 'Models, agents and recipes behind the wire of OpenAI',
  system: 'Health and metrics',
};

/** Every operation of the API, in the order of its tables. */
export function allRoutes(): RouteSpec[] {
  return ROUTE_TABLES.flatMap((table) => Object.values(table));
}

const problemOf = (route: RouteSpec) => ({
  $ref: `#/components/responses/${route.errors === 'openai' ? 'OpenAiError' : 'Problem'}`,
});
const header = (name: string) => ({ $ref: `#/components/parameters/${name}` });

function parametersOf(route: RouteSpec, writer: SchemaWriter): SchemaNode[] {
  const parameters: SchemaNode[] = [];
  for (const place of ['path', 'query'] as const) {
    const schema = place === 'path' ? route.params : route.query;
    if (schema === undefined) continue;
    const node = writer.write(schema, 'input');
    const required = (node['required'] ?? []) as string[];
    for (const [name, value] of Object.entries(node['properties'] as SchemaNode)) {
      parameters.push({
        name,
        in: place,
        required: place === 'path' || required.includes(name),
        schema: value,
      });
    }
  }
  if (route.permission !== 'public') parameters.push(header('WorkspaceId'));
  if (route.method !== 'GET' && route.errors === undefined)
    parameters.push(header('IdempotencyKey'));
  if (route.ifMatch === true) parameters.push(header('IfMatch'));
  if (route.kind === 'events') parameters.push(header('LastEventId'));
  return parameters;
}

function successOf(route: RouteSpec, writer: SchemaWriter): SchemaNode {
  const description = route.status === 204 ? 'Done; nothing to tell' : route.summary;
  if (route.kind === 'bytes') {
    return { description, content: { '*/*': { schema: { type: 'string', format: 'binary' } } } };
  }
  if (route.response === undefined) return { description };
  const content: SchemaNode = {
    'application/json': { schema: writer.write(route.response, 'output') },
  };
  if (route.kind === 'events') {
    content['text/event-stream'] = {
      schema: {
        type: 'string',
        description:
          "One message per event: `id` is its seq, `event` its type, `data` an EventEnvelope as JSON. Ends after the run's last event.",
      },
    };
  }
  if (route.kind === 'stream') {
    content['text/event-stream'] = {
      schema: {
        type: 'string',
        description:
          'With `stream: true`: one chunk per message, then `data: [DONE]`; a failure is a message with `error`, and nothing follows it.',
      },
    };
  }
  const headers =
    route.ifMatch === true ? { headers: { ETag: { $ref: '#/components/headers/ETag' } } } : {};
  return { description, ...headers, content };
}

function responsesOf(route: RouteSpec, writer: SchemaWriter): SchemaNode {
  const problem = problemOf(route);
  const responses: SchemaNode = { [String(route.status ?? 200)]: successOf(route, writer) };
  if (route.permission !== 'public') responses['401'] = problem;
  if (route.permission !== 'public' && route.permission !== 'authenticated')
    responses['403'] = problem;
  if (route.params !== undefined) responses['404'] = problem;
  if (route.ifMatch === true) {
    responses['412'] = problem;
    responses['428'] = problem;
  }
  return { ...responses, '4XX': problem, '5XX': problem };
}

function operationOf(route: RouteSpec, writer: SchemaWriter): SchemaNode {
  const parameters = parametersOf(route, writer);
  return {
    operationId: route.operationId,
    summary: route.summary,
    tags: [route.tag],
    ...(route.permission === 'public'
      ? { security: [] }
      : { security: [{ bearer: [] }, { api_key: [] }, { session: [] }] }),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: writer.write(route.body, 'input') } },
          },
        }),
    responses: responsesOf(route, writer),
    'x-permission': route.permission,
    ...(route.rateLimitPerMinute === undefined
      ? {}
      : { 'x-rate-limit-per-minute': route.rateLimitPerMinute }),
  };
}

const HEADER_PARAMETERS = {
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'The same key with the same body answers as the first time for 24 h; with another body 409.',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  },
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    required: true,
    description: 'The `ETag` last read. 428 without it, 412 when something newer is stored.',
    schema: { type: 'string' },
  },
  LastEventId: {
    name: 'Last-Event-ID',
    in: 'header',
    description: 'Seq of the last event seen; the stream goes on after it.',
    schema: { type: 'string' },
  },
  WorkspaceId: {
    name: 'X-Workspace-ID',
    in: 'header',
    description: 'Workspace to work in; 403 when the caller is no member.',
    schema: { type: 'string', format: 'uuid' },
  },
};

function componentsOf(writer: SchemaWriter): SchemaNode {
  writer.writeAll();
  return {
    schemas: writer.components(),
    parameters: HEADER_PARAMETERS,
    headers: { ETag: { description: 'Version of what was read', schema: { type: 'string' } } },
    responses: {
      Problem: {
        description: 'Problem details (RFC 9457)',
        content: {
          'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
        },
      },
      OpenAiError: {
        description: "Error in OpenAI's shape",
        content: {
          'application/json': { schema: { $ref: '#/components/schemas/OpenAiError' } },
        },
      },
    },
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', description: 'An API key or access token' },
      api_key: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE },
    },
  };
}

/**
 * The OpenAPI 3.1 document of `routes`, which the server serves and the client is generated from. Pure: the same routes
 * give the same document. Throws when two routes share an operation id or a method and path.
 */
export function buildOpenApiDocument(routes: readonly RouteSpec[], info: OpenApiInfo): SchemaNode {
  const writer = createSchemaWriter();
  const paths: Record<string, SchemaNode> = {};
  const operationIds = new Set<string>();
  for (const route of routes) {
    const path = route.path.replace(/:([a-z0-9_]+)/gi, '{$1}');
    const item = (paths[path] ??= {});
    const method = route.method.toLowerCase();
    if (item[method] !== undefined) throw new Error(`two routes for ${route.method} ${path}`);
    if (operationIds.has(route.operationId)) {
      throw new Error(`two routes are called ${route.operationId}`);
    }
    operationIds.add(route.operationId);
    item[method] = operationOf(route, writer);
  }
  const used = new Set(routes.map((route) => route.tag));
  return {
    openapi: '3.1.0',
    info,
    servers: [{ url: '/' }],
    tags: [...used].map((name) => ({ name, description: TAGS[name] ?? name })),
    paths,
    components: componentsOf(writer),
  };
}
