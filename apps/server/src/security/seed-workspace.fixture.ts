import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '@automatos/kernel';
import type { Markers } from './markers.fixture.ts';
import type { ApiRequest, Tenant, TwoWorkspaces } from './two-workspaces.fixture.ts';

/** Values for path parameters and for fields of the same meaning, by the name of the parameter. */
export type Objects = Record<string, readonly string[]>;

interface Seeding {
  world: TwoWorkspaces;
  tenant: Tenant;
  markers: Markers;
  post<Body = { id: string }>(path: string, body: unknown): Promise<Body>;
}

/** Makes one object of every kind that has a public way to be made; every text of it carries a marker. */
export async function seedWorkspace(world: TwoWorkspaces, tenant: Tenant): Promise<Objects> {
  const { markers } = tenant;
  const seeding: Seeding = {
    world,
    tenant,
    markers,
    post: <Body>(path: string, body: unknown) =>
      world.operator<Body>({ method: 'POST', path, body, workspace: tenant.id } as ApiRequest),
  };
  const agents = await seedAgents(seeding);
  const recipe = await seedRecipe(seeding, agents.agent_id[1] ?? '');
  const run = await seedRun(seeding, recipe.slug);
  const starts = await seedStarts(seeding, recipe.slug);
  const task = await seedTask(seeding, agents.agent_id[1] ?? '');
  const others = await seedOthers(seeding);
  return {
    ...agents,
    ...starts,
    ...others,
    ...run,
    ...task,
    recipe_id: [recipe.id, recipe.slug],
    workspace_id: [tenant.id],
    email: [tenant.spare.email],
    user_id: [tenant.spare.userId],
    session_id: await idsOf(world, 'SELECT id FROM sessions WHERE user_id = $1', [
      tenant.spare.userId,
    ]),
    identity_id: await idsOf(world, 'SELECT id FROM accounts WHERE user_id = $1', [
      tenant.people.owner.userId,
    ]),
    entry_id: await auditEntry(world, tenant),
    model: [`agent/${agents.agent_id[1]}`, `recipe/${recipe.slug}`],
  };
}

async function idsOf(world: TwoWorkspaces, text: string, values: unknown[]): Promise<string[]> {
  const { rows } = await world.database.pool.query<{ id: string }>(text, values);
  return rows.map((row) => row.id);
}

/** The log is written beside the requests. */
async function auditEntry(world: TwoWorkspaces, tenant: Tenant): Promise<string[]> {
  for (;;) {
    const { items } = await world.operator<{ items: { id: string }[] }>({
      method: 'GET',
      path: '/api/audit?limit=1',
      workspace: tenant.id,
    });
    if (items[0] !== undefined) return [items[0].id];
  }
}

async function seedAgents({ post, markers: { mark } }: Seeding) {
  const persona = await post<{ id: string; slug: string }>('/api/personas', {
    slug: mark(),
    name: mark(),
    category: mark(),
    description: mark(),
    prompt: mark(),
  });
  const agent = await post<{ id: string; slug: string }>('/api/agents', {
    slug: mark(),
    name: mark(),
    category: mark(),
    description: mark(),
    tags: [mark()],
    persona: persona.slug,
    instructions: mark(),
  });
  await post(`/api/agents/${agent.id}/status`, { status: 'active' });
  return {
    agent_id: [agent.id, agent.slug],
    persona_id: [persona.id, persona.slug],
  };
}

/** Two versions of a recipe that makes findings and a document and then waits for a person. */
async function seedRecipe({ post, world, tenant, markers: { mark } }: Seeding, agent: string) {
  const slug = mark();
  const definition = {
    slug,
    name: mark(),
    description: mark(),
    tags: [mark()],
    inputs: {
      type: 'object',
      properties: { path: { type: 'string' }, note: { type: 'string' } },
      required: ['path'],
    },
    steps: [
      {
        step_id: 'scan',
        name: mark(),
        type: 'tool',
        tool: 'todo_scan',
        input: { path: '{{inputs.path}}' },
      },
      { step_id: 'write', name: mark(), type: 'document', title: mark(), template: mark() },
      { step_id: 'gate', name: mark(), type: 'approval', title: mark(), message: mark() },
      { step_id: 'ask', agent, prompt_template: mark() },
    ],
  };
  const made = await post<{ id: string; version: number }>('/api/workflow-recipes', { definition });
  await world.operator({
    method: 'PUT',
    path: `/api/workflow-recipes/${made.id}`,
    body: { definition: { ...definition, description: mark() } },
    workspace: tenant.id,
    headers: { 'if-match': '*' },
  });
  return { id: made.id, slug };
}

