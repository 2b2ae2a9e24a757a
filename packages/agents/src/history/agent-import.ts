import { isPlatformError, newId } from '@automatos/kernel';
import type { FieldError } from '@automatos/kernel';
import { agentError } from '../agent-error.ts';
import { definitionOf, findAgent } from '../agents/agent-store.ts';
import type { AgentRow } from '../agents/agent-store.ts';
import type { AgentDefinition } from '../agents/agent-tables.ts';
import { checked, create, saveVersion } from '../agents/agent-writing.ts';
import type { Writing } from '../agents/agent-writing.ts';
import { findPersona, insertPersona } from '../personas/persona-store.ts';
import { sameJson } from './same-json.ts';
import { inDocument, PROBLEMS_MAX, readAgents } from './agent-document.ts';
import type { AgentDocument, DocumentPersona, ReadAgent } from './agent-document.ts';

export type OnConflict = 'new_slug' | 'new_version' | 'skip' | 'fail';

export interface ImportedAgent {
  slug: string;
  version: number;
  outcome: 'created' | 'updated' | 'unchanged' | 'skipped';
  /** `own_text`: the workspace has another persona of that name, so the prompt became the agent's own. */
  persona: 'none' | 'created' | 'kept' | 'own_text';
}

const NOTE = 'imported';

/**
 * Saves all agents of a file, in one transaction, or throws `agents.import.invalid` with the problems of all documents, or
 * `agents.import.conflict` with the slugs that are taken.
 */
export async function importAgents(
  writing: Writing,
  { text, onConflict }: { text: string; onConflict: OnConflict },
): Promise<ImportedAgent[]> {
  const { agents, problems } = readAgents(text);
  const plans: { read: ReadAgent; before: AgentRow | undefined }[] = [];
  // In the order of the slugs, so that two imports never wait for each other.
  for (const read of agents.toSorted((a, b) => (a.document.slug < b.document.slug ? -1 : 1)))
    plans.push({ read, before: await taken(writing, read.document.slug) });
  const conflicts = plans.flatMap(({ read, before }) =>
    before === undefined ? [] : conflictOf(writing, { read, before, onConflict }),
  );
  const personas = new Map<number, PlacedPersona>();
  for (const { read, before } of plans) {
    if (before !== undefined && onConflict === 'skip') continue;
    const placed = await placePersona(writing, read.document);
    personas.set(read.index, placed);
    problems.push(...(await problemsOf(writing, read, placed)));
  }
  if (problems.length > 0) throw invalid(problems);
  if (conflicts.length > 0) throw conflict(conflicts);
  const results = new Map<number, ImportedAgent>();
  for (const { read, before } of plans) {
    const placed = personas.get(read.index);
    results.set(read.index, await importOne(writing, { read, before, placed, onConflict }));
  }
  return agents.flatMap(({ index }) => results.get(index) ?? []);
}

/** The agent that has the slug, whoever may see it: a slug is taken also when it is hidden. */
async function taken({ tx }: Writing, slug: string): Promise<AgentRow | undefined> {
  return findAgent(tx, slug, { viewer: null, lock: true });
}

function conflictOf(
  { scope }: Writing,
  wanted: { read: ReadAgent; before: AgentRow; onConflict: OnConflict },
): FieldError[] {
  const { read, before, onConflict } = wanted;
  const { viewer } = scope;
  const hidden =
    before.visibility === 'creator' &&
    viewer !== null &&
    !viewer.seesAll &&
    viewer.id !== before.createdById;
  if (onConflict !== 'fail' && !(onConflict === 'new_version' && hidden)) return [];
  const message = `"${read.document.slug}" is taken`;
  return [inDocument(read.index, { pointer: '/slug', message })];
}

interface PlacedPersona {
  definition: AgentDefinition;
  outcome: ImportedAgent['persona'];
}

/** Makes the persona of the document available: made if it is missing, kept if it is the same, else the agent's own text. */
async function placePersona(writing: Writing, document: AgentDocument): Promise<PlacedPersona> {
  const definition = definitionOf(document.agent);
  const { persona } = document;
  if (persona === null || definition.persona === null) return { definition, outcome: 'none' };
  const known = await findPersona(writing.tx, persona.slug);
  if (known === undefined) {
    await insertPersona(writing.tx, personaRow(writing, persona));
    return { definition: { ...definition, persona: persona.slug }, outcome: 'created' };
  }
  if (known.prompt === persona.prompt)
    return { definition: { ...definition, persona: persona.slug }, outcome: 'kept' };
  const own = { ...definition, persona: null, persona_text: persona.prompt.slice(0, 20_000) };
  return { definition: own, outcome: 'own_text' };
}

function personaRow({ scope, deps }: Writing, persona: DocumentPersona) {
  const now = new Date(deps.clock.now());
  return {
    id: newId(now.getTime()),
    workspaceId: scope.workspaceId,
    predefined: false,
    createdAt: now,
    updatedAt: now,
    ...persona,
  };
}

async function problemsOf(
  writing: Writing,
  read: ReadAgent,
  { definition }: PlacedPersona,
): Promise<FieldError[]> {
  try {
    await checked(writing, definition);
    return [];
  } catch (error) {
    if (!isPlatformError(error) || error.code !== 'agents.agent.invalid') throw error;
    return (error.errors ?? []).map((problem) =>
      inDocument(read.index, { ...problem, pointer: `/agent${problem.pointer}` }),
    );
  }
}

async function importOne(
  writing: Writing,
  wanted: {
    read: ReadAgent;
    before: AgentRow | undefined;
    placed: PlacedPersona | undefined;
    onConflict: OnConflict;
  },
): Promise<ImportedAgent> {
  const { read, before, placed, onConflict } = wanted;
  const { slug } = read.document;
  if (placed === undefined)
    return { slug, version: before?.version ?? 0, outcome: 'skipped', persona: 'none' };
  const { definition, outcome: persona } = placed;
  if (before === undefined || onConflict === 'new_slug') {
    const made = await create(writing, {
      definition,
      slug: before === undefined ? slug : undefined,
      note: NOTE,
    });
    return { slug: made.slug, version: made.version, outcome: 'created', persona };
  }
  if (sameJson(definitionOf(before), definition))
    return { slug, version: before.version, outcome: 'unchanged', persona };
  const saved = await saveVersion(writing, before, { definition, note: NOTE });
  return { slug, version: saved.version, outcome: 'updated', persona };
}

function invalid(problems: readonly FieldError[]) {
  const shown = problems.slice(0, PROBLEMS_MAX);
  const [first] = shown;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return agentError('agents.import.invalid', {
    kind: 'invalid-input',
    message: `Nothing was imported: ${first?.message ?? 'the file has problems'}${more}`,
    errors: [...shown],
  });
}

function conflict(problems: readonly FieldError[]) {
  return agentError('agents.import.conflict', {
    kind: 'conflict',
    message: `Nothing was imported: ${problems.map(({ message }) => message).join('; ')}. Import with on_conflict "new_slug", "new_version" or "skip".`,
    errors: [...problems],
  });
}
