import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { EVENT_TYPES } from './events.ts';
import { route } from './http.ts';
import { allRoutes, buildOpenApiDocument } from './openapi.ts';
import { eventDataName, type SchemaNode } from './openapi-schemas.ts';

const info = { title: 'Automatos', version: '0' };
type Operation = {
  operationId: string;
  security: unknown[];
  parameters?: { name?: string; in?: string; $ref?: string; required?: boolean }[];
  requestBody?: unknown;
  responses: Record<string, { content?: Record<string, unknown>; $ref?: string }>;
  'x-permission': string;
};
const document = buildOpenApiDocument(allRoutes(), info) as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, SchemaNode> };
};

function refsIn(node: unknown, found: string[] = []): string[] {
  if (Array.isArray(node)) for (const item of node) refsIn(item, found);
  else if (node !== null && typeof node === 'object') {
    for (const [key, value] of Object.entries(node)) {
      if (key === '$ref' && typeof value === 'string') found.push(value);
      else refsIn(value, found);
    }
  }
  return found;
}

describe('OpenAPI document', () => {
  it('holds every route once, with its permission and path parameters', () => {
    const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
    expect(operations).toHaveLength(allRoutes().length);
    for (const route of allRoutes()) {
      const path = route.path.replace(/:([a-z_]+)/g, '{$1}');
      const operation = document.paths[path]?.[route.method.toLowerCase()];
      expect(operation?.operationId).toBe(route.operationId);
      expect(operation?.['x-permission']).toBe(route.permission);
      const inPath = [...path.matchAll(/\{([a-z_]+)\}/g)].map((match) => match[1]);
      const declared = operation?.parameters?.filter((each) => each.in === 'path') ?? [];
      expect(declared.map((each) => each.name)).toEqual(inPath);
      expect(operation?.security.length === 0).toBe(route.permission === 'public');
    }
  });

  it('resolves every reference inside the document', () => {
    const refs = new Set(refsIn(document));
    expect(refs.size).toBeGreaterThan(20);
    for (const ref of refs) {
      const target = ref
        .slice(2)
        .split('/')
        .reduce<unknown>((node, key) => (node as SchemaNode | undefined)?.[key], document);
      expect(target, ref).toBeDefined();
    }
  });

  it('describes the payload of every event type', () => {
    for (const type of EVENT_TYPES) {
      expect(document.components.schemas, type).toHaveProperty(eventDataName(type));
    }
  });

  it('asks writes for an idempotency key and versioned updates for If-Match', () => {
    const update = document.paths['/api/workflow-recipes/{recipe_id}']?.['put'];
    const names = update?.parameters?.map((each) => each.$ref?.split('/').at(-1));
    expect(names).toContain('IdempotencyKey');
    expect(names).toContain('IfMatch');
    expect(update?.responses).toHaveProperty('428');
  });

  it('answers every failure as problem+json and streams events beside pages', () => {
    const events = document.paths['/api/runs/{run_id}/events']?.['get'];
    expect(Object.keys(events?.responses['200']?.content ?? {})).toEqual([
      'application/json',
      'text/event-stream',
    ]);
    expect(events?.responses['4XX']?.$ref).toBe('#/components/responses/Problem');
  });

  it('leaves answers open for new fields and keeps requests closed', () => {
    const run = document.components.schemas['Run'];
    expect(run).not.toHaveProperty('additionalProperties');
    const input = document.components.schemas['ModelConfigInput'];
    expect(input?.['additionalProperties']).toBe(false);
    expect(input).not.toHaveProperty('required');
    expect(document.components.schemas['ModelConfig']?.['required']).toContain('temperature');
  });

  it('refuses two routes with one operation id or one path', () => {
    const one = route({
      operationId: 'one',
      method: 'GET',
      path: '/api/one',
      summary: 'One',
      tag: 'system',
      permission: 'public',
      response: z.object({}),
    });
    expect(() => buildOpenApiDocument([one, { ...one, path: '/api/two' }], info)).toThrow('one');
    expect(() => buildOpenApiDocument([one, { ...one, operationId: 'two' }], info)).toThrow(
      'GET /api/one',
    );
  });
});
