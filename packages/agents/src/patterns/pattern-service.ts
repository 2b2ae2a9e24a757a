import { PATTERN_KINDS } from '@automatos/contracts';
import type { Pattern, PatternInput } from '@automatos/contracts';
import type { Database, Tx } from '@automatos/database';
import { newId, notFound } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { agentError } from '../agent-error.ts';
import { checkSettings } from '../coordination/create-coordinator.ts';
import { slugCandidates, slugFrom } from '../slugs.ts';
import {
  definitionOf,
  deletePattern,
  findPattern,
  insertPattern,
  listPatterns,
  toPattern,
  updatePattern,
} from './pattern-store.ts';
import type { PatternFilter, PatternRow } from './pattern-store.ts';
import type { PatternDefinition } from './pattern-tables.ts';
import { previewWork } from './preview-work.ts';
import type { PatternPreview, PreviewInput, RecordsOf } from './preview-work.ts';
import type { ResolvedPattern } from './resolved-pattern.ts';

export interface PatternServiceDeps {
  database: Pick<Database, 'workspace' | 'workspaceReads'>;
  clock: Pick<Clock, 'now'>;
  /** What agents did so far, for previews; without it nobody has done anything. */
  recordsOf?: RecordsOf;
}

/** Where a change happens and on whose behalf. */
export interface PatternScope {
  workspaceId: WorkspaceId;
  by: string;
}

/** Use cases of patterns. `ref` is an id or a slug; an unknown one answers `pattern.item.not_found`. */
export interface PatternService {
  list(
    workspaceId: WorkspaceId,
    filter: PatternFilter,
  ): Promise<{ items: Pattern[]; nextCursor: string | null; total: number }>;
  get(workspaceId: WorkspaceId, ref: string): Promise<Pattern>;
  /** Also finds a kind by its name, with the settings that are the default; null when there is none. */
  resolve(workspaceId: WorkspaceId, ref: string): Promise<ResolvedPattern | null>;
  /** A slug that was not given is made from the name and is always free. */
  create(scope: PatternScope, input: PatternInput): Promise<Pattern>;
  /** Replaces the definition as a new version; `ifMatch` must name the one last read. */
  update(
    scope: PatternScope,
    change: { ref: string; ifMatch: string | undefined; definition: PatternDefinition },
  ): Promise<Pattern>;
  /** Refused for those that came with the product. */
  remove(workspaceId: WorkspaceId, ref: string): Promise<void>;
  /** Who would get what and why; nothing runs and nothing is stored. */
  preview(workspaceId: WorkspaceId, input: PreviewInput): Promise<PatternPreview>;
}

export function createPatternService(deps: PatternServiceDeps): PatternService {
  const { database, clock } = deps;
  const resolve = (workspaceId: WorkspaceId, ref: string) =>
    database.workspaceReads(workspaceId, (tx) => resolvePattern(tx, ref));
  return {
    list: (workspaceId, filter) =>
      database.workspaceReads(workspaceId, async (tx) => {
        const { rows, nextCursor, total } = await listPatterns(tx, filter);
        return { items: rows.map(toPattern), nextCursor, total };
      }),
    get: (workspaceId, ref) =>
      database.workspaceReads(workspaceId, async (tx) => toPattern(await mustFind(tx, ref))),
    resolve,
    create: (scope, { slug, ...definition }) =>
      database.workspace(scope.workspaceId, (tx) =>
        create(tx, { scope, nowMs: clock.now() }, { slug, definition: checked(definition) }),
      ),
    update: (scope, change) =>
      database.workspace(scope.workspaceId, async (tx) => {
        const before = await mustFind(tx, change.ref, { lock: true });
        assertVersion(before, change.ifMatch);
        const row: PatternRow = {
          ...before,
          ...checked(change.definition),
          version: before.version + 1,
          updatedAt: new Date(clock.now()),
        };
        await updatePattern(tx, row, scope.by);
        return toPattern(row);
      }),
    remove: (workspaceId, ref) =>
      database.workspace(workspaceId, async (tx) => {
        const row = await mustFind(tx, ref, { lock: true });
        if (row.seeded) throw readOnly(row.slug);
        await deletePattern(tx, row.id);
      }),
    preview: async (workspaceId, input) => {
      const pattern = await previewed(input, (ref) => resolve(workspaceId, ref));
      const records = (await deps.recordsOf?.(workspaceId)) ?? new Map();
      return database.workspaceReads(workspaceId, (tx) =>
        previewWork(tx, { input, pattern, records }),
      );
    },
  };
}

