'use client';

import type { Recipe } from '@automatos/sdk';
import dynamic from 'next/dynamic';
import { useMemo } from 'react';
import { Section } from '../../../components/ui/card.tsx';
import { Skeleton } from '../../../components/ui/skeleton.tsx';
import type { Json } from '../editor/document/json-edit.ts';
import { allSteps, stepTree, text, type StepItem } from '../editor/document/step-tree.ts';
import { stepType } from '../editor/step-types.ts';
import { inputFields } from '../input-fields.ts';

const RecipePicture = dynamic(async () => (await import('./recipe-picture.tsx')).RecipePicture, {
  ssr: false,
  loading: () => <Skeleton className="h-56 rounded-b-none" />,
});

function noteOf({ type, value }: StepItem): string {
  const named = text(value['agent']) || text(value['tool']) || text(value['recipe']);
  return named === '' ? stepType(type).label : `${stepType(type).label} ${named}`;
}

function Steps({ recipe }: { recipe: Recipe }) {
  const tree = useMemo(() => stepTree(recipe.definition as unknown as Json), [recipe.definition]);
  return (
    <Section title="Steps">
      <RecipePicture definition={recipe.definition as unknown as Json} tree={tree} />
      <ol aria-label="Steps" className="divide-y divide-line border-t border-line text-sm">
        {allSteps(tree).map((step) => {
          const { icon: Icon } = stepType(step.type);
          return (
            <li
              key={step.pointer}
              className="flex flex-wrap justify-between gap-x-4 py-2.5 pr-5"
              style={{ paddingLeft: `${1.25 + step.depth * 1.25}rem` }}
            >
              <span className="flex min-w-0 items-center gap-2.5 font-medium">
                <Icon aria-hidden className="size-4 shrink-0 text-ink-soft" /> {step.name}
              </span>
              <span className="text-ink-soft">{noteOf(step)}</span>
            </li>
          );
        })}
      </ol>
    </Section>
  );
}

/** Steps and inputs of the current version. */
export function OverviewTab({ recipe }: { recipe: Recipe }) {
  const fields = inputFields(recipe.definition.inputs);
  return (
    <div className="grid grid-cols-1 gap-8">
      <Steps recipe={recipe} />
      <Section title="Inputs">
        {fields.length === 0 ? (
          <p className="px-5 py-4 text-sm text-ink-soft">This recipe needs no input.</p>
        ) : (
          <dl className="divide-y divide-line text-sm">
            {fields.map((field) => (
              <div
                key={field.name}
                className="grid gap-x-4 gap-y-0.5 px-5 py-3 sm:grid-cols-[12rem_1fr]"
              >
                <dt>
                  <code className="font-mono text-[0.8125rem]">{field.name}</code>
                  {field.required ? (
                    <span className="ml-2 text-xs text-ink-soft">needed</span>
                  ) : null}
                </dt>
                <dd className="text-ink-soft">
                  {field.help ?? field.label}
                  {typeof field.initial === 'string' && field.initial !== '' ? (
                    <span className="block text-xs wrap-anywhere">
                      Default: {field.initial.replaceAll('\n', ', ')}
                    </span>
                  ) : null}
                </dd>
              </div>
            ))}
          </dl>
        )}
      </Section>
    </div>
  );
}
