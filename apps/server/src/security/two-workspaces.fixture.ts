import { tmpdir } from 'node:os';
import type { Role } from '@automatos/contracts';
import { ROLES } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import { newId, silentLogger } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { compose } from '../compose.ts';
import type { App } from '../compose.ts';
import { loadConfig } from '../config.ts';
import { createPlace } from '../testing/product.ts';
import type { ProductPlace } from '../testing/product.ts';
import type { CompositionHooks } from '../wiring/composition-hooks.ts';
import { createMarkers } from './markers.fixture.ts';
import type { Markers } from './markers.fixture.ts';

/** Who asks: a person of each role, and an API key with the rights of an admin. */
export const CALLERS = [...ROLES, 'key'] as const;
export type Caller = (typeof CALLERS)[number];

export interface Person {
  role: Role;
  userId: string;
  email: string;
  cookie: string;
}

export interface Tenant {
  id: WorkspaceId;
  slug: string;
  people: Record<Role, Person>;
  /** A member who is asked nothing and may be changed and removed. */
  spare: Person;
  key: { id: string; secret: string };
  /** Stand in the names of its people, and in whatever is made in it by them. */
  markers: Markers;
}

export interface TwoWorkspaces {
  app: App;
  url: string;
  port: number;
  /** As the owner of the tables, past every wall. */
  database: Database;
  place: ProductPlace;
  a: Tenant;
  b: Tenant;
  /** In the name of the operator; throws unless it succeeds. */
  operator<Body>(request: ApiRequest): Promise<Body>;
  inject(options: InjectOptions): Promise<LightMyRequestResponse>;
  /** Headers that prove a caller of a workspace. */
  proof(tenant: Tenant, caller: Caller): Record<string, string>;
  /** Signs somebody in again whose session was ended. */
  renew(person: Person): Promise<void>;
  close(): Promise<void>;
}

export interface ApiRequest {
  method: string;
  path: string;
  body?: unknown;
  workspace?: string;
  headers?: Record<string, string>;
}

/** Of the prepared database. */
const A = '01990000-0000-7000-8000-00000000000a' as WorkspaceId;
const B = '01990000-0000-7000-8000-00000000000b' as WorkspaceId;
export const OPERATOR_KEY = 'ak_srv_operator-key-of-the-matrix-0123456789';
export const PASSWORD = 'a long and unguessed pass phrase';
const SAME_SITE = { 'sec-fetch-site': 'same-origin' };

let addresses = 0;
/** Limits per address would count the tests, which all come from one machine. */
function someAddress(): string {
  addresses += 1;
  return `10.${(addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses & 255}`;
}

/** The whole product in this process with two workspaces, in each of which there is a person of every role and an API key. */
export async function startTwoWorkspaces(
  options: { env?: Record<string, string>; hooks?: CompositionHooks } = {},
): Promise<TwoWorkspaces> {
  const place = await createPlace();
  const seen: { database?: Database } = {};
  const app = await compose({
    config: configOf(place, options.env ?? {}),
    logger: silentLogger,
    operatorKey: OPERATOR_KEY,
    progress: () => undefined,
    hooks: {
      ...options.hooks,
      database(opened) {
        seen.database = { ...opened };
        return options.hooks?.database?.(opened) ?? opened;
      },
    },
  });
  const { url, port } = await app.edge.listen({ host: '127.0.0.1', port: 0 });
  const database = seen.database as Database;
  const calls = createCalls(app);
  // The first person administers the platform and belongs to neither workspace.
  await calls.signUp('platform');
  const a = await makeTenant({ database, ...calls }, A);
  const b = await makeTenant({ database, ...calls }, B);
  return {
    app,
    url,
    port,
    database,
    place,
    a,
    b,
    operator: calls.operator,
    inject: calls.inject,
    proof: (tenant, caller) =>
      caller === 'key'
        ? { 'x-api-key': tenant.key.secret }
        : { ...SAME_SITE, cookie: tenant.people[caller].cookie },
    async renew(person) {
      person.cookie = await calls.signIn(person.email);
    },
    async close() {
      await app.stop();
      await place.remove();
    },
  };
}

