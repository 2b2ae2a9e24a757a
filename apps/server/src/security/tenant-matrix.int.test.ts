import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { ROLE_PERMISSIONS } from '@automatos/contracts';
import type { Permission, Role } from '@automatos/contracts';
import { databaseKind } from '@automatos/database/testing';
import { newId } from '@automatos/kernel';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createApplicationOff } from './application-off.fixture.ts';
import type { ApplicationOff } from './application-off.fixture.ts';
import { fillTables, fingerprint, idsNamed, idsOfWorkspace } from './fill-tables.fixture.ts';
import {
  createMatrix,
  foreignFields,
  foreignPaths,
  inTurn,
  isShared,
  leakTestFor,
  ownRequest,
  pairs,
  withHeaders,
} from './matrix.fixture.ts';
import type { Answer, Matrix } from './matrix.fixture.ts';
import { operationsOf } from './operations.fixture.ts';
import type { ApiDocument, Operation } from './operations.fixture.ts';
import type { SampleContext } from './sample-value.fixture.ts';
import { seedWorkspace } from './seed-workspace.fixture.ts';
import type { Objects } from './seed-workspace.fixture.ts';
import { CALLERS, startTwoWorkspaces } from './two-workspaces.fixture.ts';
import type { Caller, Tenant, TwoWorkspaces } from './two-workspaces.fixture.ts';
import { openEar } from './ear.fixture.ts';
import type { Ear, Way } from './ear.fixture.ts';

/**
 * Every operation that the server says it has, called by every role of one workspace with all that another workspace has.
 * What is called follows from the served OpenAPI document: a new operation is in the matrix the moment it is served.
 */

/** Thousands of calls: the machine decides how long they take, not the product. */
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

/** What anybody may call without proof. Whoever adds one here has thought about it. */
const PUBLIC = [
  'getAuthStatus',
  'signUp',
  'signIn',
  'verifyMfa',
  'createToken',
  'revokeToken',
  'getJwks',
  'getAuthJwks',
  'startOidc',
  'finishOidc',
  'inspectInvitation',
  'receiveWebhook',
  'getHealth',
  'getReady',
  'getMetrics',
];

/** Refusals by a finer rule than the permission beside the route, with the rule. */
const FINER_RULES: Readonly<Record<string, string>> = {
  'auth.person.required': 'keys have no account, sessions and consents of their own',
  'privacy.person.required': 'the same',
  'identity.password.wrong': 'the password was not the one',
  'identity.member.owner_only': 'only owners make owners',
  'identity.workspace.owner_only': 'only owners delete a workspace',
};

/** Operations whose path may hold names that nobody has made, with what they answer then. */
const FREE_NAMES: Readonly<Record<string, string>> = {
  putModelPrice: "the caller's own price of a model that no list knows",
  deleteModelPrice: 'that there is no price of its own',
};

interface Reviewed {
  why: string;
  /** What of the workspace is shown depends on a condition of the application there, and not on the database. */
  isWall?: true;
  /** Not in each run of this test does a handler come there. */
  mayRest?: true;
}

