'use client';

import { listRecipes, type RecipeSummary } from '@automatos/sdk';
import { BookOpenText, Bot, FileUp, ListOrdered, Play, Plus } from 'lucide-react';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Badge } from '../../components/ui/badge.tsx';
import { Button, ButtonLink } from '../../components/ui/button.tsx';
import { Card } from '../../components/ui/card.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Input } from '../../components/ui/input.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { plural } from '../../lib/format.ts';
import { useDebounced } from '../../lib/use-debounced.ts';
import { usePaged } from '../../lib/use-paged.ts';
import { useMay } from '../session/use-session.ts';
import { Featured } from './gallery/featured.tsx';

const ImportDialog = dynamic(
  async () => (await import('./gallery/import-dialog.tsx')).ImportDialog,
  { ssr: false },
);

function RecipeCard({ recipe, mayRun }: { recipe: RecipeSummary; mayRun: boolean }) {
  return (
    <li>
      <Card className="relative flex h-full flex-col p-5 transition-colors hover:border-line-strong/60">
        <div className="flex flex-wrap gap-1.5">
          {recipe.tags.slice(0, 4).map((tag) => (
            <Badge key={tag}>{tag}</Badge>
          ))}
        </div>
        <h2 className="mt-3 text-lg font-semibold">
          <Link
            href={`/recipes/${recipe.slug}`}
            className="after:absolute after:inset-0 hover:text-accent-strong"
          >
            {recipe.name}
          </Link>
        </h2>
        <p className="mt-1.5 line-clamp-4 text-sm text-ink-soft">{recipe.description}</p>
        <ul className="mt-4 grid gap-1.5 text-[0.8125rem] text-ink-soft">
          <li className="flex gap-2">
            <ListOrdered aria-hidden className="mt-0.5 size-4 shrink-0" />
            {plural(recipe.step_count, 'step')}, version {recipe.version}
          </li>
          <li className="flex gap-2">
            <Bot aria-hidden className="mt-0.5 size-4 shrink-0" />
            <span className="wrap-anywhere">
              {recipe.agents.length === 0 ? 'No agents, tools only' : recipe.agents.join(', ')}
            </span>
          </li>
        </ul>
        <div className="mt-auto flex items-center justify-between gap-3 pt-5">
          <p className="text-[0.8125rem] text-ink-soft">
            {recipe.runs_total === 0 ? (
              'Not cooked yet'
            ) : (
              <>
                {plural(recipe.runs_total, 'run')}, last <RelativeTime time={recipe.last_run_at} />
              </>
            )}
          </p>
          {mayRun ? (
            <ButtonLink
              href={`/recipes/${recipe.slug}?cook=1`}
              size="sm"
              variant="primary"
              className="relative"
              aria-label={`Cook ${recipe.name}`}
            >
              <Play aria-hidden className="size-4" /> Cook
            </ButtonLink>
          ) : null}
        </div>
      </Card>
    </li>
  );
}

export function RecipeGallery() {
  const client = useApi();
  const mayRun = useMay('recipes:run');
  const mayWrite = useMay('recipes:write');
  const [importing, setImporting] = useState(false);
  const [search, setSearch] = useState('');
  const settled = useDebounced(search.trim());
  const filter = settled === '' ? {} : { search: settled };
  const { query, items } = usePaged(['recipes', 'list', filter], async (cursor, signal) => {
    const paging = { limit: 24, ...(cursor === undefined ? {} : { cursor }) };
    return (await listRecipes({ client, query: { ...filter, ...paging }, signal })).data;
  });
  return (
    <>
      <PageHeader
        title="Recipes"
        lead="Stored processes of agents and tools. Choose one, give it real data, and cook."
        actions={
          mayWrite ? (
            <>
              <Button onClick={() => setImporting(true)}>
                <FileUp aria-hidden className="size-4" /> Import
              </Button>
              <ButtonLink href="/recipes/new" variant="primary">
                <Plus aria-hidden className="size-4" /> New recipe
              </ButtonLink>
            </>
          ) : undefined
        }
      />
      <div role="search" aria-label="Recipes" className="mb-5 max-w-md">
        <Input
          type="search"
          aria-label="Search recipes"
          placeholder="Search by name or description"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </div>
      {query.isError ? (
        <ErrorState
          what="Recipes could not be loaded"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      ) : items === undefined ? (
        <SkeletonList label="recipes" rows={3} height="h-48" />
      ) : items.length === 0 ? (
        <Card>
          <EmptyState
            icon={BookOpenText}
            title={settled === '' ? 'No recipes yet' : 'No recipe matches'}
          >
            {settled === ''
              ? 'Write one with the editor, or import its YAML.'
              : 'Search for something else.'}
          </EmptyState>
        </Card>
      ) : (
        <ul aria-label="Recipes" className="grid gap-5 sm:grid-cols-2 xl:grid-cols-3">
          {items.map((recipe) => (
            <RecipeCard key={recipe.id} recipe={recipe} mayRun={mayRun} />
          ))}
        </ul>
      )}
      <LoadMore query={query} />
      {settled === '' ? <Featured /> : null}
      {importing ? <ImportDialog onClose={() => setImporting(false)} /> : null}
    </>
  );
}
