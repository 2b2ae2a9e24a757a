import { isIP } from 'node:net';
import type { Call, Handlers, ThreatOverview, securityRoutes } from '@automatos/contracts';
import { decodeCursor, notify, toPage } from '@automatos/database';
import type { Database, Tx } from '@automatos/database';
import { newId } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { z } from 'zod';
import { createAddressTest, isLoopback, withoutMapping } from './address-list.ts';
import { createDryRun } from './dry-run.ts';
import { presentAssessment, presentBlock } from './present-threats.ts';
import { findAssessment, listAssessments, summarise } from './store/assessment-store.ts';
import {
  deleteBlock,
  findSettings,
  insertBlock,
  listBlocks,
  lockSettings,
  putSettings,
} from './store/block-store.ts';
import {
  assessmentNotFound,
  blockNotFound,
  platformOnly,
  settingsChanged,
  subjectRefused,
} from './threat-errors.ts';
import { THREATS_CHANNEL } from './threat-state.ts';
import type { ThreatState } from './threat-state.ts';
import { defaultSettings } from './threat-types.ts';
import type { ThreatBlock } from './threat-types.ts';

export interface ThreatHandlerDeps {
  database: Pick<Database, 'system' | 'workspace'>;
  clock: Clock;
  state: ThreatState;
  /** Stores what waits, so that a list shows the request before it. */
  flush: () => Promise<void>;
  detectorStatus: () => ThreatOverview['detector'];
}

const CURSOR = 'security.cursor.invalid';
const DAY_MS = 86_400_000;

interface Scope {
  workspaceId: WorkspaceId | null;
  run<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}

export function createThreatHandlers(deps: ThreatHandlerDeps): Handlers<typeof securityRoutes> {
  return { ...readHandlers(deps), ...blockHandlers(deps), ...settingsHandlers(deps) };
}

/** Where a call reads and writes: in its workspace behind the wall of the database, or rows that belong to none. */
function scopeOf(
  { database }: ThreatHandlerDeps,
  call: Pick<Call, 'principal' | 'workspaceId'> & { query: { scope: 'workspace' | 'platform' } },
): Scope {
  if (call.query.scope === 'workspace')
    return {
      workspaceId: call.workspaceId,
      run: (work) => database.workspace(call.workspaceId, work),
    };
  if (call.principal?.permissions.has('platform:write') !== true) throw platformOnly();
  return { workspaceId: null, run: (work) => database.system(work) };
}

function readHandlers(deps: ThreatHandlerDeps) {
  const { clock, flush } = deps;
  return {
    async overview(call) {
      const scope = scopeOf(deps, call);
      await flush();
      const now = clock.now();
      const span = {
        from: new Date(now - call.query.days * DAY_MS).toISOString(),
        to: new Date(now + 1).toISOString(),
      };
      const { summary, blocks } = await scope.run(async (tx) => ({
        summary: await summarise(tx, scope.workspaceId, span),
        blocks: await listBlocks(tx, scope.workspaceId, {
          endedToo: false,
          now,
          before: null,
          limit: 10_000,
        }),
      }));
      const isBlocked = createAddressTest(
        blocks.filter(({ kind }) => kind === 'address').map(({ subject }) => subject),
      );
      return {
        body: {
          ...summary,
          ...span,
          top_addresses: summary.top_addresses.map((each) => ({
            ...each,
            blocked: isBlocked(each.address),
          })),
          blocks_active: blocks.length,
          detector: deps.detectorStatus(),
        },
      };
    },
    async listAssessments(call) {
      const { limit, cursor, scope: _scope, ...filter } = call.query;
      const scope = scopeOf(deps, call);
      await flush();
      const before = cursor === undefined ? null : decodeCursor(cursor, z.uuid(), CURSOR);
      const found = await scope.run((tx) =>
        listAssessments(tx, scope.workspaceId, { filter, before, limit: limit + 1 }),
      );
      const { rows, nextCursor } = toPage(found, limit, ({ id }) => id);
      return { body: { items: rows.map(presentAssessment), next_cursor: nextCursor } };
    },
    async getAssessment(call) {
      const scope = scopeOf(deps, call);
      await flush();
      const id = call.params.assessment_id;
      const found = await scope.run((tx) => findAssessment(tx, scope.workspaceId, id));
      if (found === undefined) throw assessmentNotFound(id);
      return { body: presentAssessment(found) };
    },
    assess: createDryRun(deps),
  } satisfies Partial<Handlers<typeof securityRoutes>>;
}

