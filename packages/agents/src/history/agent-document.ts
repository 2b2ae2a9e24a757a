import { agentUpdateSchema, slugSchema } from '@automatos/contracts';
import type { FieldError } from '@automatos/kernel';
import { isAlias, LineCounter, parseAllDocuments, stringify, visit } from 'yaml';
import type { Document } from 'yaml';
import { z } from 'zod';
import { definitionOf } from '../agents/agent-store.ts';
import type { AgentDefinition } from '../agents/agent-tables.ts';

/** Form of the documents that this version writes; those of another one are refused by name. */
const FORMAT = 'automatos/agent@1';

const personaSchema = z.strictObject({
  slug: slugSchema,
  name: z.string().trim().min(1).max(120),
  category: z.string().trim().min(1).max(60),
  description: z.string().max(2000).default(''),
  prompt: z.string().min(1).max(50_000),
});
const documentSchema = z.strictObject({
  format: z.literal(FORMAT),
  slug: slugSchema,
  agent: agentUpdateSchema,
  /** The persona that the agent names, so that it can be taken elsewhere. */
  persona: personaSchema.nullable().default(null),
});
export type AgentDocument = z.infer<typeof documentSchema>;
export type DocumentPersona = z.infer<typeof personaSchema>;

export interface AgentFile {
  filename: string;
  contentType: string;
  content: string;
}

/** An agent as a file. It names providers and tools, never a key: keys are not part of agents. */
export function writeAgent(
  agent: { slug: string; definition: AgentDefinition; persona: DocumentPersona | null },
  format: 'yaml' | 'json',
): AgentFile {
  const { slug, persona } = agent;
  const document: AgentDocument = {
    format: FORMAT,
    slug,
    agent: definitionOf(agent.definition),
    persona,
  };
  return format === 'yaml'
    ? {
        filename: `${slug}.agent.yaml`,
        contentType: 'application/yaml; charset=utf-8',
        content: stringify(document, { lineWidth: 0, aliasDuplicateObjects: false }),
      }
    : {
        filename: `${slug}.agent.json`,
        contentType: 'application/json; charset=utf-8',
        content: `${JSON.stringify(document, null, 2)}\n`,
      };
}

export interface ReadAgent {
  /** 0-based. */
  index: number;
  document: AgentDocument;
}

/** Agents in one file. */
const DOCUMENTS_MAX = 100;
/** Problems of one file that are reported. */
export const PROBLEMS_MAX = 100;

/** Reads the agents of a YAML or JSON file, with all problems and their lines. Never throws. */
export function readAgents(text: string): { agents: ReadAgent[]; problems: FieldError[] } {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: true });
  const filled = (Array.isArray(documents) ? documents : []).filter(
    (document) => document.contents !== null || document.errors.length > 0,
  );
  if (filled.length === 0) return { agents: [], problems: [whole('holds no agent')] };
  if (filled.length > DOCUMENTS_MAX) {
    const message = `holds ${filled.length} agents; at most ${DOCUMENTS_MAX} can be imported at once`;
    return { agents: [], problems: [whole(message)] };
  }
  const agents: ReadAgent[] = [];
  const problems: FieldError[] = [];
  for (const [index, document] of filled.entries()) {
    const read = readOne(document, lines);
    if (read.document !== null) agents.push({ index, document: read.document });
    problems.push(...read.problems.map((problem) => inDocument(index, problem)));
  }
  return { agents, problems: [...problems, ...repeated(agents)] };
}

/** A problem of one document as one of the file. */
export function inDocument(index: number, problem: FieldError): FieldError {
  return {
    ...problem,
    pointer: `/documents/${index}${problem.pointer}`,
    message: `document ${index + 1}: ${problem.message}`,
  };
}

function whole(message: string): FieldError {
  return { pointer: '/document', message };
}

function repeated(agents: readonly ReadAgent[]): FieldError[] {
  const first = new Map<string, number>();
  return agents.flatMap(({ index, document: { slug } }) => {
    const before = first.get(slug);
    first.set(slug, before ?? index);
    const message = `the slug "${slug}" stands in document ${(before ?? 0) + 1} already`;
    return before === undefined ? [] : [inDocument(index, { pointer: '/slug', message })];
  });
}

function readOne(
  document: Document.Parsed,
  lines: LineCounter,
): { document: AgentDocument | null; problems: FieldError[] } {
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => {
      const { line, col } = lines.linePos(error.pos[0]);
      const [message = 'cannot be read'] = error.message.split('\n');
      return { pointer: '', message: message.replace(/ at line .*$/, ''), line, column: col };
    });
    return { document: null, problems };
  }
  // What an alias stands for can grow without bound; agents need none.
  if (hasAlias(document)) {
    const message = 'uses an alias (`*name`); write the value out';
    return { document: null, problems: [{ pointer: '', message }] };
  }
  const parsed = documentSchema.safeParse(document.toJS());
  if (parsed.success) return { document: parsed.data, problems: [] };
  const problems = parsed.error.issues.map((issue) => {
    const at = positionOf(document, issue.path, lines);
    return {
      pointer: issue.path.map((key) => `/${String(key)}`).join(''),
      message: issue.message,
      ...at,
    };
  });
  return { document: null, problems };
}

function hasAlias(document: Document.Parsed): boolean {
  let found = false;
  visit(document, (_key, node) => {
    if (!isAlias(node)) return undefined;
    found = true;
    return visit.BREAK;
  });
  return found;
}

/** Line of the field, or of the nearest one around it. */
function positionOf(
  document: Document.Parsed,
  path: readonly PropertyKey[],
  lines: LineCounter,
): { line?: number; column?: number } {
  for (let length = path.length; length >= 0; length -= 1) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    const range = (node as { range?: [number, number, number] | null } | undefined)?.range;
    if (range === undefined || range === null) continue;
    const { line, col } = lines.linePos(range[0]);
    return { line, column: col };
  }
  return {};
}