/** The pattern of this id, slug or kind; null when there is none. */
export async function resolvePattern(tx: Tx, ref: string): Promise<ResolvedPattern | null> {
  const row = await findPattern(tx, ref);
  if (row !== undefined) return { slug: row.slug, kind: row.kind, settings: row.settings };
  const kind = PATTERN_KINDS.find((name) => name === ref);
  return kind === undefined ? null : { slug: kind, kind, settings: checkSettings(kind, {}) };
}

const checked = (definition: PatternDefinition): PatternDefinition => {
  const { kind, settings } = definition;
  return { ...definitionOf(definition), settings: checkSettings(kind, settings) };
};

async function previewed(
  { pattern: ref, kind, settings }: PreviewInput,
  resolve: (ref: string) => Promise<ResolvedPattern | null>,
): Promise<ResolvedPattern> {
  if (ref !== undefined) {
    const pattern = await resolve(ref);
    if (pattern === null) throw notFound('pattern', ref);
    return settings === undefined
      ? pattern
      : { ...pattern, settings: checkSettings(pattern.kind, { ...pattern.settings, ...settings }) };
  }
  if (kind !== undefined)
    return { slug: kind, kind, settings: checkSettings(kind, settings ?? {}) };
  throw agentError('agents.pattern.none_given', {
    kind: 'invalid-input',
    message: `Give a pattern by its slug or id, or a kind: ${PATTERN_KINDS.join(', ')}.`,
    errors: [{ pointer: '/pattern', message: 'missing' }],
  });
}

async function mustFind(
  tx: Tx,
  ref: string,
  options: { lock?: boolean } = {},
): Promise<PatternRow> {
  const row = await findPattern(tx, ref, options);
  if (row === undefined) throw notFound('pattern', ref);
  return row;
}

function assertVersion({ slug, version }: PatternRow, ifMatch: string | undefined): void {
  const given = (ifMatch ?? '')
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, '').replaceAll('"', ''));
  if (given.some((tag) => tag === '*' || tag === String(version))) return;
  throw agentError('agents.pattern.version_mismatch', {
    kind: 'conflict',
    message: `Pattern "${slug}" was changed meanwhile: it is at version ${version}. Read it again and repeat the change.`,
    details: { version },
  });
}

function readOnly(slug: string) {
  return agentError('agents.pattern.read_only', {
    kind: 'conflict',
    message: `Pattern "${slug}" came with the product and cannot be deleted. Change its settings, or leave it unused.`,
  });
}

async function create(
  tx: Tx,
  { scope, nowMs }: { scope: PatternScope; nowMs: number },
  wanted: { definition: PatternDefinition; slug: string | undefined },
): Promise<Pattern> {
  const { name } = wanted.definition;
  const candidates =
    wanted.slug === undefined ? slugCandidates(slugFrom(name, 'pattern')) : [wanted.slug];
  for (const slug of candidates) {
    if (PATTERN_KINDS.some((kind) => kind === slug)) continue;
    const at = new Date(nowMs);
    const row: PatternRow = {
      id: newId(nowMs),
      workspaceId: scope.workspaceId,
      slug,
      version: 1,
      seeded: false,
      createdAt: at,
      updatedAt: at,
      ...wanted.definition,
    };
    if (await insertPattern(tx, row, scope.by)) return toPattern(row);
  }
  throw agentError('agents.pattern.slug_taken', {
    kind: 'conflict',
    message: `The slug "${wanted.slug ?? name}" is that of another pattern or the name of a kind. Choose another, or leave it out to have one made.`,
    errors: [{ pointer: '/slug', message: 'taken' }],
  });
}
