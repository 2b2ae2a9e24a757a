import type { WorkspaceBudget, WorkspaceBudgetInput } from '@automatos/contracts';
import { decodeCursor, toPage } from '@automatos/database';
import type { Database, Tx } from '@automatos/database';
import { isUuid, newId } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { z } from 'zod';
import { closest } from '../catalogue/catalogue.ts';
import { agentUnknown, budgetNotFound, tooManyBudgets, versionMismatch } from './budget-errors.ts';
import {
  NOTHING_COUNTED,
  countBudgets,
  countersOf,
  deleteBudget,
  findBudget,
  insertBudget,
  listBudgets,
  updateBudget,
} from './budget-store.ts';
import type { BudgetRow } from './budget-tables.ts';
import { windowKey, windowSpan } from './budget-window.ts';

export interface BudgetServiceDeps {
  database: Pick<Database, 'workspace'>;
  clock: Clock;
  /** Slugs of the agents of a workspace. */
  agents: (workspaceId: WorkspaceId) => Promise<readonly string[]>;
  /** Tells the database what this process has counted, so that it shows at once. */
  tell: (workspaceId: WorkspaceId) => Promise<void>;
  /** Makes a change count in this process before the answer is given. */
  changed: (workspaceId: WorkspaceId) => void;
}

/** Use cases of budgets. */
export interface BudgetService {
  /** By name. */
  list(
    workspaceId: WorkspaceId,
    page: { limit: number; cursor?: string | undefined },
  ): Promise<{ items: WorkspaceBudget[]; nextCursor: string | null; total: number }>;
  get(workspaceId: WorkspaceId, id: string): Promise<WorkspaceBudget>;
  create(workspaceId: WorkspaceId, input: WorkspaceBudgetInput): Promise<WorkspaceBudget>;
  /** What was spent stays, unless window or agent change: then another count begins. `ifMatch` must name the version last read. */
  update(
    workspaceId: WorkspaceId,
    change: { id: string; ifMatch: string | undefined; input: WorkspaceBudgetInput },
  ): Promise<WorkspaceBudget>;
  remove(workspaceId: WorkspaceId, id: string): Promise<void>;
}

const BUDGETS_MAX = 100;
const CURSOR_INVALID = 'providers.budget.cursor_invalid';
const cursorSchema = z.strictObject({ name: z.string().max(200), id: z.uuid() });

export function createBudgetService(deps: BudgetServiceDeps): BudgetService {
  const { database } = deps;
  const shown = (tx: Tx, rows: readonly BudgetRow[]) => withCounts(tx, rows, deps.clock.now());

  return {
    ...createChanges(deps),
    async list(workspaceId, { limit, cursor }) {
      const after =
        cursor === undefined ? undefined : decodeCursor(cursor, cursorSchema, CURSOR_INVALID);
      await deps.tell(workspaceId);
      return database.workspace(workspaceId, async (tx) => {
        const found = await listBudgets(tx, { limit, after });
        const page = toPage(found, limit, ({ name, id }) => ({ name, id }));
        const total = await countBudgets(tx);
        return { items: await shown(tx, page.rows), nextCursor: page.nextCursor, total };
      });
    },
    async get(workspaceId, id) {
      await deps.tell(workspaceId);
      return database.workspace(workspaceId, async (tx) =>
        only(await shown(tx, [await mustFind(tx, id)])),
      );
    },
  };
}

function createChanges(
  deps: BudgetServiceDeps,
): Pick<BudgetService, 'create' | 'update' | 'remove'> {
  const { database } = deps;
  const now = () => new Date(deps.clock.now());
  const shown = async (tx: Tx, row: BudgetRow) =>
    only(await withCounts(tx, [row], deps.clock.now()));

  async function checkAgent(workspaceId: WorkspaceId, agent: string | null): Promise<void> {
    if (agent === null) return;
    const known = await deps.agents(workspaceId);
    if (!known.includes(agent)) throw agentUnknown(agent, closest(agent, known));
  }

  return {
    async create(workspaceId, input) {
      await checkAgent(workspaceId, input.agent);
      const at = now();
      const row: BudgetRow = {
        id: newId<'budget'>(at.getTime()),
        workspaceId,
        ...columnsOf(input),
        version: 1,
        createdAt: at,
        updatedAt: at,
      };
      const made = await database.workspace(workspaceId, async (tx) => {
        if ((await countBudgets(tx)) >= BUDGETS_MAX) throw tooManyBudgets(BUDGETS_MAX);
        await insertBudget(tx, row);
        return shown(tx, row);
      });
      deps.changed(workspaceId);
      return made;
    },
    async update(workspaceId, { id, ifMatch, input }) {
      await checkAgent(workspaceId, input.agent);
      await deps.tell(workspaceId);
      const changed = await database.workspace(workspaceId, async (tx) => {
        const before = await mustFind(tx, id, { lock: true });
        assertVersion(before, ifMatch);
        const row = {
          ...before,
          ...columnsOf(input),
          version: before.version + 1,
          updatedAt: now(),
        };
        await updateBudget(tx, row);
        return shown(tx, row);
      });
      deps.changed(workspaceId);
      return changed;
    },
    async remove(workspaceId, id) {
      await database.workspace(workspaceId, async (tx) =>
        deleteBudget(tx, await mustFind(tx, id, { lock: true })),
      );
      deps.changed(workspaceId);
    },
  };
}

async function mustFind(tx: Tx, id: string, options: { lock?: boolean } = {}): Promise<BudgetRow> {
  const row = isUuid(id) ? await findBudget(tx, id, options) : undefined;
  if (row === undefined) throw budgetNotFound(id);
  return row;
}

function assertVersion(row: BudgetRow, ifMatch: string | undefined): void {
  const given = (ifMatch ?? '')
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, '').replaceAll('"', ''));
  if (!given.some((tag) => tag === '*' || tag === String(row.version))) throw versionMismatch(row);
}

function columnsOf(input: WorkspaceBudgetInput) {
  return {
    name: input.name,
    window: input.window,
    agent: input.agent,
    limitMicros: input.limit_micros,
    ceilingInputMicros: input.unknown_price_ceiling?.input_micros ?? null,
    ceilingOutputMicros: input.unknown_price_ceiling?.output_micros ?? null,
    enabled: input.enabled,
  };
}

async function withCounts(
  tx: Tx,
  rows: readonly BudgetRow[],
  now: number,
): Promise<WorkspaceBudget[]> {
  const counts = await countersOf(
    tx,
    rows.map((row) => ({
      budgetId: row.id,
      windowKey: row.window === 'run' ? null : windowKey(row, { now }),
      suffix: row.agent === null ? '' : `@${row.agent}`,
    })),
  );
  return rows.map((row) => {
    const { spent, reserved, refused } = counts.get(row.id) ?? NOTHING_COUNTED;
    const span = windowSpan(row.window, now);
    return {
      id: row.id,
      name: row.name,
      window: row.window,
      agent: row.agent,
      limit_micros: row.limitMicros,
      unknown_price_ceiling:
        row.ceilingInputMicros === null || row.ceilingOutputMicros === null
          ? null
          : { input_micros: row.ceilingInputMicros, output_micros: row.ceilingOutputMicros },
      enabled: row.enabled,
      version: row.version,
      spent_micros: spent,
      reserved_micros: reserved,
      refused,
      window_started_at: span.startedAt?.toISOString() ?? null,
      resets_at: span.resetsAt?.toISOString() ?? null,
      created_at: row.createdAt.toISOString(),
      updated_at: row.updatedAt.toISOString(),
    };
  });
}

function only<Item>(items: readonly Item[]): Item {
  return items[0] as Item;
}
