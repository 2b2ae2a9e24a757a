import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PERSONA_SEEDS, SPECIALISTS } from '@automatos/agents';
import { allRoutes, buildOpenApiDocument, OPENAPI_INFO } from '@automatos/contracts';
import type { RequestFacts } from '@automatos/identity';
import { DEFAULT_WORKSPACE_ID } from '@automatos/kernel';
import { loadShippedRecipes } from '@automatos/recipes';

const ROOT = join(import.meta.dirname, '../../../../..');
const BROWSER =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const MEMBER: RequestFacts['caller'] = {
  kind: 'user',
  id: 'ada',
  name: 'Ada',
  workspaceId: DEFAULT_WORKSPACE_ID,
  verifiedAt: undefined,
};

/** A request that nobody means any harm with, and where it comes from. */
export interface OwnRequest {
  source: 'recorded' | 'contract' | 'shipped' | 'docs' | 'code';
  facts: RequestFacts;
}

/**
 * The product's own traffic: requests that its tests sent (recorded once, see recorded.jsonl), one or two of every operation made
 * from the contract, everything it ships as somebody would store it, its documentation as chat messages and its sources as what
 * somebody wants reviewed.
 */
export async function ownTraffic(): Promise<OwnRequest[]> {
  const [recorded, shipped, docs, code] = await Promise.all([
    recordedRequests(),
    shippedRequests(),
    docsAsMessages(),
    codeAsInputs(),
  ]);
  return [...recorded, ...contractRequests(), ...shipped, ...docs, ...code];
}

interface Place {
  method: string;
  path: string;
  query?: Record<string, unknown>;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Finds the route that serves a path, as the router does. */
function toFacts(source: OwnRequest['source'], place: Place): OwnRequest {
  const { method, path, query = {}, body, headers = {} } = place;
  const spec = allRoutes().find(
    (each) => each.method === method && patternOf(each.path).test(path),
  );
  const isOpen = spec === undefined || spec.permission === 'public';
  return {
    source,
    facts: {
      requestId: 'request-1',
      method,
      route: spec?.path ?? null,
      area: spec?.tag ?? '',
      operationId: spec?.operationId ?? '',
      path,
      query,
      headers: { 'user-agent': BROWSER, 'accept-language': 'de-CH,de;q=0.9,en;q=0.8', ...headers },
      body,
      address: '203.0.113.7',
      caller: isOpen ? null : MEMBER,
    },
  };
}

const patterns = new Map<string, RegExp>();
function patternOf(path: string): RegExp {
  let pattern = patterns.get(path);
  if (pattern === undefined) {
    pattern = new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+').replace('.', String.raw`\.`)}$`);
    patterns.set(path, pattern);
  }
  return pattern;
}

/**
 * What tests of the edge, of providers, prices and audit log and of /v1 sent, to the product and from it to vendors, recorded in
 * one run and without repetitions. Values of secrets were replaced, and the one attack among them, an address of cloud metadata
 * as the source of prices, was taken out.
 */
async function recordedRequests(): Promise<OwnRequest[]> {
  const text = await readFile(join(import.meta.dirname, 'recorded.jsonl'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { m, u, b } = JSON.parse(line) as { m: string; u: string; b?: unknown };
      const [path = '', query = ''] = u.split('?', 2);
      return toFacts('recorded', { method: m, path, query: toQuery(query), body: b });
    });
}

const toQuery = (query: string) => Object.fromEntries(new URLSearchParams(query));

type Node = Record<string, unknown>;

/** Each operation with the least it takes, and with all it takes. */
function contractRequests(): OwnRequest[] {
  const document = buildOpenApiDocument(allRoutes(), OPENAPI_INFO) as {
    components: { schemas: Record<string, Node> };
    paths: Record<
      string,
      Record<
        string,
        { requestBody?: { content: Record<string, { schema: Node }> }; parameters?: Node[] }
      >
    >;
  };
  const sampler = createSampler(document.components.schemas);
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, operation]) =>
      [false, true].map((isFull) => {
        const schema = operation.requestBody?.content['application/json']?.schema;
        const query = (operation.parameters ?? [])
          .filter((each) => each['in'] === 'query' && (isFull || each['required'] === true))
          .map((each) => [
            each['name'],
            String(sampler(each['schema'] as Node, { name: String(each['name']), isFull })),
          ]);
        return toFacts('contract', {
          method: method.toUpperCase(),
          path: path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => sampleText(name)),
          query: Object.fromEntries(query) as Record<string, unknown>,
          ...(schema === undefined ? {} : { body: sampler(schema, { name: 'body', isFull }) }),
        });
      }),
    ),
  );
}

interface Spot {
  name: string;
  isFull: boolean;
  depth?: number;
}

