'use client';

import type { Recipe } from '@automatos/sdk';
import { ChevronLeft, Play } from 'lucide-react';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { StepGraphPanel } from '../kitchen/step-graph-panel.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Button, ButtonLink } from '../../components/ui/button.tsx';
import { Card, Section } from '../../components/ui/card.tsx';
import { CodeBlock, CopyButton } from '../../components/ui/code-block.tsx';
import { Dialog } from '../../components/ui/dialog.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { Tabs } from '../../components/ui/tabs.tsx';
import { plural } from '../../lib/format.ts';
import { useSearchParam } from '../../lib/use-search-param.ts';
import { useMay } from '../session/use-session.ts';
import { definedSteps, type DefinedStep } from './definition-graph.ts';
import { inputFields } from './input-fields.ts';
import { useRecipe, useRecipeVersions } from './recipe-queries.ts';

const CookForm = dynamic(async () => (await import('./cook-form.tsx')).CookForm, {
  ssr: false,
  loading: () => <SkeletonList label="form" rows={2} />,
});

function noteOf(step: DefinedStep): string {
  if (step.agent !== null) return `Agent ${step.agent}`;
  if (step.tool !== null) return `Tool ${step.tool}`;
  return step.type === 'document' ? 'Document' : 'Group';
}

function Overview({ recipe }: { recipe: Recipe }) {
  const steps = definedSteps(recipe.definition);
  const fields = inputFields(recipe.definition.inputs);
  return (
    <div className="grid grid-cols-1 gap-8">
      <Section title="Steps">
        <StepGraphPanel
          label="Steps of the recipe"
          steps={steps.map((step) => ({ ...step, note: noteOf(step), status: null }))}
        />
        <ol aria-label="Steps" className="divide-y divide-line border-t border-line text-sm">
          {steps.map((step) => (
            <li key={step.stepId} className="flex flex-wrap justify-between gap-x-4 px-5 py-2.5">
              <span className={step.parent === null ? 'font-medium' : 'pl-5 font-medium'}>
                {step.name}
              </span>
              <span className="text-ink-soft">{noteOf(step)}</span>
            </li>
          ))}
        </ol>
      </Section>
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

function YamlView({ recipe }: { recipe: Recipe }) {
  return (
    <Card>
      <div className="flex items-center justify-between gap-3 px-5 py-3">
        <p className="text-sm text-ink-soft">Version {recipe.version} as it is stored</p>
        <CopyButton text={recipe.yaml} label="Copy YAML" />
      </div>
      <CodeBlock
        label="Recipe as YAML"
        text={recipe.yaml}
        className="max-h-[70dvh] rounded-t-none border-x-0 border-b-0"
      />
    </Card>
  );
}

function Versions({ slug }: { slug: string }) {
  const versions = useRecipeVersions(slug);
  if (versions.isError) {
    return (
      <ErrorState
        what="Versions could not be loaded"
        error={versions.error}
        onRetry={() => void versions.refetch()}
      />
    );
  }
  if (versions.data === undefined) return <SkeletonList label="versions" rows={2} height="h-12" />;
  return (
    <Card>
      <ul aria-label="Versions" className="divide-y divide-line text-sm">
        {versions.data.items.map((version) => (
          <li
            key={version.version}
            className="flex flex-wrap items-baseline justify-between gap-x-4 px-5 py-3"
          >
            <span>
              <span className="font-medium">Version {version.version}</span>
              <span className="ml-3 font-mono text-xs text-ink-soft">
                {version.definition_hash.slice(0, 12)}
              </span>
            </span>
            <span className="text-ink-soft">
              {version.created_by}, <RelativeTime time={version.created_at} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

export function RecipeDetail({ slug }: { slug: string }) {
  const recipe = useRecipe(slug);
  const mayRun = useMay('recipes:run');
  const [cook, setCook] = useSearchParam('cook');
  const [tab, setTab] = useSearchParam('tab');
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
          <>
            <ButtonLink href={`/runs?recipe=${data.slug}`}>
              {plural(data.runs_total, 'run')}
            </ButtonLink>
            {mayRun ? (
              <Button variant="primary" onClick={() => setCook('1')}>
                <Play aria-hidden className="size-4" /> Cook
              </Button>
            ) : null}
          </>
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
        value={tab === 'yaml' || tab === 'versions' ? tab : 'overview'}
        onValueChange={(value) => setTab(value === 'overview' ? null : value)}
        items={[
          { value: 'overview', label: 'Overview', content: <Overview recipe={data} /> },
          { value: 'yaml', label: 'YAML', content: <YamlView recipe={data} /> },
          { value: 'versions', label: 'Versions', content: <Versions slug={data.slug} /> },
        ]}
      />
      <Dialog
        open={cook !== null && mayRun}
        onOpenChange={(open) => setCook(open ? '1' : null)}
        title={`Cook ${data.name}`}
        description="Runs on this machine and can be left at any time; it goes on by itself."
      >
        <CookForm slug={data.slug} schema={data.definition.inputs} />
      </Dialog>
    </>
  );
}
