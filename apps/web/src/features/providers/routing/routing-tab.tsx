'use client';

import { ErrorState } from '../../../components/ui/error-state.tsx';
import { SkeletonList } from '../../../components/ui/skeleton.tsx';
import { useRouterSettings } from '../provider-queries.ts';
import { RoutingForm } from './routing-form.tsx';

/** How the workspace's model calls are led: order, limits, circuits, time-outs and cache. */
export function RoutingTab({ onChanged }: { onChanged: (changed: boolean) => void }) {
  const settings = useRouterSettings();
  if (settings.isError && settings.data === undefined) {
    return (
      <ErrorState
        what="The routing could not be loaded"
        error={settings.error}
        onRetry={() => void settings.refetch()}
      />
    );
  }
  if (settings.data === undefined) return <SkeletonList label="routing" rows={3} height="h-40" />;
  return <RoutingForm stored={settings.data} onChanged={onChanged} />;
}
