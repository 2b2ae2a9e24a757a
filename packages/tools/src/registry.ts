import type { JsonObject } from '@automatos/kernel';
import { z } from 'zod';
import type { Capability, ToolDefinition, ToolGrant } from './definition.ts';
import { isOffered } from './grants.ts';
import { builtInTools } from './built-in-tools.ts';
import { toolError } from './tool-error.ts';

/** A tool as the API and models see it. */
export interface ToolDescription {
  name: string;
  title: string;
  description: string;
  group: string;
  capabilities: Capability[];
  input_schema: JsonObject;
  output_schema: JsonObject;
  idempotent: boolean;
  timeout_ms: number;
}

export interface ToolRegistry {
  /** All tools, by name. */
  list(): ToolDefinition[];
  get(name: string): ToolDefinition | undefined;
  /** Throws `tools.tool.not_found` with near names. */
  describe(name: string): ToolDescription;
  /** Tools that may be offered under these grants, by name. */
  forGrants(grants: ToolGrant[] | 'all'): ToolDefinition[];
}

const NAME = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;

function assertUsable(tool: ToolDefinition, builtIn: ReadonlySet<ToolDefinition>): void {
  const refuse = (why: string) =>
    toolError(
      'tools.registry.invalid',
      'internal',
      `Tool "${tool.name}" cannot be registered: ${why}.`,
    );
  if (!NAME.test(tool.name) || tool.name.length > 64)
    throw refuse('the name must be snake_case with at most 64 characters');
  if ((tool.actions === undefined) !== (tool.actionOf === undefined))
    throw refuse('actions and actionOf belong together');
  if (tool.isolation === 'worker' && tool.workerModule === undefined && !builtIn.has(tool)) {
    throw refuse('isolation "worker" needs workerModule, so that a process can load it');
  }
}

function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  return z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonObject;
}

/** Edit distance, for suggestions only. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, change));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Up to three known names that look like `name`; empty when nothing is near. */
export function suggestNames(name: string, known: readonly string[]): string[] {
  const wanted = name
    .slice(0, 64)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_');
  const words = new Set(wanted.split('_').filter((word) => word.length > 2));
  return known
    .map((candidate) => ({
      candidate,
      near: distance(wanted, candidate),
      shared: candidate.split('_').some((word) => words.has(word)),
    }))
    .filter((entry) => entry.shared || entry.near <= Math.max(2, wanted.length / 3))
    .toSorted((a, b) => a.near - b.near || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 3)
    .map((entry) => entry.candidate);
}

/** Error for a name that is not registered, or not offered to this caller. */
export function unknownTool(name: string, offered: readonly string[]) {
  const near = suggestNames(name, offered);
  const hint =
    near.length > 0
      ? ` Did you mean ${near.map((candidate) => `"${candidate}"`).join(' or ')}?`
      : '';
  return toolError(
    'tools.tool.not_found',
    'not-found',
    `No tool "${name.slice(0, 64)}" is available here.${hint}`,
  );
}

/** Holds definitions by name; checks them once. Without an argument: the built-in tools. */
export function createToolRegistry(tools: ToolDefinition[] = builtInTools()): ToolRegistry {
  const builtIn = new Set(builtInTools());
  const byName = new Map<string, ToolDefinition>();
  for (const tool of tools) {
    assertUsable(tool, builtIn);
    if (byName.has(tool.name))
      throw toolError('tools.registry.invalid', 'internal', `Two tools are named "${tool.name}".`);
    byName.set(tool.name, tool);
  }
  const sorted = [...byName.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const described = new Map<string, ToolDescription>();
  return {
    list: () => [...sorted],
    get: (name) => byName.get(name),
    describe(name) {
      const tool = byName.get(name);
      if (tool === undefined)
        throw unknownTool(
          name,
          sorted.map((known) => known.name),
        );
      const cached = described.get(name);
      if (cached !== undefined) return cached;
      const description: ToolDescription = {
        name,
        title: tool.title,
        description: tool.description,
        group: tool.group,
        capabilities: [...tool.capabilities],
        input_schema: toJsonSchema(tool.input, 'input'),
        output_schema: toJsonSchema(tool.output, 'output'),
        idempotent: tool.idempotent,
        timeout_ms: tool.timeoutMs,
      };
      described.set(name, description);
      return description;
    },
    forGrants: (grants) => sorted.filter((tool) => isOffered(tool, grants)),
  };
}
