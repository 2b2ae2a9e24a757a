'use client';

import dynamic from 'next/dynamic';
import { useState } from 'react';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { Tabs } from '../../components/ui/tabs.tsx';
import { useSearchParam } from '../../lib/use-search-param.ts';

const loading = () => <SkeletonList label="tab" rows={3} height="h-32" />;
const OverviewTab = dynamic(async () => (await import('./overview-tab.tsx')).OverviewTab, {
  ssr: false,
  loading,
});
const RoutingTab = dynamic(async () => (await import('./routing/routing-tab.tsx')).RoutingTab, {
  ssr: false,
  loading,
});
const ModelsTab = dynamic(async () => (await import('./models/models-tab.tsx')).ModelsTab, {
  ssr: false,
  loading,
});
const TryTab = dynamic(async () => (await import('./try/try-tab.tsx')).TryTab, {
  ssr: false,
  loading,
});

const TABS = ['overview', 'routing', 'models', 'try'] as const;

/** Who answers model calls, how they do, and how calls are led to them. */
export function Providers() {
  const [tab, setTab] = useSearchParam('tab');
  /** The routing has changes that are not saved. */
  const [changed, setChanged] = useState(false);
  const [wanted, setWanted] = useState<string | null>(null);
  const open = (next: string) => {
    setWanted(null);
    setTab(next === 'overview' ? null : next);
  };
  return (
    <>
      <PageHeader
        title="Providers"
        lead="Who answers model calls, how they do, and how the router chooses. Keys come from stored credentials or the environment of the server, and are never shown here."
      />
      <Tabs
        label="Providers"
        value={TABS.find((each) => each === tab) ?? 'overview'}
        onValueChange={(next) => (changed ? setWanted(next) : open(next))}
        items={[
          { value: 'overview', label: 'Overview', content: <OverviewTab /> },
          { value: 'routing', label: 'Routing', content: <RoutingTab onChanged={setChanged} /> },
          { value: 'models', label: 'Models', content: <ModelsTab /> },
          { value: 'try', label: 'Try it', content: <TryTab /> },
        ]}
      />
      {wanted === null ? null : (
        <ConfirmDialog
          title="Leave the routing without saving?"
          description="Your changes are not saved."
          action="Discard changes"
          pending={false}
          error={null}
          onConfirm={() => open(wanted)}
          onClose={() => setWanted(null)}
        />
      )}
    </>
  );
}
