import type { WorkUnit } from '@automatos/agents';
import { cutText } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import type { TargetFacts } from '../target/target-facts.ts';
import { complexityOf, taskComplexity } from './complexity.ts';
import type { Complexity } from './complexity.ts';
import { BROAD_GOALS, fieldOfTarget, isQuestion, needsOfTarget } from './defaults.ts';
import { splitGoal } from './split-goal.ts';
import type { GoalPart } from './split-goal.ts';
import { FIELD_OF } from './vocabulary.ts';

const UNITS_MAX = 12;
const TITLE_CHARACTERS = 80;

export interface DecompositionRequest {
  goal: string;
  facts: TargetFacts;
  parameters: JsonObject;
  /** Capabilities that agents of the workspace have. */
  capabilities: readonly string[];
}

/** A goal as units of work. */
export interface Decomposition {
  units: WorkUnit[];
  /** What the split rests on, in sentences. */
  assumptions: string[];
  complexity: Complexity;
  /** Who split it: words and rules, or a model. */
  by: 'rules' | 'model';
}

interface Draft {
  text: string;
  /** Null when the words call for no known capability. */
  need: string | null;
  step: number;
}

/**
 * Splits a goal without a model: by its clauses, by words that capabilities are known by, by what the target is, and by what
 * is said to come after what. The same goal and target always give the same units.
 */
export function decompose(request: DecompositionRequest): Decomposition {
  const assumptions: string[] = [];
  const { steps, reporting } = splitGoal(request.goal, request.capabilities);
  const drafts = withoutRemarks(steps).flatMap((parts, step) =>
    parts.flatMap((part) => draftsOf(request, { part, step, assumptions })),
  );
  if (drafts.length === 0) {
    drafts.push(...draftsOf(request, { part: wholeOf(request.goal), step: 0, assumptions }));
  }
  if (reporting.length > 0) {
    assumptions.push(
      `"${cutText(reporting[0] ?? '', 60)}" is what the last stages do for every task.`,
    );
  }
  const merged = merge(drafts);
  if (merged.length > UNITS_MAX) {
    assumptions.push(`Only the first ${UNITS_MAX} of ${merged.length} parts are worked on.`);
  }
  const units = toUnits(request, merged.slice(0, UNITS_MAX));
  return { units, assumptions, complexity: taskComplexity(units, request.facts), by: 'rules' };
}

/** Sentences that call for nothing are said to the part before them, or the first one, when others do. */
function withoutRemarks(steps: readonly GoalPart[][]): GoalPart[][] {
  const isWork = ({ text, needs }: GoalPart) =>
    needs.length > 0 || BROAD_GOALS.some(({ says }) => says.test(text));
  const first = steps.flat().find(isWork);
  if (first === undefined) return [...steps];
  let before = first;
  return steps.map((parts) =>
    parts.filter((part) => {
      if (isWork(part)) {
        before = part;
        return true;
      }
      before.text = `${before.text}. ${part.text}`;
      return false;
    }),
  );
}

const wholeOf = (goal: string): GoalPart => ({ text: goal, needs: [] });

function draftsOf(
  request: DecompositionRequest,
  { part, step, assumptions }: { part: GoalPart; step: number; assumptions: string[] },
): Draft[] {
  const preferred = fieldOfTarget(request.facts);
  const clear = part.needs.filter(({ score }) => score >= 1);
  if (clear.length > 0) {
    return clear.map(({ capability }) => ({ text: part.text, need: capability, step }));
  }
  const broad = BROAD_GOALS.find(({ says }) => says.test(part.text));
  if (broad !== undefined && isAboutSource(request.facts)) {
    assumptions.push(`The goal asks for ${broad.name}, so it is looked at from several sides.`);
    return sides(request, { text: part.text, needs: broad.needs, step, assumptions });
  }
  const weak = part.needs[0];
  if (weak !== undefined && (preferred === null || preferred === weak.field)) {
    return [{ text: part.text, need: weak.capability, step }];
  }
  const byTarget = needsOfTarget(request.facts);
  if (byTarget.length > 0 && (weak === undefined || preferred !== null)) {
    // What the words hint at counts before what the target would allow.
    const hinted = weak === undefined ? [] : [weak.capability];
    const needs = hinted.length > 0 && request.facts.kind === 'folder' ? hinted : byTarget;
    if (needs === byTarget) {
      assumptions.push(`The words name no kind of work; ${lowerFirst(request.facts.summary)}`);
    }
    return sides(request, { text: part.text, needs, step, assumptions });
  }
  if (isQuestion(part.text) || request.facts.kind === 'text') {
    assumptions.push('It is a question without a target to measure, so it is researched.');
    return [{ text: part.text, need: 'research', step }];
  }
  return [{ text: part.text, need: weak?.capability ?? null, step }];
}

function isAboutSource({ kind, sourceFiles }: TargetFacts): boolean {
  return kind === 'none' || (kind === 'folder' && sourceFiles > 0);
}

/** One draft for each side that somebody here can look at; all of them when nobody can, so that what is missing is told. */
function sides(
  { capabilities }: DecompositionRequest,
  {
    text,
    needs,
    step,
    assumptions,
  }: { text: string; needs: readonly string[]; step: number; assumptions: string[] },
): Draft[] {
  const fields = new Set(capabilities.map((name) => FIELD_OF[name] ?? name));
  const served = needs.filter((need) => fields.has(FIELD_OF[need] ?? need));
  const missing = needs.filter((need) => !served.includes(need));
  if (served.length > 0 && missing.length > 0) {
    assumptions.push(`No agent here does ${missing.join(', ')}, so that side is left out.`);
  }
  return (served.length > 0 ? served : needs).map((need) => ({ text, need, step }));
}

/** Parts of one step that call for the same are one piece of work. */
function merge(drafts: readonly Draft[]): Draft[] {
  const merged: Draft[] = [];
  for (const draft of drafts) {
    const same = merged.find(({ need, step }) => need === draft.need && step === draft.step);
    if (same === undefined) merged.push({ ...draft });
    else if (!same.text.includes(draft.text)) same.text = `${same.text}; ${draft.text}`;
  }
  return merged;
}

function toUnits({ facts }: DecompositionRequest, drafts: readonly Draft[]): WorkUnit[] {
  const ids = new Map<string, number>();
  const named = drafts.map((draft) => {
    const base = (draft.need ?? 'work').toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');
    const number = (ids.get(base) ?? 0) + 1;
    ids.set(base, number);
    return { ...draft, id: number === 1 ? base : `${base}_${number}` };
  });
  const levels = [...new Set(named.map(({ step }) => step))].toSorted((a, b) => a - b);
  return named.map(({ id, text, need, step }) => {
    const before = levels[levels.indexOf(step) - 1];
    const dependsOn = named.filter((other) => other.step === before).map((other) => other.id);
    const several = named.some((other) => other.id !== id && other.text === text);
    const prompt = several && need !== null ? `${sentence(text)} ${sideOf(need)}` : sentence(text);
    return {
      id,
      title: titleOf(text, several ? need : null),
      prompt,
      needs: need === null ? [] : [need],
      inputs: {},
      dependsOn,
      complexity: complexityOf({ prompt: text, dependsOn }, facts),
    };
  });
}

const sideOf = (need: string) => `Your part of it is ${need.replaceAll('_', ' ')}.`;

function titleOf(text: string, need: string | null): string {
  if (need !== null) return upperFirst(need.replaceAll('_', ' '));
  return upperFirst(cutText(text, TITLE_CHARACTERS));
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? upperFirst(text) : `${upperFirst(text)}.`;
}

const upperFirst = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
