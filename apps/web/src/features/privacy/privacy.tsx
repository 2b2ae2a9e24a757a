'use client';

import dynamic from 'next/dynamic';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { Tabs } from '../../components/ui/tabs.tsx';
import { replaceSearchParams, useSearchParam } from '../../lib/use-search-param.ts';

const loading = () => <SkeletonList label="tab" rows={3} height="h-32" />;
const RequestsTab = dynamic(async () => (await import('./requests-tab.tsx')).RequestsTab, {
  ssr: false,
  loading,
});
const RecordsTab = dynamic(async () => (await import('./records-tab.tsx')).RecordsTab, {
  ssr: false,
  loading,
});
const ConsentTab = dynamic(async () => (await import('./consent-tab.tsx')).ConsentTab, {
  ssr: false,
  loading,
});
const RetentionTab = dynamic(async () => (await import('./retention-tab.tsx')).RetentionTab, {
  ssr: false,
  loading,
});
const RestrictionsTab = dynamic(
  async () => (await import('./restrictions-tab.tsx')).RestrictionsTab,
  { ssr: false, loading },
);

const TABS = ['requests', 'records', 'consent', 'retention', 'restrictions'] as const;

/** Data protection as administrators see it. */
export function Privacy() {
  const [tab] = useSearchParam('tab');
  return (
    <>
      <PageHeader
        title="Data protection"
        lead="What people asked about their data, what the data are used for, what people agreed to, and how long what is kept."
      />
      <Tabs
        label="Data protection"
        value={TABS.find((each) => each === tab) ?? 'requests'}
        onValueChange={(next) =>
          replaceSearchParams({ tab: next === 'requests' ? null : next, status: null, type: null })
        }
        items={[
          { value: 'requests', label: 'Requests', content: <RequestsTab /> },
          { value: 'records', label: 'Processing', content: <RecordsTab /> },
          { value: 'consent', label: 'Consent', content: <ConsentTab /> },
          { value: 'retention', label: 'Retention', content: <RetentionTab /> },
          { value: 'restrictions', label: 'Restrictions', content: <RestrictionsTab /> },
        ]}
      />
    </>
  );
}