function configOf(place: ProductPlace, env: Record<string, string>) {
  return loadConfig({
    env: {
      AUTOMATOS_ROLES: 'api,worker',
      AUTOMATOS_ROOTS: tmpdir(),
      FSYNC: 'false',
      SIGNUP_OPEN: 'true',
      RATE_LIMIT_PRINCIPAL_PER_MINUTE: '1000000',
      RATE_LIMIT_PER_MINUTE: '1000000',
      ...(place.databaseUrl === undefined ? {} : { DATABASE_URL: place.databaseUrl }),
      ...env,
    },
    argv: ['--data', place.dataDir],
    cwd: place.dataDir,
    home: place.dataDir,
    isTerminal: false,
  });
}

type Calls = ReturnType<typeof createCalls>;

function createCalls(app: App) {
  const inject = (options: InjectOptions) =>
    app.edge.inject({ remoteAddress: someAddress(), ...options });

  async function operator<Body>({ method, path, body, workspace, headers }: ApiRequest) {
    const answer = await inject({
      method: method as 'GET',
      url: path,
      headers: {
        'x-api-key': OPERATOR_KEY,
        ...(workspace === undefined ? {} : { 'x-workspace-id': workspace }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
    if (answer.statusCode >= 300)
      throw new Error(`${method} ${path} answered ${answer.statusCode}: ${answer.payload}`);
    return (answer.payload === '' ? null : answer.json()) as Body;
  }
  async function enter(path: string, body: object) {
    const answer = await inject({ method: 'POST', url: path, payload: body });
    if (answer.statusCode >= 300)
      throw new Error(`${path} answered ${answer.statusCode}: ${answer.payload}`);
    const { user } = answer.json<{ user: { id: string } }>();
    return { userId: user.id, cookie: cookieOf(answer) };
  }
  return {
    inject,
    operator,
    async signUp(name: string) {
      const email = `${name}@${newId()}.example`;
      const made = await enter('/api/auth/sign-up', { email, password: PASSWORD, name });
      return { email, ...made };
    },
    async signIn(email: string) {
      return (await enter('/api/auth/sign-in', { email, password: PASSWORD })).cookie;
    },
  };
}

export function cookieOf(answer: LightMyRequestResponse): string {
  const [first] = [answer.headers['set-cookie'] ?? ''].flat();
  return (first ?? '').split(';')[0] ?? '';
}

/** People join by the table itself: it is the one place that says who belongs where, whatever way leads there. */
async function makeTenant(deps: Calls & { database: Database }, id: WorkspaceId): Promise<Tenant> {
  const markers = createMarkers();
  await deps.database.pool.query('UPDATE workspaces SET slug = $2, name = $3 WHERE id = $1', [
    id,
    markers.mark(),
    markers.mark(),
  ]);
  const join = async (role: Role): Promise<Person> => {
    const person = await deps.signUp(markers.mark());
    await deps.database.pool.query('DELETE FROM members WHERE user_id = $1', [person.userId]);
    await deps.database.pool.query(
      'INSERT INTO members (workspace_id, user_id, role) VALUES ($1, $2, $3)',
      [id, person.userId, role],
    );
    return { role, ...person };
  };
  const entries = await Promise.all(ROLES.map(async (role) => [role, await join(role)] as const));
  const key = await deps.operator<{ id: string; key: string }>({
    method: 'POST',
    path: '/api/auth/api-keys',
    workspace: id,
    body: { name: markers.mark(), role: 'admin' },
  });
  const { rows } = await deps.database.pool.query<{ slug: string }>(
    'SELECT slug FROM workspaces WHERE id = $1',
    [id],
  );
  return {
    id,
    slug: rows[0]?.slug ?? '',
    people: Object.fromEntries(entries) as Record<Role, Person>,
    spare: await join('member'),
    key: { id: key.id, secret: key.key },
    markers,
  };
}
