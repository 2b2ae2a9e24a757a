import { bindRoutes, personaRoutes } from '@automatos/contracts';
import type { BoundRoute } from '@automatos/contracts';
import type { PersonaService } from './persona-service.ts';

/** Handlers of `/api/personas`. */
export function createPersonaRoutes({ personas }: { personas: PersonaService }): BoundRoute[] {
  return bindRoutes(personaRoutes, {
    list: async ({ workspaceId, query }) => {
      const { items, nextCursor, total } = await personas.list(workspaceId, query);
      return { body: { items, next_cursor: nextCursor, total } };
    },
    create: async ({ workspaceId, body }) => ({ body: await personas.create(workspaceId, body) }),
    get: async ({ workspaceId, params }) => ({
      body: await personas.get(workspaceId, params.persona_id),
    }),
    update: async ({ workspaceId, params, body }) => ({
      body: await personas.update(workspaceId, params.persona_id, body),
    }),
    clone: async ({ workspaceId, params, body }) => ({
      body: await personas.clone(workspaceId, params.persona_id, body.name),
    }),
    remove: async ({ workspaceId, params }) => {
      await personas.remove(workspaceId, params.persona_id);
      return {};
    },
  });
}
