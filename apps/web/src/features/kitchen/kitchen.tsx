"use client";

import type { Run } from "@automatos/sdk";
import { ChevronLeft } from "lucide-react";
import Link from "next/link";
import { ErrorState } from "../../components/ui/error-state.tsx";
import { SkeletonList } from "../../components/ui/skeleton.tsx";
import { Tabs } from "../../components/ui/tabs.tsx";
import { useSearchParam } from "../../lib/use-search-param.ts";
import { FindingsTab } from "./findings-tab.tsx";
import { KitchenHeader } from "./kitchen-header.tsx";
import { LogTab } from "./log-tab.tsx";
import { ReportTab } from "./report-tab.tsx";
import { RunProvider, useRunState } from "./run-context.tsx";
import type { RunView } from "./run-store.ts";
import { SourceDrawer } from "./source-drawer.tsx";
import { StepsTab } from "./steps-tab.tsx";

const TABS = ["steps", "report", "findings", "log"];

function LoadedKitchen({ run, live }: { run: Run; live: RunView["live"] }) {
  const [tab, setTab] = useSearchParam("tab");
  const findings = useRunState((state) => state.findingsTotal);
  const events = useRunState((state) => state.events.length);
  return (
    <>
      <KitchenHeader run={run} live={live} />
      <Tabs
        label="Run"
        value={tab !== null && TABS.includes(tab) ? tab : "steps"}
        onValueChange={(value) => setTab(value === "steps" ? null : value)}
        items={[
          { value: "steps", label: "Kitchen", content: <StepsTab runId={run.id} /> },
          { value: "report", label: "Report", content: <ReportTab runId={run.id} /> },
          { value: "findings", label: "Findings", count: findings, content: <FindingsTab runId={run.id} /> },
          { value: "log", label: "Log", count: events, content: <LogTab /> },
        ]}
      />
      <SourceDrawer runId={run.id} />
    </>
  );
}

/** The Execution Kitchen: one run, live or as it was. */
export function Kitchen({ runId }: { runId: string }) {
  return (
    <>
      <Link href="/runs" className="mb-3 inline-flex min-h-9 items-center gap-1 text-sm text-ink-soft hover:text-ink">
        <ChevronLeft aria-hidden className="size-4" /> Runs
      </Link>
      <RunProvider key={runId} runId={runId}>
        {({ run, state, live, error }, retry) => (
          <>
            {error === null ? null : (
              <div className="mb-6">
                <ErrorState
                  what={run === null ? "The run could not be loaded" : "This run is no longer followed live"}
                  error={error}
                  onRetry={retry}
                />
              </div>
            )}
            {run !== null && state !== null ? (
              <LoadedKitchen run={run} live={live} />
            ) : error === null ? (
              <SkeletonList label="run" rows={3} height="h-36" />
            ) : null}
          </>
        )}
      </RunProvider>
    </>
  );
}
