import type { Metadata } from 'next';
import { RunComparison } from '../../../../features/runs/compare/run-comparison.tsx';

export const metadata: Metadata = { title: 'Compare runs' };

export default function Page() {
  return <RunComparison />;
}
