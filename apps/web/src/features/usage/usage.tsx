'use client';

import dynamic from 'next/dynamic';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { Tabs } from '../../components/ui/tabs.tsx';
import { useSearchParam } from '../../lib/use-search-param.ts';

const loading = () => <SkeletonList label="tab" rows={3} height="h-32" />;
const CostTab = dynamic(async () => (await import('./cost-tab.tsx')).CostTab, {
  ssr: false,
  loading,
});
const CallsTab = dynamic(async () => (await import('./calls-tab.tsx')).CallsTab, {
  ssr: false,
  loading,
});
const BudgetsTab = dynamic(async () => (await import('../budgets/budgets-tab.tsx')).BudgetsTab, {
  ssr: false,
  loading,
});

const TABS = ['cost', 'calls', 'budgets'] as const;

/** What model calls cost, each of them, and what limits them. */
export function Usage() {
  const [tab, setTab] = useSearchParam('tab');
  return (
    <>
      <PageHeader
        title="Usage and cost"
        lead="What model calls cost, who made them, and the budgets that none of them passes."
      />
      <Tabs
        label="Usage and cost"
        value={TABS.find((each) => each === tab) ?? 'cost'}
        onValueChange={(next) => setTab(next === 'cost' ? null : next)}
        items={[
          { value: 'cost', label: 'Cost', content: <CostTab /> },
          { value: 'calls', label: 'Calls', content: <CallsTab /> },
          { value: 'budgets', label: 'Budgets', content: <BudgetsTab /> },
        ]}
      />
    </>
  );
}
