'use client';

import { ChevronLeft } from 'lucide-react';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { PageHeader } from '../../../components/ui/page-header.tsx';
import { SkeletonList } from '../../../components/ui/skeleton.tsx';
import { useRecipe } from '../recipe-queries.ts';

const loading = () => <SkeletonList label="editor" rows={2} height="h-64" />;
const Editor = dynamic(async () => (await import('./editor.tsx')).Editor, { ssr: false, loading });

function Back({ href, label }: { href: string; label: string }) {
  return (
    <Link
      href={href}
      className="mb-3 inline-flex min-h-9 items-center gap-1 text-sm text-ink-soft hover:text-ink"
    >
      <ChevronLeft aria-hidden className="size-4" /> {label}
    </Link>
  );
}

export function NewRecipe() {
  return (
    <>
      <Back href="/recipes" label="Recipes" />
      <PageHeader
        title="New recipe"
        lead="Begin with this small one, or paste YAML in the YAML view."
      />
      <Editor opened={null} />
    </>
  );
}

export function EditRecipe({ slug }: { slug: string }) {
  const recipe = useRecipe(slug);
  if (recipe.isError && recipe.data === undefined) {
    return (
      <ErrorState
        what="The recipe could not be loaded"
        error={recipe.error}
        onRetry={() => void recipe.refetch()}
      />
    );
  }
  return (
    <>
      <Back href={`/recipes/${slug}`} label={recipe.data?.name ?? 'Recipe'} />
      <PageHeader title={recipe.data === undefined ? 'Edit recipe' : `Edit ${recipe.data.name}`} />
      {recipe.data === undefined ? loading() : <Editor key={recipe.data.id} opened={recipe.data} />}
    </>
  );
}
