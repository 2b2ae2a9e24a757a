import { bindRoutes, taskRoutes } from '@automatos/contracts';
import type { BoundRoute, Call } from '@automatos/contracts';
import type { TaskScope, TaskService } from './task-service.ts';

/** Handlers of `/api/tasks`. */
export function createTaskRoutes({ tasks }: { tasks: TaskService }): BoundRoute[] {
  return bindRoutes(taskRoutes, {
    list: async ({ workspaceId, query }) => {
      const { items, nextCursor, total } = await tasks.list(workspaceId, query);
      return { body: { items, next_cursor: nextCursor, total } };
    },
    create: async (call) => ({
      body: await tasks.create(scopeOf(call), call.body, {
        idempotencyKey: call.headers['idempotency-key'],
      }),
    }),
    preview: async ({ workspaceId, body }) => ({ body: await tasks.preview(workspaceId, body) }),
    get: async ({ workspaceId, params }) => ({
      body: await tasks.get(workspaceId, params.task_id),
    }),
    cancel: async (call) => ({ body: await tasks.cancel(scopeOf(call), call.params.task_id) }),
    retry: async (call) => ({
      body: await tasks.retry(scopeOf(call), call.params.task_id, {
        idempotencyKey: call.headers['idempotency-key'],
      }),
    }),
  });
}

function scopeOf({ workspaceId, principal }: Pick<Call, 'workspaceId' | 'principal'>): TaskScope {
  const by =
    principal === null
      ? { kind: 'system' as const, id: 'system', name: 'system' }
      : { kind: principal.kind, id: principal.id, name: principal.name };
  return { workspaceId, by };
}
