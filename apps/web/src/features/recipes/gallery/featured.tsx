'use client';

import { installFeaturedRecipe, listFeaturedRecipes, type FeaturedRecipe } from '@automatos/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Download, Hourglass } from 'lucide-react';
import { useApi } from '../../../components/api-context.ts';
import { Badge } from '../../../components/ui/badge.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { Card } from '../../../components/ui/card.tsx';
import { cn } from '../../../components/ui/cn.ts';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { SkeletonList } from '../../../components/ui/skeleton.tsx';
import { useToast } from '../../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../../lib/idempotency-key.ts';
import { problemText } from '../../../lib/problem-text.ts';
import { useMay } from '../../session/use-session.ts';

function FeaturedCard({ recipe, mayWrite }: { recipe: FeaturedRecipe; mayWrite: boolean }) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const install = useMutation({
    mutationFn: () =>
      installFeaturedRecipe({
        client,
        path: { slug: recipe.slug },
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      }),
    onSuccess: () => {
      notify({ kind: 'success', title: `${recipe.name} is in the workspace` });
      void queries.invalidateQueries({ queryKey: ['recipes'] });
    },
    onError: (error) =>
      notify({ kind: 'error', title: 'The recipe could not be added', detail: problemText(error) }),
  });
  const waiting = recipe.status === 'waiting';
  return (
    <li>
      <Card
        className={cn(
          'flex h-full flex-col p-4',
          waiting && 'border-dashed !bg-sunken/60 shadow-none',
        )}
      >
        <div className="flex items-start justify-between gap-3">
          <h3 className={cn('font-semibold', waiting && 'text-ink-soft')}>{recipe.name}</h3>
          {waiting ? (
            <Badge icon={<Hourglass aria-hidden className="size-3.5" />}>Not yet</Badge>
          ) : null}
        </div>
        <p className="mt-1 line-clamp-3 text-sm text-ink-soft">{recipe.description}</p>
        {waiting && recipe.waits_for !== null ? (
          <p className="mt-3 text-[0.8125rem] text-ink-soft">Waits for: {recipe.waits_for}</p>
        ) : null}
        {!waiting && mayWrite ? (
          <div className="mt-auto pt-3">
            <Button size="sm" pending={install.isPending} onClick={() => install.mutate()}>
              {install.isPending ? null : <Download aria-hidden className="size-4" />} Put it back
              <span className="sr-only">: {recipe.name}</span>
            </Button>
          </div>
        ) : null}
      </Card>
    </li>
  );
}

/** Recipes of the product that are not in the workspace: taken out, or still waiting for something. */
export function Featured() {
  const client = useApi();
  const mayWrite = useMay('recipes:write');
  const featured = useQuery({
    queryKey: ['recipes', 'featured'],
    queryFn: async ({ signal }) => (await listFeaturedRecipes({ client, signal })).data.items,
  });
  const missing = featured.data?.filter(({ installed }) => !installed);
  if (missing?.length === 0) return null;
  return (
    <section aria-labelledby="featured" className="mt-12">
      <h2 id="featured" className="mb-1 text-base font-semibold">
        More from the product
      </h2>
      <p className="mb-4 text-sm text-ink-soft">
        Not in this workspace: taken out of it, or waiting for a part of the product that is not
        there yet.
      </p>
      {featured.isError ? (
        <ErrorState
          compact
          what="These recipes could not be loaded"
          error={featured.error}
          onRetry={() => void featured.refetch()}
        />
      ) : missing === undefined ? (
        <SkeletonList label="recipes of the product" rows={2} height="h-28" />
      ) : (
        <ul
          aria-label="Recipes of the product"
          className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3"
        >
          {missing.map((recipe) => (
            <FeaturedCard key={recipe.slug} recipe={recipe} mayWrite={mayWrite} />
          ))}
        </ul>
      )}
    </section>
  );
}