function blockHandlers(deps: ThreatHandlerDeps) {
  const { clock, state, flush } = deps;
  return {
    async listBlocks(call) {
      const { limit, cursor, ended } = call.query;
      const scope = scopeOf(deps, call);
      await flush();
      const now = clock.now();
      const before = cursor === undefined ? null : decodeCursor(cursor, z.uuid(), CURSOR);
      const found = await scope.run((tx) =>
        listBlocks(tx, scope.workspaceId, {
          endedToo: ended === 'true',
          now,
          before,
          limit: limit + 1,
        }),
      );
      const { rows, nextCursor } = toPage(found, limit, ({ id }) => id);
      return {
        body: { items: rows.map((row) => presentBlock(row, now)), next_cursor: nextCursor },
      };
    },
    async createBlock(call) {
      const scope = scopeOf(deps, call);
      const { kind, reason, until } = call.body;
      const now = clock.now();
      const { principal } = call;
      const block: ThreatBlock = {
        id: newId(now),
        workspaceId: scope.workspaceId,
        kind,
        subject: kind === 'address' ? checkAddress(call) : checkPrincipal(call),
        reason,
        createdBy: `${principal?.kind ?? 'operator'}:${principal?.id ?? ''}`,
        createdAt: now,
        until: until === null ? null : Date.parse(until),
        refused: 0,
        assessmentId: null,
      };
      if (block.until !== null && block.until <= now)
        throw subjectRefused('The end of the block is over already.');
      await scope.run(async (tx) => {
        await insertBlock(tx, block);
        await notify(tx, THREATS_CHANNEL, '');
      });
      await state.load();
      return { body: presentBlock(block, now) };
    },
    async deleteBlock(call) {
      const scope = scopeOf(deps, call);
      const id = call.params.block_id;
      await scope.run(async (tx) => {
        if ((await deleteBlock(tx, scope.workspaceId, id)) === undefined) throw blockNotFound(id);
        await notify(tx, THREATS_CHANNEL, '');
      });
      await state.load();
      return {};
    },
  } satisfies Partial<Handlers<typeof securityRoutes>>;
}

type BlockCall = Pick<
  Call<typeof securityRoutes.createBlock>,
  'body' | 'remoteAddress' | 'principal'
>;

/** An address or network that keeps neither this machine nor the caller out. */
function checkAddress({ body, remoteAddress }: BlockCall): string {
  const [base = '', prefix] = body.subject.split('/');
  const family = isIP(base);
  const bits = Number(prefix ?? '0');
  const isNetwork =
    prefix === undefined || (/^\d{1,3}$/.test(prefix) && bits <= (family === 4 ? 32 : 128));
  if (family === 0 || !isNetwork)
    throw subjectRefused('Give an address, or a network such as 203.0.113.0/24.');
  if (prefix !== undefined && bits < (family === 4 ? 8 : 16))
    throw subjectRefused('The network is too wide: at least /8, or /16 of IPv6.');
  const isIn = createAddressTest([body.subject]);
  if (isLoopback(base) || isIn('127.0.0.1') || isIn('::1'))
    throw subjectRefused('Addresses of this machine are never kept out.');
  if (isIn(remoteAddress)) throw subjectRefused('That would keep you out: it is your own address.');
  return prefix === undefined ? withoutMapping(base) : body.subject;
}

function checkPrincipal({ body, principal }: BlockCall): string {
  if (!/^(?:user|api_key):[\w-]{1,100}$/.test(body.subject))
    throw subjectRefused('Give user:<id> or api_key:<id>; the operator is never kept out.');
  if (body.subject === `${principal?.kind}:${principal?.id}`)
    throw subjectRefused('That would keep you out: it is you.');
  return body.subject;
}

function settingsHandlers(deps: ThreatHandlerDeps) {
  const { clock, state } = deps;
  return {
    async getSettings(call) {
      const scope = scopeOf(deps, call);
      const found = await scope.run((tx) => findSettings(tx, scope.workspaceId));
      return presentSettings(found ?? defaultSettings(call.query.scope));
    },
    async putSettings(call) {
      const scope = scopeOf(deps, call);
      const changed = await scope.run(async (tx) => {
        const before =
          (await lockSettings(tx, scope.workspaceId)) ?? defaultSettings(call.query.scope);
        assertVersion(before.version, call.headers['if-match']);
        const updatedAt = new Date(clock.now()).toISOString();
        const after = { ...call.body, version: before.version + 1, updatedAt };
        await putSettings(tx, scope.workspaceId, after);
        await notify(tx, THREATS_CHANNEL, '');
        return after;
      });
      await state.load();
      return presentSettings(changed);
    },
  } satisfies Partial<Handlers<typeof securityRoutes>>;
}

function presentSettings({ updatedAt, ...settings }: ReturnType<typeof defaultSettings>) {
  return { body: { ...settings, updated_at: updatedAt }, etag: String(settings.version) };
}

function assertVersion(version: number, ifMatch: string | undefined): void {
  const given = (ifMatch ?? '')
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, '').replaceAll('"', ''));
  if (!given.some((tag) => tag === '*' || tag === String(version))) throw settingsChanged(version);
}
