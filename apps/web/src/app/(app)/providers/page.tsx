import type { Metadata } from 'next';
import { ProviderList } from '../../../features/providers/provider-list.tsx';

export const metadata: Metadata = { title: 'Providers' };

export default function Page() {
  return <ProviderList />;
}
