import type { Principal } from '@automatos/contracts';
import { PlatformError } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import { closest, findProvider } from '@automatos/providers';
import type { ModelRef } from '@automatos/providers';
import type { V1Deps } from './deps.ts';
import { modelNotFound } from './v1-errors.ts';

/** What a `model` of a request names. */
export type ChatTarget =
  | { kind: 'model'; ref: ModelRef }
  | { kind: 'agent'; slug: string }
  | { kind: 'recipe'; slug: string };

type TargetDeps = { providers: Pick<V1Deps['providers'], 'list' | 'models' | 'defaultRef'> };

/** Reads a `model` for a chat. Throws `v1.model.not_found`. */
export async function chatTarget(
  deps: TargetDeps,
  workspaceId: WorkspaceId,
  id: string,
): Promise<ChatTarget> {
  const [head, ...rest] = id.split('/');
  if ((head === 'agent' || head === 'recipe') && rest.length > 0) {
    const slug = rest.join('/');
    if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(slug)) throw modelNotFound(id, undefined);
    return { kind: head, slug };
  }
  if (id === 'auto') {
    return { kind: 'model', ref: await deps.providers.defaultRef(workspaceId) };
  }
  return { kind: 'model', ref: await modelRef(deps, workspaceId, { id, kind: 'chat' }) };
}

/** The model behind an id: `provider/model`, or a model of the catalogue alone, taken where it is configured. */
export async function modelRef(
  deps: TargetDeps,
  workspaceId: WorkspaceId,
  { id, kind }: { id: string; kind: 'chat' | 'embedding' },
): Promise<ModelRef> {
  const slash = id.indexOf('/');
  const head = slash === -1 ? '' : id.slice(0, slash);
  if (findProvider(head) !== undefined) return { provider: head, model: id.slice(slash + 1) };
  const views = await deps.providers.list(workspaceId);
  const rows = deps.providers.models(workspaceId).filter((row) => row.kind === kind);
  const found = rows.filter((row) => row.id === id || row.aliases.includes(id));
  const configured = new Set(views.filter((view) => view.configured).map((view) => view.id));
  const row = found.find((each) => configured.has(each.provider)) ?? found[0];
  if (row !== undefined) return { provider: row.provider, model: row.id };
  const names = rows.flatMap((each) => [each.id, `${each.provider}/${each.id}`]);
  throw modelNotFound(id, closest(id, names));
}

/** Agents and recipes do more than answer: what runs them needs the right to run. */
export function assertMayRun(principal: Principal | null): void {
  if (principal?.permissions.has('recipes:run') === true) return;
  throw new PlatformError({
    code: 'auth.permission.missing',
    kind: 'forbidden',
    message: `Agents and recipes as models need the permission recipes:run, which the role ${principal?.role ?? 'none'} does not have.`,
  });
}