function createSampler(schemas: Record<string, Node>) {
  const sample = (schema: Node, spot: Spot): unknown => {
    const { name, isFull, depth = 0 } = spot;
    const reference = schema['$ref'] as string | undefined;
    if (reference !== undefined)
      return depth > 6
        ? null
        : sample(schemas[reference.split('/').at(-1) ?? ''] ?? {}, { ...spot, depth: depth + 1 });
    if (schema['default'] !== undefined && !isFull) return schema['default'];
    if (schema['const'] !== undefined) return schema['const'];
    const choices = schema['enum'] as unknown[] | undefined;
    if (choices !== undefined) return choices[0];
    const branches = (schema['anyOf'] ?? schema['oneOf'] ?? schema['allOf']) as Node[] | undefined;
    if (branches !== undefined) return sample(branches[0] ?? {}, spot);
    switch (schema['type']) {
      case 'object': {
        const required = (schema['required'] ?? []) as string[];
        const members = Object.entries((schema['properties'] ?? {}) as Record<string, Node>)
          .filter(([key]) => (isFull && depth < 5) || required.includes(key))
          .map(([key, inner]) => [key, sample(inner, { name: key, isFull, depth: depth + 1 })]);
        return Object.fromEntries(members) as unknown;
      }
      case 'array':
        return depth > 6
          ? []
          : [sample((schema['items'] ?? {}) as Node, { ...spot, depth: depth + 1 })];
      case 'integer':
      case 'number':
        return (schema['minimum'] as number | undefined) ?? 3;
      case 'boolean':
        return true;
      case 'string':
        return sampleText(name, schema['format'] as string | undefined);
      default:
        return null;
    }
  };
  return sample;
}

/** A value as people would give it, by the name of its field. */
function sampleText(name: string, format?: string): string {
  if (format === 'uuid' || /_id$|^id$/.test(name)) return '0192f5c6-7c1e-7a55-9d32-0a1b2c3d4e5f';
  if (format === 'date-time' || /_at$|^(?:from|to|until)$/.test(name))
    return '2026-11-21T22:30:00.000Z';
  if (/url|uri|origin/.test(name)) return 'https://hooks.example.com/automatos?team=a&kind=b';
  if (/email/.test(name)) return "siobhan.o'connor@example.com";
  if (/slug|provider|model|agent|recipe|tool/.test(name)) return 'code-review';
  if (/search|query|q$/.test(name)) return "it's broken (select the model)";
  if (/instruction|prompt|text|content|description|reason|message/.test(name))
    return 'Review the change; say what could break, and don’t skip the tests. Use the tools you have.';
  if (/cron|schedule/.test(name)) return '0 9 * * 1-5';
  return "Ada's R&D team (Zürich) #3";
}

async function shippedRequests(): Promise<OwnRequest[]> {
  const recipes = (await loadShippedRecipes()).map((recipe) =>
    toFacts('shipped', {
      method: 'POST',
      path: '/api/workflow-recipes',
      body: {
        definition: JSON.parse(JSON.stringify(recipe.definition)) as unknown,
        yaml: recipe.yaml,
      },
    }),
  );
  const rest = [
    ...PERSONA_SEEDS.map((body) => ({ path: '/api/personas', body })),
    ...SPECIALISTS.map((body) => ({ path: '/api/agents', body })),
  ].map(({ path, body }) =>
    toFacts('shipped', { method: 'POST', path, body: JSON.parse(JSON.stringify(body)) }),
  );
  return [...recipes, ...rest];
}

/** Paragraphs of the documentation, which is also about attacks, as questions to a model. */
async function docsAsMessages(): Promise<OwnRequest[]> {
  const folder = join(ROOT, 'docs');
  const names = (await readdir(folder)).filter(
    (name) => name.endsWith('.md') && !ABOUT_ATTACKS.has(name),
  );
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts
    .flatMap((text) => text.split(/\n\s*\n/))
    .filter((paragraph) => paragraph.trim().length > 80)
    .map((content) =>
      toFacts('docs', {
        method: 'POST',
        path: '/v1/chat/completions',
        body: {
          model: 'default',
          messages: [{ role: 'user', content: `Explain this: ${content}` }],
        },
      }),
    );
}

/** Their examples are attacks. */
const ABOUT_ATTACKS: ReadonlySet<string> = new Set(['threats.md', 'security.md']);

/** Sources as what somebody wants reviewed; those of the detector hold attacks. */
async function codeAsInputs(): Promise<OwnRequest[]> {
  const found: OwnRequest[] = [];
  for (const folder of ['packages', 'apps/server/src']) {
    const names = await readdir(join(ROOT, folder), { recursive: true });
    const sources = names.filter(
      (name) =>
        name.endsWith('.ts') && !/node_modules|threat|security|\.next|generated|dist/.test(name),
    );
    for (const name of sources.toSorted().filter((_name, index) => index % 3 === 0)) {
      const source = await readFile(join(ROOT, folder, name), 'utf8');
      const body = { inputs: { path: name, source, request: 'Please review this file.' } };
      found.push(
        toFacts('code', {
          method: 'POST',
          path: '/api/workflow-recipes/code-review/execute',
          body,
        }),
      );
    }
  }
  return found;
}
