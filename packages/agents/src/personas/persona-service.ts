import type { Persona } from '@automatos/contracts';
import type { Database, Tx } from '@automatos/database';
import { newId, notFound } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { agentError } from '../agent-error.ts';
import { slugCandidates, slugFrom } from '../slugs.ts';
import {
  agentsWithPersona,
  deletePersona,
  findPersona,
  insertPersona,
  listPersonas,
  toPersona,
  updatePersona,
} from './persona-store.ts';
import type { PersonaFilter, PersonaRow } from './persona-store.ts';

export type PersonaFields = Pick<Persona, 'name' | 'category' | 'description' | 'prompt'>;

/** Use cases of personas. `ref` is always an id or a slug; an unknown one answers `persona.item.not_found`. */
export interface PersonaService {
  list(
    workspaceId: WorkspaceId,
    filter: PersonaFilter,
  ): Promise<{ items: Persona[]; nextCursor: string | null; total: number }>;
  get(workspaceId: WorkspaceId, ref: string): Promise<Persona>;
  /** A slug that was not given is made from the name and is always free. */
  create(
    workspaceId: WorkspaceId,
    input: PersonaFields & { slug?: string | undefined },
  ): Promise<Persona>;
  /** Refused for predefined ones. */
  update(workspaceId: WorkspaceId, ref: string, fields: PersonaFields): Promise<Persona>;
  clone(workspaceId: WorkspaceId, ref: string, name?: string): Promise<Persona>;
  /** Refused for predefined ones and those that agents use. */
  remove(workspaceId: WorkspaceId, ref: string): Promise<void>;
}

export interface PersonaServiceDeps {
  database: Pick<Database, 'workspace' | 'workspaceReads'>;
  clock: Pick<Clock, 'now'>;
}

export function createPersonaService({ database, clock }: PersonaServiceDeps): PersonaService {
  return {
    list: (workspaceId, filter) =>
      database.workspaceReads(workspaceId, async (tx) => {
        const { rows, nextCursor, total } = await listPersonas(tx, filter);
        return { items: rows.map(toPersona), nextCursor, total };
      }),
    get: (workspaceId, ref) =>
      database.workspaceReads(workspaceId, async (tx) => toPersona(await mustFind(tx, ref))),
    create: (workspaceId, { slug, ...fields }) =>
      database.workspace(workspaceId, (tx) => create(tx, { workspaceId, clock }, { fields, slug })),
    update: (workspaceId, ref, fields) =>
      database.workspace(workspaceId, async (tx) => {
        const before = await mustFindOwn(tx, ref);
        const { name, category, description, prompt } = fields;
        const row = await updatePersona(tx, before.id, {
          name,
          category,
          description,
          prompt,
          updatedAt: new Date(clock.now()),
        });
        return toPersona(row ?? before);
      }),
    clone: (workspaceId, ref, name) =>
      database.workspace(workspaceId, async (tx) => {
        const { category, description, prompt, ...source } = await mustFind(tx, ref);
        const fields = {
          name: name ?? `${source.name.slice(0, 115)} copy`,
          category,
          description,
          prompt,
        };
        return create(tx, { workspaceId, clock }, { fields, slug: undefined });
      }),
    remove: (workspaceId, ref) =>
      database.workspace(workspaceId, async (tx) => {
        const row = await mustFindOwn(tx, ref);
        const users = await agentsWithPersona(tx, row.slug);
        if (users.length > 0) {
          const message = `Persona "${row.slug}" is used by ${users.length === 1 ? 'agent' : 'agents'} ${users.map((slug) => `"${slug}"`).join(', ')}. Give them another one first.`;
          throw agentError('agents.persona.in_use', {
            kind: 'conflict',
            message,
            details: { agents: users },
          });
        }
        await deletePersona(tx, row.id);
      }),
  };
}

async function mustFind(
  tx: Tx,
  ref: string,
  options: { lock?: boolean } = {},
): Promise<PersonaRow> {
  const row = await findPersona(tx, ref, options);
  if (row === undefined) throw notFound('persona', ref);
  return row;
}

async function mustFindOwn(tx: Tx, ref: string): Promise<PersonaRow> {
  const row = await mustFind(tx, ref, { lock: true });
  if (!row.predefined) return row;
  throw agentError('agents.persona.read_only', {
    kind: 'conflict',
    message: `Persona "${row.slug}" came with the product and cannot be changed or deleted. Clone it and change the copy.`,
  });
}

async function create(
  tx: Tx,
  { workspaceId, clock }: { workspaceId: WorkspaceId; clock: Pick<Clock, 'now'> },
  wanted: { fields: PersonaFields; slug: string | undefined },
): Promise<Persona> {
  const now = new Date(clock.now());
  const { name, category, description, prompt } = wanted.fields;
  const candidates =
    wanted.slug === undefined ? slugCandidates(slugFrom(name, 'persona')) : [wanted.slug];
  for (const slug of candidates) {
    const row: PersonaRow = {
      id: newId(now.getTime()),
      workspaceId,
      slug,
      name,
      category,
      description,
      prompt,
      predefined: false,
      createdAt: now,
      updatedAt: now,
    };
    if (await insertPersona(tx, row)) return toPersona(row);
  }
  throw agentError('agents.persona.slug_taken', {
    kind: 'conflict',
    message: `There is a persona with the slug "${wanted.slug ?? name}" already. Choose another slug, or leave it out to have one made.`,
    errors: [{ pointer: '/slug', message: 'taken' }],
  });
}