async function seedRun({ post, world, tenant, markers: { mark } }: Seeding, recipe: string) {
  const folder = join(world.place.dataDir, mark());
  await mkdir(folder);
  await writeFile(
    join(folder, `${mark()}.ts`),
    `// TODO ${mark()}\nexport const x = '${mark()}';\n`,
  );
  const run = await post(`/api/workflow-recipes/${recipe}/execute`, {
    inputs: { path: folder, note: mark() },
    title: mark(),
  });
  const approvals = await untilWaiting(world, tenant, run.id);
  await post(`/api/runs/${run.id}/signals`, { name: mark(), payload: mark() });
  const artifacts = await idsOf(world, 'SELECT id FROM run_artifacts WHERE run_id = $1', [run.id]);
  return { run_id: [run.id], approval_id: approvals, artifact_id: artifacts };
}

/** A task that has ended, so that nothing of it changes while the matrix looks. */
async function seedTask({ post, world, tenant, markers: { mark } }: Seeding, agent: string) {
  const task = await post('/api/tasks', {
    goal: mark(),
    title: mark(),
    target: mark(),
    parameters: { note: mark() },
    agents: [agent],
  });
  for (;;) {
    const { status } = await world.operator<{ status: string }>({
      method: 'GET',
      path: `/api/tasks/${task.id}`,
      workspace: tenant.id,
    });
    if (['failed', 'completed', 'cancelled'].includes(status)) return { task_id: [task.id] };
  }
}

async function untilWaiting(world: TwoWorkspaces, tenant: Tenant, run: string): Promise<string[]> {
  for (;;) {
    const [state, approvals] = await Promise.all([
      world.operator<{ status: string; error: unknown }>({
        method: 'GET',
        path: `/api/runs/${run}`,
        workspace: tenant.id,
      }),
      world.operator<{ items: { id: string }[] }>({
        method: 'GET',
        path: `/api/approvals?run=${run}`,
        workspace: tenant.id,
      }),
    ]);
    if (approvals.items[0] !== undefined) return [approvals.items[0].id];
    if (['failed', 'completed', 'cancelled'].includes(state.status))
      throw new Error(`the run of the fixture ${state.status}: ${JSON.stringify(state.error)}`);
  }
}

async function seedStarts({ post, markers: { mark } }: Seeding, recipe: string) {
  const schedule = await post('/api/schedules', {
    recipe,
    spec: { at: '2099-01-01T00:00:00.000Z', name: mark(), inputs: { note: mark() } },
  });
  const trigger = await post('/api/triggers', {
    recipe,
    spec: { type: 'webhook', name: mark(), inputs: { note: mark() } },
  });
  return { schedule_id: [schedule.id], trigger_id: [trigger.id] };
}

async function seedOthers({ post, world, tenant, markers: { mark } }: Seeding) {
  const webhook = await post('/api/webhooks', {
    name: mark(),
    url: `https://${mark()}.example/`,
    events: ['run.completed'],
    enabled: false,
  });
  const budget = await post('/api/budgets', {
    name: mark(),
    window: 'month',
    limit_micros: 1_000_000_000,
    enabled: false,
  });
  const credential = await post('/api/credentials', {
    type: 'custom',
    name: mark(),
    fields: { note: mark(), token: mark() },
    public_fields: ['note'],
  });
  await world.operator({
    method: 'PUT',
    path: `/api/models/prices/openai/${mark()}`,
    body: { input_micros: 4711, output_micros: 4712 },
    workspace: tenant.id,
  });
  const invitation = await post(`/api/workspaces/${tenant.id}/invitations`, {
    email: `${mark()}@example.com`,
  }).catch(() => ({ id: newId() }));
  const pattern = await post<{ id: string; slug: string }>('/api/patterns', {
    slug: mark(),
    name: mark(),
    kind: 'collaborative',
    description: mark(),
  });
  const key = await post('/api/auth/api-keys', { name: mark(), role: 'viewer' });
  return {
    key_id: [key.id],
    pattern_id: [pattern.id, pattern.slug],
    webhook_id: [webhook.id],
    budget_id: [budget.id],
    credential_id: [credential.id],
    invitation_id: [invitation.id],
  };
}
