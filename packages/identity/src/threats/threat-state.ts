import type { Database } from '@automatos/database';
import type { Clock, Logger, WorkspaceId } from '@automatos/kernel';
import { createAddressTest, isLoopback, withoutMapping } from './address-list.ts';
import { activeBlocks, allSettings } from './store/block-store.ts';
import type { ThreatBlock, ThreatCaller, ThreatSettings } from './threat-types.ts';
import { defaultSettings } from './threat-types.ts';

export const THREATS_CHANNEL = 'automatos_threats';
/** What another process changed is known after so long at most, also when its notification was lost. */
const FRESH_MS = 2_000;

/** Blocks and settings in memory, so that no request waits for them. */
export interface ThreatState {
  settingsOf(workspaceId: WorkspaceId | null): ThreatSettings;
  /** The block that keeps a caller out; undefined for none. The operator and this machine itself are never kept out. */
  blockOf(address: string, caller: ThreatCaller | null): ThreatBlock | undefined;
  /** Reads again in the background when what is known is old. */
  refresh(): void;
  /** Reads now. */
  load(): Promise<void>;
  listen(): Promise<void>;
  close(): Promise<void>;
}

interface Loaded {
  settings: Map<WorkspaceId | null, ThreatSettings>;
  scopes: Map<WorkspaceId | null, ScopeBlocks>;
}

interface ScopeBlocks {
  subjects: Map<string, ThreatBlock>;
  networks: { isIn: (address: string) => boolean; block: ThreatBlock }[];
}

interface StateDeps {
  database: Pick<Database, 'system' | 'listen'>;
  clock: Clock;
  logger: Logger;
}

export function createThreatState(deps: StateDeps): ThreatState {
  const { database, clock } = deps;
  const defaults = {
    workspace: defaultSettings('workspace'),
    platform: defaultSettings('platform'),
  };
  const loader = createLoader(deps);
  let unlisten: (() => Promise<void>) | undefined;
  return {
    settingsOf: (workspaceId) =>
      loader.loaded.settings.get(workspaceId) ??
      (workspaceId === null ? defaults.platform : defaults.workspace),
    blockOf(address, caller) {
      if (caller?.kind === 'operator' || isLoopback(address)) return undefined;
      const { scopes } = loader.loaded;
      const who = { address, caller, now: clock.now() };
      const own = caller === null ? undefined : scopes.get(caller.workspaceId);
      return find(scopes.get(null), who) ?? find(own, who);
    },
    refresh: loader.refresh,
    load: loader.load,
    async listen() {
      unlisten = await database.listen(THREATS_CHANNEL, loader.loadBeside);
    },
    async close() {
      await unlisten?.();
      await loader.idle();
    },
  };
}

function createLoader({ database, clock, logger }: StateDeps) {
  let loadedAt = Number.NEGATIVE_INFINITY;
  let loading: Promise<void> | null = null;
  let isAskedAgain = false;

  async function read(): Promise<void> {
    do {
      isAskedAgain = false;
      const startedAt = clock.now();
      const [settings, blocks] = await database.system(
        async (tx) => [await allSettings(tx), await activeBlocks(tx, startedAt)] as const,
      );
      self.loaded = {
        settings: new Map(settings.map((each) => [each.workspaceId, each.settings])),
        scopes: toScopes(blocks),
      };
      loadedAt = startedAt;
    } while (isAskedAgain);
  }

  const self = {
    loaded: { settings: new Map(), scopes: new Map() } as Loaded,
    load(): Promise<void> {
      isAskedAgain = loading !== null;
      return (loading ??= read().finally(() => {
        loading = null;
      }));
    },
    loadBeside(): void {
      // Once in the time of freshness, also while the database is away.
      loadedAt = clock.now();
      self
        .load()
        .catch((error: unknown) =>
          logger.warn(
            { reason: String(error) },
            'blocks of the threat detector could not be read; the last known hold',
          ),
        );
    },
    refresh(): void {
      if (loading === null && clock.now() - loadedAt >= FRESH_MS) self.loadBeside();
    },
    idle: () => loading?.catch(() => undefined) ?? Promise.resolve(),
  };
  return self;
}

function toScopes(blocks: readonly ThreatBlock[]): Loaded['scopes'] {
  const scopes: Loaded['scopes'] = new Map();
  for (const block of blocks) {
    let scope = scopes.get(block.workspaceId);
    if (scope === undefined) {
      scope = { subjects: new Map(), networks: [] };
      scopes.set(block.workspaceId, scope);
    }
    if (block.kind === 'address' && block.subject.includes('/'))
      scope.networks.push({ isIn: createAddressTest([block.subject]), block });
    else keepLonger(scope.subjects, block);
  }
  return scopes;
}

function keepLonger(subjects: Map<string, ThreatBlock>, block: ThreatBlock): void {
  const key = `${block.kind} ${block.subject}`;
  const ends = ({ until }: ThreatBlock) => until ?? Number.POSITIVE_INFINITY;
  const known = subjects.get(key);
  if (known === undefined || ends(block) > ends(known)) subjects.set(key, block);
}

function find(
  scope: ScopeBlocks | undefined,
  who: { address: string; caller: ThreatCaller | null; now: number },
): ThreatBlock | undefined {
  if (scope === undefined) return undefined;
  const { address, caller, now } = who;
  const holds = (block: ThreatBlock | undefined) =>
    block !== undefined && (block.until === null || block.until > now) ? block : undefined;
  return (
    holds(scope.subjects.get(`address ${withoutMapping(address)}`)) ??
    (caller === null
      ? undefined
      : holds(scope.subjects.get(`principal ${caller.kind}:${caller.id}`))) ??
    scope.networks.find(({ isIn, block }) => holds(block) !== undefined && isIn(address))?.block
  );
}
