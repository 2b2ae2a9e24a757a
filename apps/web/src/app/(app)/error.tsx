'use client';

import { ErrorState } from '../../components/ui/error-state.tsx';

export default function PageError({ error, reset }: { error: Error; reset: () => void }) {
  return <ErrorState what="This page broke" error={error} onRetry={reset} />;
}
