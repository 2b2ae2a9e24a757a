import type { RecipeStep } from '@automatos/contracts';
import { isJsonObject } from '@automatos/kernel';
import type { JsonValue } from '@automatos/kernel';
import type { DraftStep } from '../definition/draft-step.ts';
import type { Path } from '../definition/pointer.ts';
import { isAgentStep } from '../definition/step-kinds.ts';
import type { SitePlace } from './names.ts';

/** A text of a recipe that may hold references. */
export interface TemplateSite {
  path: Path;
  text: string;
  /** `condition`: true or false; `list`: one reference to a list. */
  kind: 'template' | 'condition' | 'list';
  place: SitePlace;
}

/** Every text of a step (not of those inside it) in which references are replaced. */
export function templatesOf({ step, path }: DraftStep): TemplateSite[] {
  if (step === null) return [];
  const outside = (kind: TemplateSite['kind'], place: Path, text: string | undefined) =>
    text === undefined
      ? []
      : [{ path: [...path, ...place], text, kind, place: 'outside' } satisfies TemplateSite];
  const forEach = 'for_each' in step ? step.for_each : undefined;
  return [
    ...outside('condition', ['when'], step.when),
    ...outside('template', ['approval', 'message'], step.approval?.message),
    ...(typeof forEach === 'object'
      ? outside('list', ['for_each', 'items'], forEach.items)
      : outside('list', ['for_each'], forEach)),
    ...containerTexts(step, outside),
    ...leafTexts(step).map(([place, text]): TemplateSite => ({
      path: [...path, ...place],
      text,
      kind: 'template',
      place: 'inside',
    })),
    ...(step.type === 'loop'
      ? [
          {
            path: [...path, 'until'],
            text: step.until,
            kind: 'condition',
            place: 'inside',
          } as const,
        ]
      : []),
  ];
}

function containerTexts(
  step: RecipeStep,
  outside: (kind: TemplateSite['kind'], place: Path, text: string) => TemplateSite[],
): TemplateSite[] {
  if (step.type === 'map') return outside('list', ['items'], step.items);
  if (step.type !== 'branch') return [];
  return step.branches.flatMap((arm, index) =>
    outside('condition', ['branches', index, 'when'], arm.when),
  );
}

function leafTexts(step: RecipeStep): [Path, string][] {
  if (isAgentStep(step)) {
    return [[['prompt_template'], step.prompt_template], ...textsIn(step.inputs ?? {}, ['inputs'])];
  }
  switch (step.type) {
    case 'tool':
    // A program is taken as it is written: text of a stranger must not become part of it.
    case 'code':
      return textsIn(step.input, ['input']);
    case 'document':
      return [
        [['title'], step.title],
        [['template'], step.template],
      ];
    case 'recipe':
      return textsIn(step.inputs, ['inputs']);
    case 'approval':
      return [
        [['message'], step.message],
        ...(step.title === undefined ? [] : textsIn(step.title, ['title'])),
      ];
    case 'wait':
      return [
        ...(step.until === undefined ? [] : textsIn(step.until, ['until'])),
        ...(step.event === undefined ? [] : textsIn(step.event, ['event'])),
      ];
    default:
      return [];
  }
}

/** Every text inside a value with its path. */
export function textsIn(value: JsonValue, path: Path): [Path, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => textsIn(item, [...path, index]));
  }
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => textsIn(item, [...path, key]));
}
