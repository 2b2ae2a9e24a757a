'use client';

import { CircleAlert } from 'lucide-react';
import { Card } from '../../../components/ui/card.tsx';
import { plural } from '../../../lib/format.ts';
import { placeOf } from './document/problems.ts';
import { stepOfPointer } from './document/step-tree.ts';
import { useEditor } from './editor-context.tsx';
import { Suggestion } from './suggestion.tsx';

/** Everything that is wrong, each with its place to go to and its repair. */
export function ProblemsPanel() {
  const { problems, document, steps, reveal } = useEditor();
  if (problems.length === 0) return null;
  return (
    <section aria-labelledby="editor-problems" id="problems" className="mt-6">
      <h2 id="editor-problems" className="mb-3 text-base font-semibold">
        {plural(problems.length, 'problem')}
      </h2>
      <Card>
        <ul aria-label="Problems" className="divide-y divide-line">
          {problems.map((problem, index) => {
            const { line, column } = placeOf(document.text, problem);
            const where =
              stepOfPointer(steps, problem.pointer)?.name ?? problem.pointer.split('/')[1];
            return (
              <li
                key={`${index}/${problem.pointer}`}
                className="px-4 py-3 sm:flex sm:items-start sm:justify-between sm:gap-4"
              >
                <button
                  type="button"
                  onClick={() => reveal(problem)}
                  className="flex min-w-0 gap-3 rounded-lg text-left text-sm hover:text-accent-strong"
                >
                  <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
                  <span className="min-w-0">
                    <span className="block wrap-anywhere">{problem.message}</span>
                    <span className="block text-[0.8125rem] text-ink-soft wrap-anywhere">
                      {where === undefined || where === '' ? null : `${where}, `}line {line}, column{' '}
                      {column}
                    </span>
                  </span>
                </button>
                <Suggestion problem={problem} />
              </li>
            );
          })}
        </ul>
      </Card>
    </section>
  );
}
