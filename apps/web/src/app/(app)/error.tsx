"use client";

import { ErrorState } from "../../components/ui/error-state.tsx";

// oxlint-disable-next-line import/no-default-export -- Next reads the default export
export default function PageError({ error, reset }: { error: Error; reset: () => void }) {
  return <ErrorState what="This page broke" error={error} onRetry={reset} />;
}
