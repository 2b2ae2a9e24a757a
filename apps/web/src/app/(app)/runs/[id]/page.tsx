import type { Metadata } from 'next';
import { Kitchen } from '../../../../features/kitchen/kitchen.tsx';

export const metadata: Metadata = { title: 'Execution Kitchen' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  return <Kitchen runId={id} />;
}
