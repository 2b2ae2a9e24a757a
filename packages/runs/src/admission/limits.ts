import { sql } from 'drizzle-orm';
import type { RunLimit } from '@automatos/contracts';
import { notify } from '@automatos/database';
import type { Database, Tx } from '@automatos/database';
import { invalidInput } from '@automatos/kernel';
import type { FieldError, WorkspaceId } from '@automatos/kernel';
import type { Runs } from '../types.ts';
import { QUEUE_CHANNEL } from './intake.ts';

interface Deps {
  database: Database;
  workspaceMax: number;
  /** Called after the limits of a workspace have changed. */
  onChange: (workspaceId: WorkspaceId) => void;
}

/** What may run at once in a workspace, and what does. */
export function createLimits(deps: Deps): Pick<Runs, 'limits' | 'setLimits'> {
  const { database } = deps;
  return {
    async limits(workspaceId) {
      return database.workspace(workspaceId, async (tx) => {
        const counts = await readCounts(tx, workspaceId);
        const stored = await readLimits(tx, workspaceId);
        const own = stored.find((limit) => limit.scope === 'workspace');
        const whole: RunLimit = own ?? { scope: 'workspace', key: '', limit: deps.workspaceMax };
        const rest = stored.filter((limit) => limit.scope !== 'workspace');
        return {
          queued: counts.queued,
          items: [
            { ...whole, is_default: own === undefined, running: counts.working },
            ...rest.map((limit) => ({
              ...limit,
              is_default: false,
              running: counts.byKey.get(`${limit.scope} ${limit.key}`) ?? 0,
            })),
          ],
        };
      });
    },
    async setLimits(workspaceId, items) {
      mustBeSound(items);
      const stored = await database.workspace(workspaceId, async (tx) => {
        await tx.execute(sql`DELETE FROM run_limits WHERE workspace_id = ${workspaceId}`);
        await tx.execute(sql`
          INSERT INTO run_limits (workspace_id, scope, key, max_running)
          SELECT ${workspaceId}, x.scope, x.key, x."limit"
          FROM jsonb_to_recordset(${JSON.stringify(items)}::jsonb) AS x(scope text, key text, "limit" int)`);
        if (database.capabilities.multiProcess) await notify(tx, QUEUE_CHANNEL, workspaceId);
        return readLimits(tx, workspaceId);
      });
      deps.onChange(workspaceId);
      return stored;
    },
  };
}

/** The workspace has no key, recipes and agents have one, and nothing is limited twice. */
function mustBeSound(items: RunLimit[]): void {
  const seen = new Set<string>();
  const errors: FieldError[] = [];
  for (const [index, { scope, key }] of items.entries()) {
    const pointer = `/items/${index}/key`;
    if (scope === 'workspace' && key !== '')
      errors.push({ pointer, message: 'the limit of the workspace has no key' });
    if (scope !== 'workspace' && key === '')
      errors.push({ pointer, message: `name the ${scope} by its slug` });
    if (seen.has(`${scope} ${key}`)) errors.push({ pointer, message: 'this is limited twice' });
    seen.add(`${scope} ${key}`);
  }
  if (errors.length > 0)
    throw invalidInput('These limits cannot be set; see the fields named.', errors);
}

async function readLimits(tx: Tx, workspaceId: WorkspaceId): Promise<RunLimit[]> {
  const result = await tx.execute(sql`
    SELECT scope, key, max_running AS "limit" FROM run_limits WHERE workspace_id = ${workspaceId}
    ORDER BY scope = 'workspace' DESC, scope DESC, key`);
  return result.rows as unknown as RunLimit[];
}

interface Counts {
  queued: number;
  working: number;
  byKey: Map<string, number>;
}

/** Counted as the admission counts: served by runs_queue and runs_working. */
async function readCounts(tx: Tx, workspaceId: WorkspaceId): Promise<Counts> {
  const result = await tx.execute(sql`
    SELECT 'queued' AS name, count(*)::int AS n FROM runs
      WHERE workspace_id = ${workspaceId} AND status = 'queued' AND admitted_at IS NULL
    UNION ALL
    SELECT 'recipe ' || coalesce(recipe_slug, ''), count(*)::int FROM runs
      WHERE workspace_id = ${workspaceId} AND admitted_at IS NOT NULL AND NOT parked AND status IN ('queued','running')
      GROUP BY recipe_slug
    UNION ALL
    SELECT scope || ' ' || key, count(*)::int FROM run_places WHERE workspace_id = ${workspaceId} GROUP BY scope, key`);
  const rows = result.rows as unknown as { name: string; n: number }[];
  const byKey = new Map(rows.map((row) => [row.name, row.n]));
  const working = rows
    .filter((row) => row.name.startsWith('recipe '))
    .reduce((sum, row) => sum + row.n, 0);
  return { queued: byKey.get('queued') ?? 0, working, byKey };
}