/** Files and folders of the product that may ask as the owner of the tables inside of a handler. */
const SYSTEM_SITES: Readonly<Record<string, Reviewed>> = {
  'apps/server/src/wiring/compose-edge.ts': {
    why: "the caller's own address; people belong to no workspace",
  },
  'packages/identity/src/accounts/': {
    why: 'people and what proves them belong to no workspace',
    isWall: true,
  },
  'packages/identity/src/oidc/': { why: 'where a person signs in belongs to no workspace' },
  'packages/identity/src/mfa/': { why: "a person's second factor belongs to no workspace" },
  'packages/identity/src/sessions/': { why: "a person's sessions belong to no workspace" },
  'packages/identity/src/workspaces/workspace-handlers.ts': {
    why: 'a person sees and makes workspaces, which no one workspace could show; the condition names the person who asks',
  },
  'packages/identity/src/workspaces/invitation-store.ts': {
    why: 'the address of the people whom the rows of the workspace name as its members',
  },
  'packages/identity/src/privacy/people.ts': {
    why: 'names of the people whom rows of the workspace name, and the account and session of the person who asks',
  },
  'packages/identity/src/privacy/restriction-memory.ts': {
    why: 'who is restricted is kept in one memory for all workspaces, which shows nobody anything',
    mayRest: true,
  },
  'packages/identity/src/privacy/platform-retention.ts': {
    why: 'periods of the installation belong to no workspace; the audit log is emptied by its owner alone, and shows nothing of it',
  },
  'packages/identity/src/privacy/requests/execute-request.ts': {
    why: 'how far a request reaches and what an export holds: all rooms and workspaces that the person is in',
    isWall: true,
  },
  'packages/identity/src/privacy/requests/correct-person.ts': {
    why: 'the account, and copies of its name wherever the person is',
    isWall: true,
    mayRest: true,
  },
  'packages/identity/src/privacy/requests/erase-person.ts': {
    why: 'a person is taken out of every room and workspace, and out of the accounts',
    isWall: true,
    mayRest: true,
  },
  'packages/identity/src/threats/threat-recorder.ts': {
    why: 'assessments of all workspaces that wait to be written',
    mayRest: true,
  },
  'packages/identity/src/audit/audit-log.ts': {
    why: 'entries of all workspaces that wait for their place in a chain',
  },
  'packages/identity/src/credentials/encryption.ts': {
    why: 'master keys belong to no workspace',
    mayRest: true,
  },
  'packages/identity/src/credentials/credential-store.ts': {
    why: 'credentials of the platform, which serve every workspace',
  },
  'packages/providers/src/usage/price-store.ts': {
    why: 'the price list in memory is one for all; what it shows is chosen by workspace',
    isWall: true,
  },
  'packages/runs/src/admission/claim.ts': {
    why: 'runs of all workspaces are taken from one queue, which a handler only wakes',
    mayRest: true,
  },
  'packages/runs/src/event-writer.ts': {
    why: 'events of all runs under way are stored together; a handler that starts a run only begins it',
    mayRest: true,
  },
  'packages/runs/src/step-recorder.ts': {
    why: 'what steps of all runs under way gave is recorded together, and shown by no handler',
    mayRest: true,
  },
  'packages/runs/src/run-control.ts': {
    why: 'whether runs under way in this process are to stop; a handler that starts one only begins it',
    mayRest: true,
  },
  'packages/runs/src/invariants.ts': {
    why: 'counts over all runs; examples only of the own workspace, by their condition',
    isWall: true,
  },
};
const reviewOf = (site: string) =>
  Object.entries(SYSTEM_SITES).find(([known]) => site.startsWith(known))?.[1];
/** Of these the application decides what is shown; the database is asked as owner, or not at all. */
const isDecidedElsewhere = ({ id }: Operation) =>
  id === 'listModelPrices' ||
  [...(applicationOff.seen.get(id) ?? [])].some((site) => reviewOf(site)?.isWall === true);

/** Whose roles count is decided before any database is asked, so the slow one is spared a part; from least to most. */
const ROLES_HERE: readonly Caller[] =
  databaseKind() === 'server' ? ['viewer', 'member', 'key', 'admin', 'owner'] : ['viewer', 'owner'];

let world: TwoWorkspaces;
let applicationOff: ApplicationOff;
let operations: Operation[];
let context: SampleContext;
let own: Objects;
let theirs: Objects;
let matrix: Matrix;
let before: Record<string, string>;

/** A vendor that cannot be asked, and a handler that was lied to and is stopped by the database. */
const isFailureOk = (_operation: Operation, answer: Answer) =>
  [502, 503, 504].includes(answer.status) || applicationOff.mode() === 'fooled';

beforeAll(async () => {
  applicationOff = createApplicationOff((_operation, site) => reviewOf(site) !== undefined);
  world = await startTwoWorkspaces({ hooks: applicationOff.hooks });
  own = await seedWorkspace(world, world.a);
  theirs = await seedWorkspace(world, world.b);
  await fillTables(world.database, world.b.id, world.b.markers);
  const reply = await world.inject({ method: 'GET', url: '/openapi.json' });
  const document = reply.json<ApiDocument>();
  context = { schemas: document.components.schemas };
  operations = operationsOf(document);
  await completeObjects();
  const ids = await idsOfWorkspace(world.database, world.b.id);
  for (const { userId } of [world.b.spare, ...Object.values(world.b.people)]) ids.add(userId);
  matrix = createMatrix(world, {
    leaks: leakTestFor(world.b, ids),
    isFailureOk,
    around: applicationOff,
  });
  before = await fingerprint(world.database, world.b.id);
});
afterAll(async () => {
  const { calls, ways, statuses, foreign } = matrix.counts;
  const list = (counts: Map<unknown, number>) =>
    [...counts].map(([key, count]) => `${String(key)}: ${count}`).join(', ');
  process.stdout.write(
    `tenant matrix (${databaseKind()}): ${operations.length} operations × ${ROLES_HERE.length} callers, ${calls} calls (${list(ways)}); answers ${list(statuses)}; ${foreign} with foreign data\n`,
  );
  await world.close();
});

