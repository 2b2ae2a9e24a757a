import { PERMISSIONS } from '@automatos/contracts';
import type { Database, Tx } from '@automatos/database';
import { APP_ROLE } from '@automatos/database';
import type { WorkspaceId } from '@automatos/kernel';
import type { Authenticator } from '../http/authenticator.ts';
import { currentRequest } from '../http/request-context.ts';
import type { CompositionHooks } from '../wiring/composition-hooks.ts';

/**
 * Takes the application's own wall away. While it is on, every caller has every permission, and what a handler asks of the
 * database as its owner is asked in the restricted role of the caller's workspace. With `fooled` handlers are told besides that
 * the caller works in the other workspace: all their conditions then ask for its data, and nothing but the policies of the
 * database still knows better.
 */
export interface ApplicationOff {
  hooks: CompositionHooks;
  on(mode: 'permitted' | 'fooled', scope: { truth: WorkspaceId; lie: WorkspaceId }): void;
  off(): void;
  mode(): State['mode'];
  /** A request with this id begins: its handler's questions are attributed to the operation. */
  begin(requestId: string, operation: string): void;
  end(requestId: string): void;
  /** Where, by operation, a handler asked as the owner. */
  readonly seen: ReadonlyMap<string, ReadonlySet<string>>;
}

interface State {
  mode: 'off' | 'permitted' | 'fooled';
  truth: WorkspaceId;
  lie: WorkspaceId;
}

/** `isExempt` names the questions that may be asked as the owner; it is asked with the operation and the file that asks. */
export function createApplicationOff(
  isExempt: (operation: string, site: string) => boolean,
): ApplicationOff {
  const state: State = { mode: 'off', truth: '' as WorkspaceId, lie: '' as WorkspaceId };
  const open = new Map<string, string>();
  const seen = new Map<string, Set<string>>();

  /** The operation whose handler runs here; undefined outside of one, and while its caller is not known yet. */
  function running(): string | undefined {
    const request = currentRequest();
    if (state.mode === 'off' || request?.workspace_id === undefined) return undefined;
    return open.get(request.request_id);
  }
  /** Whether the question that is being asked has to be asked in the restricted role. */
  function restricts(): boolean {
    const operation = running();
    if (operation === undefined) return false;
    const site = callSite();
    seen.set(operation, (seen.get(operation) ?? new Set()).add(site));
    return !isExempt(operation, site);
  }
  return {
    seen,
    on: (mode, scope) => Object.assign(state, scope, { mode }),
    off: () => Object.assign(state, { mode: 'off' }),
    mode: () => state.mode,
    begin: (requestId, operation) => void open.set(requestId, operation),
    end: (requestId) => void open.delete(requestId),
    hooks: {
      authenticator: (inner) => withAllPermissions(inner, state),
      database(inner) {
        assertKnown(inner);
        restrictPool(inner, () => (restricts() ? state.truth : undefined));
        const truth = (id: WorkspaceId) =>
          running() !== undefined && id === state.lie ? state.truth : id;
        return {
          ...inner,
          system: <T>(work: (tx: Tx) => Promise<T>) =>
            restricts() ? inner.workspace(state.truth, work) : inner.system(work),
          systemStatements: <T>(work: (tx: Tx) => Promise<T>) =>
            restricts() ? inner.workspace(state.truth, work) : inner.systemStatements(work),
          workspace: <T>(id: WorkspaceId, work: (tx: Tx) => Promise<T>) =>
            inner.workspace(truth(id), work),
          workspaceReads: <T>(id: WorkspaceId, work: (tx: Tx) => Promise<T>) =>
            inner.workspaceReads(truth(id), work),
        };
      },
    },
  };
}

/** Every caller of the one workspace may everything, and is taken for a caller of the other one when handlers are to be fooled. */
function withAllPermissions(inner: Authenticator, state: State): Authenticator {
  return {
    ...inner,
    async authenticate(request) {
      const found = await inner.authenticate(request);
      if (found === null || state.mode === 'off' || found.workspaceId !== state.truth) return found;
      const permissions = new Set(PERMISSIONS);
      const principal = { ...found.principal, role: 'owner' as const, permissions };
      const workspaceId = state.mode === 'fooled' ? state.lie : found.workspaceId;
      return { ...found, principal, workspaceId };
    },
  };
}

/** A way to the data that is not on this list would pass the test by unseen. */
function assertKnown(database: Database): void {
  const known = [
    'capabilities',
    'close',
    'listen',
    'pool',
    'system',
    'systemStatements',
    'workspace',
    'workspaceReads',
  ];
  const others = Object.keys(database).filter((name) => !known.includes(name));
  if (others.length > 0)
    throw new Error(`teach the switched-off application about database.${others.join(', ')}`);
}

/** Queries of the pool itself, which libraries and a few rooms use, in the restricted role too. */
function restrictPool({ pool }: Database, scope: () => WorkspaceId | undefined): void {
  const query = pool.query.bind(pool) as (...args: unknown[]) => unknown;
  const restricted = async (workspaceId: WorkspaceId, args: unknown[]): Promise<unknown> => {
    const client = await pool.connect();
    try {
      await client.query(
        `BEGIN; SET LOCAL ROLE ${APP_ROLE}; SET LOCAL app.workspace_id = '${workspaceId}'`,
      );
      return await (client.query as (...given: unknown[]) => Promise<unknown>).apply(client, args);
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  };
  pool.query = ((...args: unknown[]) => {
    const workspaceId = scope();
    return workspaceId === undefined ? query(...args) : restricted(workspaceId, args);
  }) as typeof pool.query;
}

/** First file of the product behind the question, from the root of the repository. */
function callSite(): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 40;
  const stack = new Error('where').stack ?? '';
  Error.stackTraceLimit = limit;
  const files = [...stack.matchAll(/\/((?:packages|apps)\/[\w./-]+?\.ts):\d+/g)].map(
    (match) => match[1] ?? '',
  );
  return (
    files.find((file) => !file.endsWith('.fixture.ts') && !file.startsWith('packages/database/')) ??
    'a library'
  );
}
