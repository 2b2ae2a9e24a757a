'use client';

import { ChevronRight } from 'lucide-react';
import Link from 'next/link';
import { Section } from '../../components/ui/card.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { useRecipeNames } from '../recipes/recipe-queries.ts';

/** The recipes at hand, one click from their form. */
export function QuickActions() {
  const recipes = useRecipeNames()?.slice(0, 4);
  return (
    <Section title="Cook a recipe">
      {recipes === undefined ? (
        <div className="p-5">
          <SkeletonList label="recipes" rows={3} height="h-10" />
        </div>
      ) : recipes.length === 0 ? (
        <p className="px-5 py-4 text-sm text-ink-soft">No recipe is stored yet.</p>
      ) : (
        <ul className="divide-y divide-line">
          {recipes.map((recipe) => (
            <li key={recipe.id}>
              <Link
                href={`/recipes/${recipe.slug}?cook=1`}
                className="flex min-h-12 items-center justify-between gap-3 px-5 py-2.5 text-sm font-medium hover:bg-sunken/50 focus-visible:-outline-offset-2"
              >
                {recipe.name}
                <ChevronRight aria-hidden className="size-4 shrink-0 text-ink-soft" />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
