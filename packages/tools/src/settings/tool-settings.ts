import type {
  ToolEnvironmentInput,
  ToolEnvironmentSettings,
  ToolSettings,
  ToolSettingsInput,
} from '@automatos/contracts';
import { toolEnvironmentInputSchema, toolSettingsInputSchema } from '@automatos/contracts';
import type { Database, Tx } from '@automatos/database';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { sql } from 'drizzle-orm';

const RATE_WINDOW_MS = 60_000;

/** What a workspace allows of its tools; read anew each time, so that every process sees a change at once. */
export interface ToolSettingsRoom {
  /** Tools that differ from the defaults, by name. */
  list(workspaceId: WorkspaceId): Promise<ToolSettings[]>;
  get(workspaceId: WorkspaceId, tool: string): Promise<ToolSettings>;
  put(workspaceId: WorkspaceId, tool: string, input: ToolSettingsInput): Promise<ToolSettings>;
  environment(workspaceId: WorkspaceId): Promise<ToolEnvironmentSettings>;
  putEnvironment(
    workspaceId: WorkspaceId,
    input: ToolEnvironmentInput,
  ): Promise<ToolEnvironmentSettings>;
  /** Names of tools that are switched off. */
  disabled(workspaceId: WorkspaceId): Promise<Set<string>>;
  /** Counts one call; 0 when it may go on, else milliseconds until the next may. */
  countCall(workspaceId: WorkspaceId, tool: string, perMinute: number): Promise<number>;
}

interface SettingsRow {
  tool: string;
  enabled: boolean;
  approval: ToolSettings['approval'];
  rate_per_minute: number | null;
  updated_at: Date | string;
}

interface EnvironmentRow {
  disk_quota_bytes: number | string;
  network_hosts: string[];
  command_secrets: ToolEnvironmentSettings['command_secrets'];
  ask_after_foreign_text: boolean;
  updated_at: Date | string;
}

const iso = (time: Date | string) => new Date(time).toISOString();

export function createToolSettings(deps: {
  database: Pick<Database, 'workspace' | 'workspaceReads'>;
  clock: Clock;
}): ToolSettingsRoom {
  const { database, clock } = deps;
  const now = () => new Date(clock.now()).toISOString();
  return {
    list: (workspaceId) =>
      database.workspaceReads(workspaceId, async (tx) => (await readSettings(tx)).map(toSettings)),
    get: (workspaceId, tool) =>
      database.workspaceReads(workspaceId, async (tx) => {
        const [row] = await readSettings(tx, tool);
        if (row !== undefined) return toSettings(row);
        return { tool, ...toolSettingsInputSchema.parse({}), updated_at: null };
      }),
    put: (workspaceId, tool, input) =>
      database.workspace(workspaceId, async (tx) => {
        const at = now();
        await tx.execute(sql`
          INSERT INTO tool_settings (workspace_id, tool, enabled, approval, rate_per_minute, updated_at)
          VALUES (${workspaceId}, ${tool}, ${input.enabled}, ${input.approval}, ${input.rate_per_minute}, ${at}::timestamptz)
          ON CONFLICT (workspace_id, tool) DO UPDATE SET enabled = excluded.enabled, approval = excluded.approval,
            rate_per_minute = excluded.rate_per_minute, updated_at = excluded.updated_at`);
        return { tool, ...input, updated_at: at };
      }),
    environment: (workspaceId) => database.workspaceReads(workspaceId, readEnvironment),
    putEnvironment: (workspaceId, input) =>
      database.workspace(workspaceId, async (tx) => {
        const hosts = JSON.stringify(input.network_hosts);
        const secrets = JSON.stringify(input.command_secrets);
        await tx.execute(sql`
          INSERT INTO tool_environments (workspace_id, disk_quota_bytes, network_hosts, command_secrets, ask_after_foreign_text, updated_at)
          VALUES (${workspaceId}, ${input.disk_quota_bytes}, ${hosts}::jsonb, ${secrets}::jsonb, ${input.ask_after_foreign_text}, ${now()}::timestamptz)
          ON CONFLICT (workspace_id) DO UPDATE SET disk_quota_bytes = excluded.disk_quota_bytes,
            network_hosts = excluded.network_hosts, command_secrets = excluded.command_secrets, ask_after_foreign_text = excluded.ask_after_foreign_text,
            updated_at = excluded.updated_at`);
        return readEnvironment(tx);
      }),
    disabled: (workspaceId) =>
      database.workspaceReads(workspaceId, async (tx) => {
        const rows = await readSettings(tx);
        return new Set(rows.filter((row) => !row.enabled).map((row) => row.tool));
      }),
    countCall: (workspaceId, tool, perMinute) =>
      database.workspace(workspaceId, (tx) => countCall(tx, { workspaceId, tool, perMinute })),
  };
}

async function readSettings(tx: Tx, tool?: string): Promise<SettingsRow[]> {
  const only = tool === undefined ? sql`` : sql`WHERE tool = ${tool}`;
  const found = await tx.execute(
    sql`SELECT tool, enabled, approval, rate_per_minute, updated_at FROM tool_settings ${only} ORDER BY tool`,
  );
  return found.rows as unknown as SettingsRow[];
}

function toSettings(row: SettingsRow): ToolSettings {
  return { ...row, updated_at: iso(row.updated_at) };
}

async function readEnvironment(tx: Tx): Promise<ToolEnvironmentSettings> {
  const found = await tx.execute(
    sql`SELECT disk_quota_bytes, network_hosts, command_secrets, ask_after_foreign_text, updated_at FROM tool_environments`,
  );
  const row = found.rows[0] as unknown as EnvironmentRow | undefined;
  if (row === undefined) return { ...toolEnvironmentInputSchema.parse({}), updated_at: null };
  return {
    disk_quota_bytes: Number(row.disk_quota_bytes),
    network_hosts: row.network_hosts,
    command_secrets: row.command_secrets,
    ask_after_foreign_text: row.ask_after_foreign_text,
    updated_at: iso(row.updated_at),
  };
}

/** A refused call is not counted: the window ends a minute after its first call, whoever knocks meanwhile. */
async function countCall(
  tx: Tx,
  { workspaceId, tool, perMinute }: { workspaceId: WorkspaceId; tool: string; perMinute: number },
): Promise<number> {
  const over = sql`w.started_at <= clock_timestamp() - make_interval(secs => ${RATE_WINDOW_MS / 1000})`;
  const counted = await tx.execute(sql`
    INSERT INTO tool_rate_windows AS w (workspace_id, tool, started_at, calls)
    VALUES (${workspaceId}, ${tool}, clock_timestamp(), 1)
    ON CONFLICT (workspace_id, tool) DO UPDATE SET
      calls = CASE WHEN ${over} THEN 1 ELSE w.calls + 1 END,
      started_at = CASE WHEN ${over} THEN clock_timestamp() ELSE w.started_at END
    WHERE ${over} OR w.calls < ${perMinute}
    RETURNING calls`);
  if (counted.rows.length > 0) return 0;
  const left = await tx.execute(sql`
    SELECT extract(epoch FROM w.started_at - clock_timestamp()) * 1000 + ${RATE_WINDOW_MS} AS left_ms
    FROM tool_rate_windows w WHERE tool = ${tool}`);
  const row = left.rows[0] as { left_ms: number | string } | undefined;
  return Math.max(1, Math.ceil(Number(row?.left_ms ?? 1)));
}
