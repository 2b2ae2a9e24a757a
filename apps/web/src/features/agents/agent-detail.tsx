'use client';

import { getAgent, getPersona, type Agent } from '@automatos/sdk';
import { useQuery } from '@tanstack/react-query';
import { ChevronLeft, Pencil } from 'lucide-react';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { useState, type ReactNode } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Section } from '../../components/ui/card.tsx';
import { CodeBlock } from '../../components/ui/code-block.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { Skeleton, SkeletonList } from '../../components/ui/skeleton.tsx';
import { Tabs } from '../../components/ui/tabs.tsx';
import { formatCost, formatDuration, formatNumber, sentence } from '../../lib/format.ts';
import { useSearchParam } from '../../lib/use-search-param.ts';
import { refText } from '../providers/provider-types.ts';
import { useMay } from '../session/use-session.ts';
import { AgentActions } from './agent-actions.tsx';
import { AgentStatusBadge } from './agent-status.tsx';

const loading = () => <SkeletonList label="tab" rows={3} height="h-24" />;
// What is not seen at first is loaded when it is opened.
const MetricsTab = dynamic(async () => (await import('./metrics-tab.tsx')).MetricsTab, { loading });
const HistoryTab = dynamic(async () => (await import('./history-tab.tsx')).HistoryTab, { loading });
const AgentVersionsTab = dynamic(
  async () => (await import('./agent-versions-tab.tsx')).AgentVersionsTab,
  { loading },
);
const FeedbackTab = dynamic(async () => (await import('./feedback-tab.tsx')).FeedbackTab, {
  loading,
});
const WorkDialog = dynamic(async () => (await import('./work-dialog.tsx')).WorkDialog, {
  ssr: false,
});
const ModelDialog = dynamic(async () => (await import('./model-dialog.tsx')).ModelDialog, {
  ssr: false,
});

