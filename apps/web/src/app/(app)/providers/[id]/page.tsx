import type { Metadata } from 'next';
import { ProviderDetail } from '../../../../features/providers/provider-detail.tsx';

export const metadata: Metadata = { title: 'Provider' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  return <ProviderDetail id={decodeURIComponent(id)} />;
}
