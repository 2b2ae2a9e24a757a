'use client';

import dynamic from 'next/dynamic';
import { Skeleton } from '../../components/ui/skeleton.tsx';

/** The graph with its canvas library, loaded when it is first needed. */
export const StepGraph = dynamic(async () => (await import('./step-graph.tsx')).StepGraph, {
  ssr: false,
  loading: () => <Skeleton className="h-full min-h-44 w-full" />,
});
