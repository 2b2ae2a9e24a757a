import { bindRoutes, patternRoutes } from '@automatos/contracts';
import type { BoundRoute, Call, Pattern } from '@automatos/contracts';
import type { PatternScope, PatternService } from './pattern-service.ts';

/** Handlers of `/api/patterns`. */
export function createPatternRoutes({ patterns }: { patterns: PatternService }): BoundRoute[] {
  return bindRoutes(patternRoutes, {
    list: async ({ workspaceId, query }) => {
      const { items, nextCursor, total } = await patterns.list(workspaceId, query);
      return { body: { items, next_cursor: nextCursor, total } };
    },
    create: async (call) => shown(await patterns.create(scopeOf(call), call.body)),
    preview: async ({ workspaceId, body }) => ({ body: await patterns.preview(workspaceId, body) }),
    get: async ({ workspaceId, params }) =>
      shown(await patterns.get(workspaceId, params.pattern_id)),
    update: async (call) =>
      shown(
        await patterns.update(scopeOf(call), {
          ref: call.params.pattern_id,
          ifMatch: call.headers['if-match'],
          definition: call.body,
        }),
      ),
    remove: async ({ workspaceId, params }) => {
      await patterns.remove(workspaceId, params.pattern_id);
      return {};
    },
  });
}

function scopeOf({
  workspaceId,
  principal,
}: Pick<Call, 'workspaceId' | 'principal'>): PatternScope {
  return { workspaceId, by: principal?.name ?? 'system' };
}

function shown(pattern: Pattern) {
  return { body: pattern, etag: String(pattern.version) };
}
