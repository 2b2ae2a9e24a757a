'use client';

import type { Recipe } from '@automatos/sdk';
import { Download } from 'lucide-react';
import { Card } from '../../../components/ui/card.tsx';
import { CodeBlock, CopyButton } from '../../../components/ui/code-block.tsx';
import { useWorkspaceHref } from '../../session/use-session.ts';

function ExportLink({ slug, format }: { slug: string; format: 'yaml' | 'json' }) {
  const href = useWorkspaceHref();
  return (
    <a
      href={href(`/api/workflow-recipes/${slug}/export?format=${format}`)}
      download={`${slug}.${format}`}
      className="inline-flex min-h-11 items-center gap-2 rounded-lg border border-line-strong/60 bg-surface px-3 text-sm font-medium hover:bg-sunken sm:min-h-9"
    >
      <Download aria-hidden className="size-4" /> {format.toUpperCase()}
      <span className="sr-only">file of the recipe</span>
    </a>
  );
}

/** The stored text, to read, copy or take along. */
export function YamlTab({ recipe }: { recipe: Recipe }) {
  return (
    <Card>
      <div className="flex flex-wrap items-center justify-between gap-3 px-5 py-3">
        <p className="text-sm text-ink-soft">Version {recipe.version} as it is stored</p>
        <div className="flex flex-wrap gap-2">
          <CopyButton text={recipe.yaml} label="Copy YAML" />
          <ExportLink slug={recipe.slug} format="yaml" />
          <ExportLink slug={recipe.slug} format="json" />
        </div>
      </div>
      <CodeBlock
        label="Recipe as YAML"
        text={recipe.yaml}
        className="max-h-[70dvh] rounded-t-none border-x-0 border-b-0"
      />
    </Card>
  );
}
