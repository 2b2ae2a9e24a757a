import type { Metadata } from 'next';
import { Webhooks } from '../../../../features/webhooks/webhooks.tsx';

export const metadata: Metadata = { title: 'Webhooks' };

export default function Page() {
  return <Webhooks />;
}