function Facts({ items }: { items: [label: string, value: ReactNode][] }) {
  return (
    <dl className="divide-y divide-line text-sm">
      {items.map(([label, value]) => (
        <div key={label} className="flex justify-between gap-4 px-5 py-2.5">
          <dt className="text-ink-soft">{label}</dt>
          <dd className="text-right font-medium tabular-nums wrap-anywhere">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function levelText(level: Agent['tools'][number]['level']): string {
  if (typeof level === 'object') return level.actions.join(', ');
  return level === 'full' ? 'full' : 'read only';
}

function PersonaSection({ slug }: { slug: string }) {
  const client = useApi();
  const persona = useQuery({
    queryKey: ['personas', slug],
    queryFn: async ({ signal }) =>
      (await getPersona({ client, path: { persona_id: slug }, signal })).data,
  });
  return (
    <Section title="Persona">
      <div className="p-5">
        {persona.isError ? (
          <ErrorState
            compact
            what="The persona could not be loaded"
            error={persona.error}
            onRetry={() => void persona.refetch()}
          />
        ) : persona.data === undefined ? (
          <Skeleton className="h-24" />
        ) : (
          <>
            <p className="font-medium">{persona.data.name}</p>
            <p className="mt-0.5 mb-3 text-sm text-ink-soft">{persona.data.description}</p>
            <CodeBlock
              label={`Prompt of ${persona.data.name}`}
              text={persona.data.prompt}
              className="max-h-80 whitespace-pre-wrap"
            />
          </>
        )}
      </div>
    </Section>
  );
}

function Tools({ agent }: { agent: Agent }) {
  return (
    <Section title="Tools">
      {agent.tools.length === 0 ? (
        <p className="px-5 py-4 text-sm text-ink-soft">This agent may use no tools.</p>
      ) : (
        <ul className="divide-y divide-line text-sm">
          {agent.tools.map((grant) => (
            <li key={grant.tool} className="flex justify-between gap-4 px-5 py-2.5">
              <code className="font-mono text-[0.8125rem] wrap-anywhere">{grant.tool}</code>
              <span className="text-ink-soft">{levelText(grant.level)}</span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function ModelSection({ agent }: { agent: Agent }) {
  const mayWrite = useMay('agents:write');
  const [editing, setEditing] = useState(false);
  const { model } = agent;
  // Agents of older versions have no such list.
  const fallbacks = model.fallbacks ?? [];
  return (
    <>
      <Section
        title="Model"
        actions={
          mayWrite ? (
            <Button size="sm" onClick={() => setEditing(true)}>
              <Pencil aria-hidden className="size-4" /> Change
            </Button>
          ) : undefined
        }
      >
        <Facts
          items={[
            ['Provider', model.provider ?? "the platform's default"],
            ['Model', model.model ?? "the provider's default"],
            [
              'Fallbacks',
              fallbacks.length === 0 ? (
                "the workspace's chain"
              ) : (
                <ol aria-label="Fallbacks" className="font-mono text-[0.8125rem]">
                  {fallbacks.map((fallback, index) => (
                    // The same model may stand there twice; the order is what it is.
                    <li key={`${index} ${refText(fallback)}`}>{refText(fallback)}</li>
                  ))}
                </ol>
              ),
            ],
            ['Temperature', model.temperature],
            ['Tokens per answer', formatNumber(model.max_tokens)],
          ]}
        />
      </Section>
      {editing ? <ModelDialog agent={agent} onClose={() => setEditing(false)} /> : null}
    </>
  );
}

function Overview({ agent }: { agent: Agent }) {
  const { limits } = agent;
  return (
    <div className="grid grid-cols-1 gap-8 xl:grid-cols-[minmax(0,1fr)_24rem]">
      <div className="grid min-w-0 grid-cols-1 content-start gap-8">
        {agent.instructions === '' ? null : (
          <Section title="Instructions">
            <p className="px-5 py-4 text-sm whitespace-pre-wrap wrap-anywhere">
              {agent.instructions}
            </p>
          </Section>
        )}
        {agent.persona === null ? null : <PersonaSection slug={agent.persona} />}
        <Tools agent={agent} />
      </div>
      <div className="grid grid-cols-1 content-start gap-8">
        <ModelSection agent={agent} />
        <Section title="Limits per turn">
          <Facts
            items={[
              ['Iterations', limits.max_iterations],
              ['Tool calls', limits.max_tool_calls],
              ['Tokens', formatNumber(limits.max_total_tokens)],
              [
                'Cost',
                limits.max_cost_micros === null ? 'no limit' : formatCost(limits.max_cost_micros),
              ],
              ['Time', formatDuration(limits.max_duration_ms)],
            ]}
          />
        </Section>
        <p className="text-sm text-ink-soft">
          {agent.seeded ? 'Came with the product. ' : ''}Changed{' '}
          <RelativeTime time={agent.updated_at} />.
        </p>
      </div>
    </div>
  );
}

const TABS = ['overview', 'figures', 'history', 'versions', 'feedback'];

export function AgentDetail({ slug }: { slug: string }) {
  const client = useApi();
  const [tab, setTab] = useSearchParam('tab');
  const [working, setWorking] = useState(false);
  const agent = useQuery({
    queryKey: ['agents', 'one', slug],
    queryFn: async ({ signal }) =>
      (await getAgent({ client, path: { agent_id: slug }, signal })).data,
  });
  if (agent.isError) {
    return (
      <ErrorState
        what="The agent could not be loaded"
        error={agent.error}
        onRetry={() => void agent.refetch()}
      />
    );
  }
  if (agent.data === undefined) return <SkeletonList label="agent" rows={3} height="h-40" />;
  const { data } = agent;
  return (
    <>
      <Link
        href="/agents"
        className="mb-3 inline-flex min-h-9 items-center gap-1 text-sm text-ink-soft hover:text-ink"
      >
        <ChevronLeft aria-hidden className="size-4" /> Agents
      </Link>
      <PageHeader
        title={data.name}
        lead={data.description}
        actions={<AgentActions agent={data} onWork={() => setWorking(true)} />}
      />
      <div className="mb-6 flex flex-wrap gap-1.5">
        <AgentStatusBadge status={data.status} />
        <Badge tone="accent">{sentence(data.category)}</Badge>
        <Badge>Version {data.version}</Badge>
        {data.visibility === 'creator' ? <Badge>Seen by who made it</Badge> : null}
        {data.tags.map((tag) => (
          <Badge key={tag}>{tag}</Badge>
        ))}
      </div>
      <Tabs
        label="Agent"
        value={tab !== null && TABS.includes(tab) ? tab : 'overview'}
        onValueChange={(value) => setTab(value === 'overview' ? null : value)}
        items={[
          { value: 'overview', label: 'Overview', content: <Overview agent={data} /> },
          { value: 'figures', label: 'Figures', content: <MetricsTab agent={data} /> },
          { value: 'history', label: 'History', content: <HistoryTab agent={data} /> },
          { value: 'versions', label: 'Versions', content: <AgentVersionsTab agent={data} /> },
          { value: 'feedback', label: 'Feedback', content: <FeedbackTab agent={data} /> },
        ]}
      />
      {working ? <WorkDialog agent={data} onClose={() => setWorking(false)} /> : null}
    </>
  );
}
