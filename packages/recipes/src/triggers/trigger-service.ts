import type { Trigger, TriggerSpec } from '@automatos/contracts';
import { toPage } from '@automatos/database';
import type { Database, Tx } from '@automatos/database';
import { PlatformError, isUuid } from '@automatos/kernel';
import type { Clock, FieldError, WorkspaceId } from '@automatos/kernel';
import { z } from 'zod';
import { decodeCursor, nameCursorSchema } from '../recipes/paging.ts';
import { mustFind } from '../recipes/recipe-access.ts';
import { checkRooted, checkRootedCondition } from '../references/rooted.ts';
import { deriveSecret } from './secrets.ts';
import { columnsOf, newTrigger } from './sync-triggers.ts';
import { itemInvalid, itemNotFound, standsInRecipe, under } from './trigger-errors.ts';
import {
  deleteTriggers,
  findTrigger,
  insertTrigger,
  listDeliveries,
  listTriggers,
  updateTrigger,
} from './trigger-store.ts';
import type { DeliveryRow, ListedTrigger } from './trigger-store.ts';

export interface TriggerServiceDeps {
  database: Pick<Database, 'workspace'>;
  clock: Pick<Clock, 'now'>;
  instanceSecret: Uint8Array;
  /** Where senders reach this installation, without a slash at the end. */
  publicUrl: string;
}

interface Page {
  limit: number;
  cursor?: string | undefined;
}
interface Listed<Item> {
  items: Item[];
  nextCursor: string | null;
}

/** Use cases of triggers. Those that stand in a recipe answer `triggers.trigger.in_recipe` to changes; their secret can be changed. */
export interface TriggerService {
  /** By name; `recipe` is a slug or an id. */
  list(
    workspaceId: WorkspaceId,
    filter: Page & { recipe?: string | undefined },
  ): Promise<Listed<Trigger>>;
  create(
    workspaceId: WorkspaceId,
    trigger: { recipe: string; spec: TriggerSpec },
  ): Promise<Trigger & { secret: string | null }>;
  update(workspaceId: WorkspaceId, id: string, spec: TriggerSpec): Promise<Trigger>;
  remove(workspaceId: WorkspaceId, id: string): Promise<void>;
  rotateSecret(workspaceId: WorkspaceId, id: string): Promise<Trigger & { secret: string }>;
  /** Newest first. */
  deliveries(workspaceId: WorkspaceId, id: string, page: Page): Promise<Listed<TriggerDelivery>>;
}

export interface TriggerDelivery {
  id: string;
  delivery_id: string;
  received_at: string;
  outcome: DeliveryRow['outcome'];
  run_id: string | null;
  error: DeliveryRow['error'];
}

const deliveryCursorSchema = z.strictObject({ at: z.iso.datetime(), id: z.uuid() });

export function createTriggerService(deps: TriggerServiceDeps): TriggerService {
  const { database, clock } = deps;
  const shown = async (tx: Tx, id: string) => toTrigger(deps, await mustFindTrigger(tx, id));
  return {
    list: (workspaceId, { limit, cursor, recipe }) =>
      database.workspace(workspaceId, async (tx) => {
        const after = cursor === undefined ? undefined : decodeCursor(nameCursorSchema, cursor);
        const rows = await listTriggers(tx, { limit, recipe, after });
        const page = toPage(rows, limit, ({ name, id }) => ({ name, id }));
        const items = page.rows.map((row) => toTrigger(deps, row));
        return { items, nextCursor: page.nextCursor };
      }),
    create: (workspaceId, { recipe, spec }) =>
      database.workspace(workspaceId, async (tx) => {
        mustWork(spec);
        const { id: recipeId } = await mustFind(tx, recipe);
        const place = { workspaceId, id: recipeId, source: 'api', position: null } as const;
        const row = newTrigger(place, spec, new Date(clock.now()));
        await insertTrigger(tx, row);
        const secret = spec.type === 'webhook' ? secretOf(deps, row) : null;
        return { ...(await shown(tx, row.id)), secret };
      }),
    update: (workspaceId, id, spec) =>
      database.workspace(workspaceId, async (tx) => {
        const row = await mustBeOwn(tx, id);
        if (row.type !== spec.type) throw typeFixed(row.type);
        mustWork(spec);
        await updateTrigger(tx, row, { ...columnsOf(spec), updatedAt: new Date(clock.now()) });
        return shown(tx, id);
      }),
    remove: (workspaceId, id) =>
      database.workspace(workspaceId, async (tx) => {
        await deleteTriggers(tx, [await mustBeOwn(tx, id)]);
      }),
    rotateSecret: (workspaceId, id) =>
      database.workspace(workspaceId, async (tx) => {
        const row = await mustFindTrigger(tx, id, { lock: true });
        if (row.type !== 'webhook') throw noSecret();
        const secretVersion = row.secretVersion + 1;
        await updateTrigger(tx, row, { secretVersion, updatedAt: new Date(clock.now()) });
        return { ...(await shown(tx, id)), secret: secretOf(deps, { id, secretVersion }) };
      }),
    deliveries: (workspaceId, id, { limit, cursor }) =>
      database.workspace(workspaceId, async (tx) => {
        await mustFindTrigger(tx, id);
        const before =
          cursor === undefined ? undefined : decodeCursor(deliveryCursorSchema, cursor);
        const rows = await listDeliveries(tx, id, { limit, before });
        const page = toPage(rows, limit, (row) => ({
          at: row.receivedAt.toISOString(),
          id: row.id,
        }));
        return { items: page.rows.map(toDelivery), nextCursor: page.nextCursor };
      }),
  };
}

