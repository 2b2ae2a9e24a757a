'use client';

import { listTools, type Tool } from '@automatos/sdk';
import { ChevronDown, Wrench } from 'lucide-react';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Badge, type Tone } from '../../components/ui/badge.tsx';
import { Card, Section } from '../../components/ui/card.tsx';
import { CodeBlock } from '../../components/ui/code-block.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Input } from '../../components/ui/input.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { formatDuration, sentence } from '../../lib/format.ts';
import { useDebounced } from '../../lib/use-debounced.ts';
import { usePaged } from '../../lib/use-paged.ts';

const CAPABILITY_TONES: Record<Tool['capabilities'][number], Tone> = {
  read: 'idle',
  write: 'warn',
  destructive: 'bad',
  network: 'busy',
  code: 'warn',
  money: 'bad',
};

function ToolItem({ tool }: { tool: Tool }) {
  const [open, setOpen] = useState(false);
  return (
    <li>
      <details className="group" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className="grid gap-x-6 gap-y-2 px-5 py-3.5 text-sm hover:bg-sunken/50 focus-visible:-outline-offset-2 sm:grid-cols-[minmax(0,1fr)_auto]">
          <span className="min-w-0">
            <span className="font-medium">{tool.title}</span>
            <code className="ml-2 font-mono text-xs text-ink-soft wrap-anywhere">{tool.name}</code>
            <span className="mt-0.5 block text-ink-soft">{tool.description}</span>
          </span>
          <span className="flex flex-wrap items-start gap-1.5">
            {tool.capabilities.map((capability) => (
              <Badge key={capability} tone={CAPABILITY_TONES[capability]}>
                {capability}
              </Badge>
            ))}
            <ChevronDown
              aria-hidden
              className="mt-1 size-4 text-ink-soft transition-transform group-open:rotate-180"
            />
          </span>
        </summary>
        {open ? (
          <div className="grid grid-cols-1 gap-4 border-t border-line px-5 py-4 lg:grid-cols-2">
            <p className="text-sm text-ink-soft lg:col-span-2">
              Stopped after {formatDuration(tool.timeout_ms)}.{' '}
              {tool.idempotent
                ? 'May be repeated without harm.'
                : 'Repeating it may have an effect again.'}
            </p>
            <div className="min-w-0">
              <p className="mb-1.5 text-xs font-medium text-ink-soft">Input schema</p>
              <CodeBlock
                label={`Input schema of ${tool.name}`}
                text={JSON.stringify(tool.input_schema, null, 2)}
                className="max-h-80"
              />
            </div>
            <div className="min-w-0">
              <p className="mb-1.5 text-xs font-medium text-ink-soft">Output schema</p>
              <CodeBlock
                label={`Output schema of ${tool.name}`}
                text={JSON.stringify(tool.output_schema, null, 2)}
                className="max-h-80"
              />
            </div>
          </div>
        ) : null}
      </details>
    </li>
  );
}

export function ToolCatalogue() {
  const client = useApi();
  const [search, setSearch] = useState('');
  const settled = useDebounced(search.trim());
  const filter = settled === '' ? {} : { search: settled };
  const { query, items } = usePaged(['tools', filter], async (cursor, signal) => {
    const paging = { limit: 100, ...(cursor === undefined ? {} : { cursor }) };
    return (await listTools({ client, query: { ...filter, ...paging }, signal })).data;
  });
  const groups = Object.entries(Object.groupBy(items ?? [], (tool) => tool.group));
  return (
    <>
      <PageHeader
        title="Tools"
        lead="Typed operations an agent may be given. Each call is checked, bounded and recorded."
      />
      <div role="search" aria-label="Tools" className="mb-6 max-w-md">
        <Input
          type="search"
          aria-label="Search tools"
          placeholder="Search by name or description"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </div>
      {query.isError ? (
        <ErrorState
          what="Tools could not be loaded"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      ) : items === undefined ? (
        <SkeletonList label="tools" rows={6} />
      ) : items.length === 0 ? (
        <Card>
          <EmptyState icon={Wrench} title="No tool matches">
            Search for something else.
          </EmptyState>
        </Card>
      ) : (
        <div className="grid grid-cols-1 gap-8">
          {groups.map(([group, tools]) => (
            <Section key={group} title={sentence(group)}>
              <ul aria-label={`Tools: ${group}`} className="divide-y divide-line">
                {tools?.map((tool) => (
                  <ToolItem key={tool.name} tool={tool} />
                ))}
              </ul>
            </Section>
          ))}
        </div>
      )}
      <LoadMore query={query} />
    </>
  );
}
