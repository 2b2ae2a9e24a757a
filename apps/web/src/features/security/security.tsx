'use client';

import dynamic from 'next/dynamic';
import { Field } from '../../components/ui/field.tsx';
import { Select } from '../../components/ui/input.tsx';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { Tabs } from '../../components/ui/tabs.tsx';
import { replaceSearchParams, useSearchParam } from '../../lib/use-search-param.ts';
import { useMay } from '../session/use-session.ts';
import { ASSESSMENT_PARAMS } from './assessment-filters.ts';
import type { Scope } from './security-words.ts';

const loading = () => <SkeletonList label="tab" rows={3} height="h-32" />;
const OverviewTab = dynamic(async () => (await import('./overview-tab.tsx')).OverviewTab, {
  ssr: false,
  loading,
});
const AssessmentsTab = dynamic(async () => (await import('./assessments-tab.tsx')).AssessmentsTab, {
  ssr: false,
  loading,
});
const BlocksTab = dynamic(async () => (await import('./blocks-tab.tsx')).BlocksTab, {
  ssr: false,
  loading,
});
const TryTab = dynamic(async () => (await import('./try-tab.tsx')).TryTab, { ssr: false, loading });
const SettingsTab = dynamic(async () => (await import('./settings-tab.tsx')).SettingsTab, {
  ssr: false,
  loading,
});

const TABS = ['overview', 'assessments', 'blocks', 'try', 'settings'] as const;
const NO_FILTERS = Object.fromEntries(ASSESSMENT_PARAMS.map((name) => [name, null]));

function ScopeChoice({ scope }: { scope: Scope }) {
  return (
    <Field label="Traffic">
      {(control) => (
        <Select
          control={control}
          value={scope}
          onChange={({ target }) =>
            replaceSearchParams({ scope: target.value === 'platform' ? 'platform' : null })
          }
        >
          <option value="workspace">Of this workspace</option>
          <option value="platform">Of nobody known, and the installation</option>
        </Select>
      )}
    </Field>
  );
}

/** Threats: what was seen, from whom, what followed, and how it is set. */
export function Security() {
  const [tab, setTab] = useSearchParam('tab');
  const [asked] = useSearchParam('scope');
  const mayPlatform = useMay('platform:write');
  const scope: Scope = mayPlatform && asked === 'platform' ? 'platform' : 'workspace';
  return (
    <>
      <PageHeader
        title="Security"
        lead="Requests and inputs of agents that look like an attack, each with its reasons, and what followed."
        actions={mayPlatform ? <ScopeChoice scope={scope} /> : undefined}
      />
      <Tabs
        label="Security"
        value={TABS.find((each) => each === tab) ?? 'overview'}
        onValueChange={(next) => {
          replaceSearchParams(NO_FILTERS);
          setTab(next === 'overview' ? null : next);
        }}
        items={[
          { value: 'overview', label: 'Overview', content: <OverviewTab scope={scope} /> },
          { value: 'assessments', label: 'Assessments', content: <AssessmentsTab scope={scope} /> },
          { value: 'blocks', label: 'Blocks', content: <BlocksTab scope={scope} /> },
          { value: 'try', label: 'Try', content: <TryTab /> },
          { value: 'settings', label: 'Settings', content: <SettingsTab scope={scope} /> },
        ]}
      />
    </>
  );
}