/** What keeps a trigger from working, with JSON pointers into its spec. */
export function checkTriggerSpec(spec: TriggerSpec): FieldError[] {
  const roots = spec.type === 'webhook' ? ['body', 'headers'] : ['event'];
  const inputs = under('/inputs', checkRooted(spec.inputs, roots));
  const when =
    spec.when === undefined ? [] : under('/when', checkRootedCondition(spec.when, roots));
  return [...inputs, ...when].map(({ pointer, message, suggestion }) => ({
    pointer,
    message,
    ...(suggestion === undefined ? {} : { suggestion }),
  }));
}

function mustWork(spec: TriggerSpec): void {
  const problems = checkTriggerSpec(spec);
  if (problems.length > 0) throw itemInvalid('trigger', under('/spec', problems));
}

function secretOf(
  deps: TriggerServiceDeps,
  { id, secretVersion: version }: { id: string; secretVersion: number },
): string {
  return deriveSecret(deps.instanceSecret, { kind: 'trigger', id, version });
}

async function mustFindTrigger(
  tx: Tx,
  id: string,
  options: { lock?: boolean } = {},
): Promise<ListedTrigger> {
  const row = isUuid(id) ? await findTrigger(tx, id, options) : undefined;
  if (row === undefined) throw itemNotFound('trigger', id);
  return row;
}

async function mustBeOwn(tx: Tx, id: string): Promise<ListedTrigger> {
  const row = await mustFindTrigger(tx, id, { lock: true });
  if (row.source === 'recipe') throw standsInRecipe('trigger', row.recipeSlug);
  return row;
}

function toTrigger(deps: TriggerServiceDeps, row: ListedTrigger): Trigger {
  return {
    id: row.id,
    recipe_id: row.recipeId,
    recipe_slug: row.recipeSlug,
    spec: row.spec,
    source: row.source,
    enabled: row.enabled,
    url: row.type === 'webhook' ? `${deps.publicUrl}/api/hooks/${row.id}` : null,
    secret_version: row.secretVersion,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

function toDelivery(row: DeliveryRow): TriggerDelivery {
  return {
    id: row.id,
    delivery_id: row.deliveryId,
    received_at: row.receivedAt.toISOString(),
    outcome: row.outcome,
    run_id: row.runId,
    error: row.error,
  };
}

function typeFixed(type: string): PlatformError {
  return new PlatformError({
    code: 'triggers.trigger.type_fixed',
    kind: 'invalid-input',
    message: `The type of a trigger cannot change from "${type}"; make another trigger.`,
    errors: [{ pointer: '/spec/type', message: `must stay "${type}"`, suggestion: type }],
  });
}

function noSecret(): PlatformError {
  return new PlatformError({
    code: 'triggers.secret.none',
    kind: 'conflict',
    message: 'A trigger by run events has no secret: nobody delivers to it.',
  });
}
