import type { RecipeDefinition, Suggestion } from '@automatos/contracts';
import { diffJson, diffLines } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import { contentHash } from '@automatos/kernel/hash';
import type { DraftStep } from '../definition/draft-step.ts';
import { toYaml } from '../definition/to-yaml.ts';
import { stepHash } from './history.ts';

export type SuggestionKind = Suggestion['kind'];

/** A change that the runs speak for. */
export interface Candidate {
  /** Equal for equal advice about an equal recipe, whatever the figures are. */
  id: string;
  kind: SuggestionKind;
  stepId: string | null;
  title: string;
  evidence: string[];
  /** The whole recipe with the change. */
  definition: RecipeDefinition;
}

/** Id of advice of one kind about one step as it is now; `about` tells several of a kind apart. */
export function candidateId(
  kind: SuggestionKind,
  draft: DraftStep | null,
  about: unknown = null,
): string {
  const step = draft === null ? null : { id: draft.stepId, hash: stepHash(draft) };
  return contentHash({ kind, step, about }).slice(0, 32);
}

/** The definition with one step changed; the given one stays as it is. */
export function withStep(
  definition: RecipeDefinition,
  draft: DraftStep,
  change: (step: JsonObject) => void,
): RecipeDefinition {
  const copy = structuredClone(definition);
  let at = copy as unknown as JsonValue;
  for (const segment of draft.path) {
    at = (at as { [key: string | number]: JsonValue })[segment] ?? null;
  }
  change(at as JsonObject);
  return copy;
}

/** Lines around a change that are shown with it. */
const CONTEXT_LINES = 3;
const LINES_MAX = 2_000;

/** The candidate as the API shows it before anybody decided about it. */
export function toSuggestion(
  candidate: Candidate,
  base: { version: number; definition: RecipeDefinition },
): Suggestion {
  const { id, kind, stepId, title, evidence, definition } = candidate;
  const json = (value: RecipeDefinition) => value as unknown as JsonObject;
  const lines = diffLines(toYaml(base.definition), toYaml(definition));
  return {
    id,
    kind,
    step_id: stepId,
    title,
    evidence,
    base_version: base.version,
    changes: diffJson(json(base.definition), json(definition)),
    diff: lines.filter((_line, index) => nearChange(lines, index)).slice(0, LINES_MAX),
    status: 'open',
    applied_version: null,
    before: null,
    after: null,
    verdict: null,
  };
}

function nearChange(lines: readonly { kind: string }[], index: number): boolean {
  const around = lines.slice(Math.max(0, index - CONTEXT_LINES), index + CONTEXT_LINES + 1);
  return around.some(({ kind }) => kind !== 'same');
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

export function seconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}
