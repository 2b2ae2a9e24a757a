import { agents, SHARED } from '@automatos/agents';
import type { openAiModelSchema, Principal } from '@automatos/contracts';
import type { WorkspaceId } from '@automatos/kernel';
import { and, eq } from 'drizzle-orm';
import type { z } from 'zod';
import type { V1Deps } from './deps.ts';
import { chatTarget } from './model-target.ts';
import { modelNotFound } from './v1-errors.ts';

type ListedModel = z.input<typeof openAiModelSchema>;
type Deps = Pick<V1Deps, 'providers' | 'recipes' | 'database'>;

interface Viewer {
  workspaceId: WorkspaceId;
  principal: Principal | null;
}

const PAGE = 100;

/** What this caller may ask for: models of configured providers, `auto`, and, with the right to run, agents and recipes. */
export async function listModels(deps: Deps, viewer: Viewer): Promise<ListedModel[]> {
  const views = await deps.providers.list(viewer.workspaceId);
  const usable = new Set(
    views.filter((view) => view.configured && view.usable).map(({ id }) => id),
  );
  const models = deps.providers
    .models(viewer.workspaceId)
    .filter((row) => usable.has(row.provider) && row.kind !== 'rerank')
    .map((row) => entry(`${row.provider}/${row.id}`, row.provider));
  const mayRun = viewer.principal?.permissions.has('recipes:run') === true;
  const runnable = mayRun ? await listRunnable(deps, viewer.workspaceId) : [];
  return [entry('auto', 'automatos'), ...models, ...runnable];
}

async function listRunnable(deps: Deps, workspaceId: WorkspaceId): Promise<ListedModel[]> {
  const active = await deps.database.workspace(workspaceId, (tx) =>
    tx
      .select({ slug: agents.slug, createdAt: agents.createdAt })
      .from(agents)
      .where(and(eq(agents.status, 'active'), SHARED))
      .orderBy(agents.slug),
  );
  const recipes: ListedModel[] = [];
  let cursor: string | undefined;
  do {
    const page = await deps.recipes.list(workspaceId, { limit: PAGE, cursor });
    recipes.push(
      ...page.items.map(({ slug, created_at }) =>
        entry(`recipe/${slug}`, 'automatos', Date.parse(created_at)),
      ),
    );
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return [
    ...active.map(({ slug, createdAt }) =>
      entry(`agent/${slug}`, 'automatos', createdAt.getTime()),
    ),
    ...recipes,
  ];
}

/** One of the list; besides, any id of a provider whose models only its server knows. Throws `v1.model.not_found`. */
export async function getModel(deps: Deps, viewer: Viewer, id: string): Promise<ListedModel> {
  const listed = (await listModels(deps, viewer)).find((model) => model.id === id);
  if (listed !== undefined) return listed;
  const target = await chatTarget(deps, viewer.workspaceId, id);
  if (target.kind !== 'model') throw modelNotFound(id, undefined);
  const { provider, model } = target.ref;
  const views = await deps.providers.list(viewer.workspaceId);
  const view = views.find((each) => each.id === provider);
  const isKnown = deps.providers
    .models(viewer.workspaceId)
    .some((row) => row.provider === provider && row.id === model);
  if (view?.openModels !== true && !isKnown) throw modelNotFound(id, undefined);
  return entry(`${provider}/${model}`, provider);
}

/** OpenAI's entries have a time; of a vendor's model none is known, so it is 0. */
function entry(id: string, ownedBy: string, createdMs = 0): ListedModel {
  return { id, object: 'model', created: Math.floor(createdMs / 1000), owned_by: ownedBy };
}
