'use client';

import { deleteRecipe, type Recipe } from '@automatos/sdk';
import { ChevronLeft, PencilLine, Play, Trash2 } from 'lucide-react';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Badge } from '../../components/ui/badge.tsx';
import { Button, ButtonLink, IconButton } from '../../components/ui/button.tsx';
import { DeleteDialog } from '../../components/ui/delete-dialog.tsx';
import { Dialog } from '../../components/ui/dialog.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { Tabs } from '../../components/ui/tabs.tsx';
import { plural } from '../../lib/format.ts';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { useSearchParam } from '../../lib/use-search-param.ts';
import { useMay } from '../session/use-session.ts';
import { OverviewTab } from './detail/overview-tab.tsx';
import { useRecipe } from './recipe-queries.ts';

const loading = () => <SkeletonList label="tab" rows={3} height="h-24" />;
// What is not seen at first is loaded when it is opened.
const YamlTab = dynamic(async () => (await import('./detail/yaml-tab.tsx')).YamlTab, { loading });
const VersionsTab = dynamic(async () => (await import('./detail/versions-tab.tsx')).VersionsTab, {
  loading,
});
const SchedulesTab = dynamic(
  async () => (await import('./schedules/schedules-tab.tsx')).SchedulesTab,
  { loading },
);
const TriggersTab = dynamic(async () => (await import('./triggers/triggers-tab.tsx')).TriggersTab, {
  loading,
});
const LearningTab = dynamic(async () => (await import('./learning/learning-tab.tsx')).LearningTab, {
  loading,
});
const CookForm = dynamic(async () => (await import('./cook-form.tsx')).CookForm, {
  ssr: false,
  loading: () => <SkeletonList label="form" rows={2} />,
});

function tabsOf(recipe: Recipe) {
  return [
    { value: 'overview', label: 'Overview', content: <OverviewTab recipe={recipe} /> },
    { value: 'yaml', label: 'YAML', content: <YamlTab recipe={recipe} /> },
    { value: 'versions', label: 'Versions', content: <VersionsTab recipe={recipe} /> },
    { value: 'schedule', label: 'Schedule', content: <SchedulesTab recipe={recipe} /> },
    { value: 'triggers', label: 'Triggers', content: <TriggersTab recipe={recipe} /> },
    { value: 'learning', label: 'Learning', content: <LearningTab recipe={recipe} /> },
  ];
}

function DeleteRecipe({ recipe, onClose }: { recipe: Recipe; onClose: () => void }) {
  const client = useApi();
  return (
    <DeleteDialog
      name={recipe.name}
      what="recipe"
      description="Its schedules and triggers stop. Runs and their reports stay."
      area="recipes"
      remove={() =>
        deleteRecipe({
          client,
          path: { recipe_id: recipe.id },
          headers: { 'Idempotency-Key': newIdempotencyKey() },
        })
      }
      goTo="/recipes"
      onClose={onClose}
    />
  );
}

function Actions({
  recipe,
  onCook,
  onDelete,
}: {
  recipe: Recipe;
  onCook: () => void;
  onDelete: () => void;
}) {
  const mayRun = useMay('recipes:run');
  const mayWrite = useMay('recipes:write');
  return (
    <>
      {mayWrite ? (
        <IconButton label="Delete the recipe" onClick={onDelete}>
          <Trash2 aria-hidden className="size-4" />
        </IconButton>
      ) : null}
      <ButtonLink href={`/runs?recipe=${recipe.slug}`}>
        {plural(recipe.runs_total, 'run')}
      </ButtonLink>
      {mayWrite ? (
        <ButtonLink href={`/recipes/${recipe.slug}/edit`}>
          <PencilLine aria-hidden className="size-4" /> Edit
        </ButtonLink>
      ) : null}
      {mayRun ? (
        <Button variant="primary" onClick={onCook}>
          <Play aria-hidden className="size-4" /> Cook
        </Button>
      ) : null}
    </>
  );
}

/** One recipe: what it does, its versions, what starts it, and what its runs teach. */
export function RecipeDetail({ slug }: { slug: string }) {
  const recipe = useRecipe(slug);
  const mayRun = useMay('recipes:run');
  const [cook, setCook] = useSearchParam('cook');
  const [tab, setTab] = useSearchParam('tab');
  const [deleting, setDeleting] = useState(false);
  if (recipe.isError) {
    return (
      <ErrorState
        what="The recipe could not be loaded"
        error={recipe.error}
        onRetry={() => void recipe.refetch()}
      />
    );
  }
  if (recipe.data === undefined) return <SkeletonList label="recipe" rows={3} height="h-40" />;
  const { data } = recipe;
  const items = tabsOf(data);
  return (
    <>
      <Link
        href="/recipes"
        className="mb-3 inline-flex min-h-9 items-center gap-1 text-sm text-ink-soft hover:text-ink"
      >
        <ChevronLeft aria-hidden className="size-4" /> Recipes
      </Link>
      <PageHeader
        title={data.name}
        lead={data.description}
        actions={
          <Actions recipe={data} onCook={() => setCook('1')} onDelete={() => setDeleting(true)} />
        }
      />
      <div className="mb-6 flex flex-wrap gap-1.5">
        <Badge tone="accent">Version {data.version}</Badge>
        {data.tags.map((tag) => (
          <Badge key={tag}>{tag}</Badge>
        ))}
        {data.agents.map((agent) => (
          <Link key={agent} href={`/agents/${agent}`} className="rounded-full">
            <Badge tone="busy">Agent {agent}</Badge>
          </Link>
        ))}
      </div>
      <Tabs
        label="Recipe"
        value={items.some(({ value }) => value === tab) ? (tab ?? 'overview') : 'overview'}
        onValueChange={(value) => setTab(value === 'overview' ? null : value)}
        items={items}
      />
      <Dialog
        open={cook !== null && mayRun}
        onOpenChange={(open) => setCook(open ? '1' : null)}
        title={`Cook ${data.name}`}
        description="Runs on this machine and can be left at any time; it goes on by itself."
      >
        <CookForm slug={data.slug} schema={data.definition.inputs} />
      </Dialog>
      {deleting ? <DeleteRecipe recipe={data} onClose={() => setDeleting(false)} /> : null}
    </>
  );
}