/** Parameters that the seeding made no object for are found among the rows that were filled in; one without any is a gap. */
async function completeObjects(): Promise<void> {
  const named = operations.flatMap(({ params }) => params.filter((each) => !isShared(each)));
  const names = new Set(named.map(({ name }) => name));
  for (const name of names) {
    if (theirs[name] !== undefined) continue;
    theirs = { ...theirs, [name]: await idsNamed(world.database, name, world.b.id) };
    own = { ...own, [name]: [newId()] };
  }
}

/** What is refused was refused for the right reason, or was answered from the caller's own workspace. */
const isRefused = ({ status }: Answer) => status >= 400;
/** Has a test of its own. */
const isUnserved = ({ code }: Answer) =>
  code === 'http.route.not_found' || code === 'http.method.not_allowed';
/** Named always: some operations give a person another workspace, which would then be the first of theirs. */
const proof = (caller: Caller) => ({
  ...world.proof(world.a, caller),
  'x-workspace-id': world.a.id,
});
const drain = () => matrix.problems.splice(0);

describe('with objects of another workspace', () => {
  test('in the path: nothing is there', async () => {
    const named = operations.filter(({ params }) => params.length > 0);
    await inTurn(pairs(named, ROLES_HERE), async ({ operation, other }) => {
      for (const request of foreignPaths(context, operation, { own, theirs })) {
        const answer = await matrix.send('path', operation, withHeaders(request, proof(other)));
        if (isRefused(answer) || operation.id in FREE_NAMES) continue;
        matrix.problems.push(
          `${operation.id} ${request.url} as ${other} answered ${answer.status}`,
        );
      }
    });
    expect(drain()).toEqual([]);
  });

  test('as the workspace of the request, by header and by query: no member of it', async () => {
    const ways = [
      ...ROLES_HERE.map((caller) => ({ way: 'header', caller })),
      ...(['key', 'owner'] as const).map((caller) => ({ way: 'query', caller })),
    ];
    const guarded = operations.filter(({ permission }) => permission !== 'public');
    await inTurn(pairs(guarded, ways), async ({ operation, other }) => {
      const request = withHeaders(
        ownRequest(context, operation, { ...own, workspace_id: theirs['workspace_id'] ?? [] }),
        world.proof(world.a, other.caller),
      );
      const mark = request.url.includes('?') ? '&' : '?';
      const asked =
        other.way === 'query'
          ? { ...request, url: `${request.url}${mark}workspace_id=${world.b.id}` }
          : withHeaders(request, { 'x-workspace-id': world.b.id });
      const answer = await matrix.send(other.way, operation, asked);
      if (answer.status !== 403 && !isUnserved(answer))
        matrix.problems.push(
          `${operation.id} by ${other.way} as ${other.caller} answered ${answer.status} ${answer.code}`,
        );
    });
    expect(drain()).toEqual([]);
  });

  test('in fields of query and body: nothing is there', async () => {
    await inTurn(
      pairs(operations, ['owner', 'member', 'key'] as const),
      async ({ operation, other }) => {
        for (const request of foreignFields(context, operation, { own, theirs }))
          await matrix.send('field', operation, withHeaders(request, proof(other)));
      },
    );
    expect(drain()).toEqual([]);
  });

  test('as a stream of events: nothing flows', async () => {
    const streams = operations.filter(({ streams: is, params }) => is && params.length > 0);
    expect(streams.length).toBeGreaterThan(0);
    await inTurn(pairs(streams, ROLES_HERE), async ({ operation, other }) => {
      for (const request of foreignPaths(context, operation, { own, theirs })) {
        const answer = await matrix.send(
          'stream',
          operation,
          withHeaders(request, { ...proof(other), accept: 'text/event-stream' }),
        );
        if (!isRefused(answer)) matrix.problems.push(`${operation.id} streams ${request.url}`);
      }
    });
    expect(drain()).toEqual([]);
  });

  test('nothing of the other workspace has changed', async () => {
    expect(await fingerprint(world.database, world.b.id)).toEqual(before);
  });
});

