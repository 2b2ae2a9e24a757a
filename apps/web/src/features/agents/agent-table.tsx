'use client';

import type { Agent } from '@automatos/sdk';
import Link from 'next/link';
import { useState } from 'react';
import { Card } from '../../components/ui/card.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { Table, type Column } from '../../components/ui/table.tsx';
import { plural, sentence } from '../../lib/format.ts';
import { AgentStatusBadge } from './agent-status.tsx';
import { RosterBulk } from './roster-bulk.tsx';

const COLUMNS: Column<Agent>[] = [
  {
    key: 'name',
    header: 'Name',
    cell: (agent) => (
      <Link href={`/agents/${agent.slug}`} className="font-medium hover:text-accent-strong">
        {agent.name}
      </Link>
    ),
  },
  { key: 'status', header: 'Status', cell: ({ status }) => <AgentStatusBadge status={status} /> },
  {
    key: 'category',
    header: 'Category',
    wideOnly: true,
    cell: ({ category }) => sentence(category),
  },
  {
    key: 'model',
    header: 'Model',
    wideOnly: true,
    cell: ({ model }) => model.provider ?? 'default',
  },
  {
    key: 'tools',
    header: 'Tools',
    align: 'right',
    wideOnly: true,
    cell: ({ tools }) => tools.length,
  },
  {
    key: 'changed',
    header: 'Changed',
    wideOnly: true,
    cell: ({ updated_at: at, version }) => (
      <>
        <RelativeTime time={at} />{' '}
        <span className="text-ink-soft">({plural(version, 'version')})</span>
      </>
    ),
  },
];

/** Agents as rows, of which several can be changed at once. */
export function AgentTable({ agents, mayWrite }: { agents: readonly Agent[]; mayWrite: boolean }) {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const choose = (slug: string) =>
    setChosen((before) =>
      before.includes(slug) ? before.filter((each) => each !== slug) : [...before, slug],
    );
  const box: Column<Agent> = {
    key: 'chosen',
    header: 'Chosen',
    cell: ({ slug, name }) => (
      <input
        type="checkbox"
        aria-label={`Choose ${name}`}
        checked={chosen.includes(slug)}
        onChange={() => choose(slug)}
        className="size-4 accent-accent"
      />
    ),
  };
  return (
    <>
      <Card>
        <Table
          caption="Agents"
          columns={mayWrite ? [box, ...COLUMNS] : COLUMNS}
          rows={agents}
          rowKey={({ id }) => id}
        />
      </Card>
      {mayWrite ? <RosterBulk chosen={chosen} onDone={() => setChosen([])} /> : null}
    </>
  );
}
