import type { Metadata } from 'next';
import { Providers } from '../../../features/providers/providers.tsx';

export const metadata: Metadata = { title: 'Providers' };

export default function Page() {
  return <Providers />;
}