describe('at the live wire', () => {
  const ears: Ear[] = [];
  afterEach(() => {
    for (const ear of ears.splice(0)) ear.close();
  });
  const hear = async (tenant: Tenant, caller: Caller, way: Way) => {
    const ear = await openEar(world, { tenant, caller, way });
    ears.push(ear);
    return ear;
  };

  test('rooms of another workspace are not there, by ticket, cookie and key, from any seq', async () => {
    const run = theirs['run_id']?.[0] ?? '';
    for (const caller of CALLERS) {
      for (const way of ['proof', 'ticket'] as const) {
        const ear = await hear(world.a, caller, way);
        for (const resumeAfter of [0, 1, 1_000_000]) {
          const answer = await ear.subscribe(`run:${run}`, resumeAfter);
          expect([caller, way, answer.op, answer.code]).toEqual([
            caller,
            way,
            'error',
            'run.item.not_found',
          ]);
        }
        for (const room of [
          `run:${world.b.id}`,
          `workspace:${world.b.id}`,
          'workspace/..',
          `run:${run}:`,
        ])
          expect([room, (await ear.subscribe(room)).op]).toEqual([room, 'error']);
      }
    }
  });

  test('while the other workspace works, nothing of it is heard', async () => {
    const [ours, neighbour] = [
      await hear(world.a, 'viewer', 'proof'),
      await hear(world.b, 'viewer', 'proof'),
    ];
    for (const ear of [ours, neighbour])
      expect(await ear.subscribe('workspace')).toMatchObject({ op: 'subscribed' });
    // A folder without anything of either workspace: what tools may read is set for the installation.
    const folder = await mkdtemp(join(world.place.dataDir, 'empty-'));
    const start = (tenant: Tenant, recipe: string) =>
      world.operator<{ id: string }>({
        method: 'POST',
        path: `/api/workflow-recipes/${recipe}/execute`,
        workspace: tenant.id,
        body: { inputs: { path: folder }, title: tenant.markers.mark() },
      });
    const foreign = await start(world.b, theirs['recipe_id']?.[1] ?? '');
    await neighbour.until((frame) => frame.event?.type === 'step.waiting_approval');
    expect(await ours.subscribe(`run:${foreign.id}`)).toMatchObject({ op: 'error' });
    // What comes after it, of the own workspace, shows that all of the other's would have come by now.
    const mine = await start(world.a, own['recipe_id']?.[1] ?? '');
    await ours.until((frame) => frame.event?.type === 'step.waiting_approval');
    const heard = JSON.stringify(ours.frames);
    expect(heard).toContain(mine.id);
    expect(
      [foreign.id, world.b.markers.prefix, world.b.id].filter((each) => heard.includes(each)),
    ).toEqual([
      // Said by the question itself.
      foreign.id,
    ]);
    expect(ours.frames.some((frame) => frame.event?.run_id === foreign.id)).toBe(false);
    for (const [tenant, run] of [
      [world.a, mine.id],
      [world.b, foreign.id],
    ] as const)
      await world.operator({
        method: 'POST',
        path: `/api/runs/${run}/cancel`,
        workspace: tenant.id,
      });
  });
});

