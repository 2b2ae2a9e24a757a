import type { WorkUnit } from '@automatos/agents';
import type { TargetFacts } from '../target/target-facts.ts';

/** How hard something is, 0–1, and what makes it so. */
export interface Complexity {
  score: number;
  reasons: string[];
}

const MAKES =
  /\b(generat\w*|write|implement\w*|fix\w*|design\w*|refactor\w*|migrat\w*|create|build)\b/i;
const WORDS_LONG = 40;

/** 0–1 of one unit. */
export function complexityOf(
  unit: Pick<WorkUnit, 'prompt' | 'dependsOn'>,
  facts: TargetFacts,
): number {
  const making = MAKES.test(unit.prompt) ? 0.2 : 0;
  const long = unit.prompt.split(/\s+/).length > WORDS_LONG ? 0.1 : 0;
  const building = Math.min(0.2, unit.dependsOn.length * 0.1);
  return round(Math.min(1, 0.2 + sizeOf(facts) + making + long + building));
}

/** Of the task as a whole: its hardest unit, and what comes from there being several. */
export function taskComplexity(units: readonly WorkUnit[], facts: TargetFacts): Complexity {
  const hardest = Math.max(...units.map(({ complexity }) => complexity), 0);
  const dependent = units.filter(({ dependsOn }) => dependsOn.length > 0).length;
  const fields = new Set(units.flatMap(({ needs }) => needs)).size;
  const score = round(Math.min(1, hardest + 0.05 * (units.length - 1) + 0.05 * dependent));
  const reasons = [
    `The hardest of ${count(units.length, 'part')} counts ${hardest}.`,
    ...(fields > 1 ? [`${fields} capabilities are called for.`] : []),
    ...(dependent > 0 ? [`${count(dependent, 'part')} must wait for others.`] : []),
    ...(sizeOf(facts) > 0 ? [`The target is large: ${facts.files} files.`] : []),
    ...(units.some(({ prompt }) => MAKES.test(prompt))
      ? ['Something has to be made, not only looked at.']
      : []),
  ];
  return { score, reasons };
}

function sizeOf({ files }: TargetFacts): number {
  if (files > 1_000) return 0.3;
  if (files > 200) return 0.2;
  return files > 50 ? 0.1 : 0;
}

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;
const round = (value: number) => Math.round(value * 100) / 100;
