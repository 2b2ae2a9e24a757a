import type { Agent, AgentVersion, Change, DiffLine } from '@automatos/contracts';
import { decodeCursor, toPage } from '@automatos/database';
import type { Tx } from '@automatos/database';
import { diffJson, diffLines, notFound } from '@automatos/kernel';
import type { JsonValue } from '@automatos/kernel';
import { stringify } from 'yaml';
import { z } from 'zod';
import { mustFind } from '../agents/agent-access.ts';
import {
  definitionOf,
  definitionOfVersion,
  findVersion,
  listVersions,
} from '../agents/agent-store.ts';
import type { AgentRow, VersionRow } from '../agents/agent-store.ts';
import type { AgentDefinition } from '../agents/agent-tables.ts';
import type { Scope } from '../agents/agent-viewer.ts';
import { change, update } from '../agents/agent-writing.ts';
import type { WritingDeps } from '../agents/agent-writing.ts';
import { findPersona } from '../personas/persona-store.ts';
import { writeAgent } from './agent-document.ts';
import type { AgentFile, DocumentPersona } from './agent-document.ts';
import { importAgents } from './agent-import.ts';
import type { ImportedAgent, OnConflict } from './agent-import.ts';

/** Versions of agents, and agents as files. `ref` as in the roster; a missing version answers `agent_version.item.not_found`. */
export interface AgentHistory {
  versions(
    scope: Scope,
    ref: string,
    page: { limit: number; cursor?: string | undefined },
  ): Promise<{ items: AgentVersion[]; nextCursor: string | null }>;
  version(
    scope: Scope,
    ref: string,
    version: number,
  ): Promise<AgentVersion & { definition: AgentDefinition }>;
  /** From one version to another, by default to the current one: as changed fields, and as lines of the YAML. */
  diff(
    scope: Scope,
    ref: string,
    versions: { from: number; to?: number | undefined },
  ): Promise<{ from: number; to: number; changes: Change[]; lines: DiffLine[] }>;
  /** Saves an older version as the newest. */
  restore(
    scope: Scope,
    wanted: { ref: string; version: number; ifMatch: string | undefined },
  ): Promise<Agent>;
  /** With the persona's text, without keys. */
  export(
    scope: Scope,
    ref: string,
    options: { format: 'yaml' | 'json'; version?: number | undefined },
  ): Promise<AgentFile>;
  /** All agents of a file, or none. */
  import(
    scope: Scope,
    file: { document: string; onConflict: OnConflict },
  ): Promise<ImportedAgent[]>;
}

export function createAgentHistory(deps: WritingDeps): AgentHistory {
  const { database } = deps;
  return {
    versions: (scope, ref, { limit, cursor }) =>
      database.workspaceReads(scope.workspaceId, async (tx) => {
        const { id } = await mustFind(tx, scope, ref);
        const before =
          cursor === undefined
            ? undefined
            : decodeCursor(cursor, z.int(), 'agents.list.cursor_invalid');
        const rows = await listVersions(tx, id, { limit: limit + 1, before });
        const page = toPage(rows, limit, ({ version }) => version);
        return { items: page.rows.map(toVersion), nextCursor: page.nextCursor };
      }),
    version: (scope, ref, version) =>
      database.workspaceReads(scope.workspaceId, async (tx) => {
        const found = await mustFindVersion(tx, await mustFind(tx, scope, ref), version);
        return { ...toVersion(found), definition: definitionOfVersion(found) };
      }),
    diff: (scope, ref, { from, to }) =>
      database.workspaceReads(scope.workspaceId, async (tx) => {
        const row = await mustFind(tx, scope, ref);
        const left = await mustFindVersion(tx, row, from);
        const right = await mustFindVersion(tx, row, to ?? row.version);
        return difference(left, right);
      }),
    restore: (scope, { version, ...wanted }) =>
      change(deps, scope, (writing) =>
        update(writing, {
          ...wanted,
          definition: async (before) =>
            definitionOfVersion(await mustFindVersion(writing.tx, before, version)),
          note: `restored from version ${version}`,
        }),
      ),
    export: (scope, ref, { format, version }) =>
      database.workspaceReads(scope.workspaceId, async (tx) => {
        const row = await mustFind(tx, scope, ref);
        const definition =
          version === undefined
            ? definitionOf(row)
            : definitionOfVersion(await mustFindVersion(tx, row, version));
        const persona = await personaOf(tx, definition.persona);
        return writeAgent({ slug: row.slug, definition, persona }, format);
      }),
    import: (scope, { document, onConflict }) =>
      change(deps, scope, (writing) => importAgents(writing, { text: document, onConflict })),
  };
}

async function mustFindVersion(
  tx: Tx,
  { id, slug }: Pick<AgentRow, 'id' | 'slug'>,
  version: number,
): Promise<VersionRow> {
  const found = await findVersion(tx, id, version);
  if (found === undefined) throw notFound('agent_version', `${slug} ${version}`);
  return found;
}

function toVersion({ version, createdAt, createdBy, note }: VersionRow): AgentVersion {
  return { version, created_at: createdAt.toISOString(), created_by: createdBy, note };
}

function difference(left: VersionRow, right: VersionRow) {
  const [before, after] = [definitionOfVersion(left), definitionOfVersion(right)];
  return {
    from: left.version,
    to: right.version,
    changes: diffJson(before as unknown as JsonValue, after as unknown as JsonValue),
    lines: diffLines(written(before), written(after)),
  };
}

function written(definition: AgentDefinition): string {
  return stringify(definition, { lineWidth: 0, aliasDuplicateObjects: false });
}

async function personaOf(tx: Tx, slug: string | null): Promise<DocumentPersona | null> {
  const row = slug === null ? undefined : await findPersona(tx, slug);
  if (row === undefined) return null;
  const { name, category, description, prompt } = row;
  return { slug: row.slug, name, category, description, prompt };
}