describe('with the application’s own checks switched off', () => {
  beforeAll(async () => {
    before = await fingerprint(world.database, world.b.id);
  });
  afterEach(() => applicationOff.off());

  test.each(['permitted', 'fooled'] as const)(
    '(%s) the database alone lets nothing through',
    async (mode) => {
      applicationOff.on(mode, { truth: world.a.id, lie: world.b.id });
      const guarded = operations.filter(
        (operation) =>
          operation.permission !== 'public' &&
          // Of the whole installation, whoever asks.
          operation.permission !== 'platform:write' &&
          !(mode === 'fooled' && isDecidedElsewhere(operation)),
      );
      await inTurn(guarded, async (operation) => {
        const requests = [
          ...foreignPaths(context, operation, { own, theirs }),
          ...foreignFields(context, operation, { own, theirs }),
          ...(operation.params.length === 0 && operation.method === 'GET'
            ? [ownRequest(context, operation, own)]
            : []),
        ];
        for (const request of requests)
          await matrix.send(`off, ${mode}`, operation, withHeaders(request, proof('viewer')));
      });
      expect(drain()).toEqual([]);
    },
  );

  test('nothing of the other workspace has changed', async () => {
    expect(await fingerprint(world.database, world.b.id)).toEqual(before);
  });

  test('what is asked as the owner of the tables is what was reviewed', () => {
    const asked = [...applicationOff.seen].map(
      ([operation, sites]) => [operation, [...sites]] as const,
    );
    const told = asked.map(([operation, sites]) => `${operation} (${sites.join(', ')})`);
    process.stdout.write(`as the owner of the tables: ${told.toSorted().join('; ')}\n`);
    const unknown = asked.filter(
      ([, sites]) => !sites.every((site) => reviewOf(site) !== undefined),
    );
    expect(Object.fromEntries(unknown)).toEqual({});
    const used = asked.flatMap(([, sites]) => sites);
    const idle = Object.entries(SYSTEM_SITES).filter(
      ([known, { mayRest }]) => mayRest !== true && !used.some((site) => site.startsWith(known)),
    );
    expect(Object.fromEntries(idle)).toEqual({});
  });
});

describe('with its own objects', () => {
  test('the list of public operations is the reviewed one', () => {
    const open = operations.filter(({ permission }) => permission === 'public');
    expect(open.map(({ id }) => id).toSorted()).toEqual(PUBLIC.toSorted());
  });

  test('every operation is served', async () => {
    await inTurn(operations, async (operation) => {
      const answer = await matrix.send('served', operation, ownRequest(context, operation, own));
      if (isUnserved(answer))
        matrix.problems.push(`${operation.id} is in the document and not served`);
      else if (operation.permission !== 'public' && answer.status !== 401)
        matrix.problems.push(`${operation.id} answers ${answer.status} to nobody`);
    });
    expect(drain()).toEqual([]);
  });

  test('each role may what its permissions say, and nothing else', async () => {
    // What takes objects away comes last, what ends sessions after that and one by one.
    const guarded = operations.filter(({ permission }) => permission !== 'public');
    const ends = guarded.filter(({ id }) => id === 'signOut');
    const removes = guarded.filter(({ method }) => method === 'DELETE');
    const others = guarded.filter((each) => !ends.includes(each) && !removes.includes(each));
    for (const [group, atOnce] of [
      [others, 4],
      [removes, 4],
      [ends, 1],
    ] as const)
      await inTurn(
        pairs(group, ROLES_HERE),
        ({ operation, other }) => checkRole(operation, other),
        atOnce,
      );
    expect(drain()).toEqual([]);
  });
});

async function checkRole(operation: Operation, caller: Caller): Promise<void> {
  const answer = await matrix.send(
    'role',
    operation,
    withHeaders(ownRequest(context, operation, own), proof(caller)),
  );
  if (isUnserved(answer)) return;
  const role: Role = caller === 'key' ? 'admin' : caller;
  const may =
    operation.permission === 'authenticated' ||
    ROLE_PERMISSIONS[role].includes(operation.permission as Permission);
  const told = `${operation.id} (${operation.permission}) as ${caller} answered ${answer.status} ${answer.code}`;
  if (!may && answer.code !== 'auth.permission.missing' && answer.code !== 'permission_missing')
    matrix.problems.push(told);
  if (may && answer.status === 403 && !isFiner(operation, answer)) matrix.problems.push(told);
  if (may && answer.status === 401) matrix.problems.push(told);
  if (caller !== 'key' && operation.method !== 'GET' && operation.path.startsWith('/api/auth/'))
    await stayIn(caller);
}

/** Whoever is no administrator may only remove themselves, by a permission that everybody has. */
const isFiner = ({ id }: Operation, { code }: Answer) =>
  code in FINER_RULES || id === 'removeMember';

/** Some operations end the session that calls them. */
async function stayIn(role: Role): Promise<void> {
  const reply = await world.inject({
    method: 'GET',
    url: '/api/auth/session',
    headers: proof(role),
  });
  if (reply.statusCode === 401) await world.renew(world.a.people[role]);
}
