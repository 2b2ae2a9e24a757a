import type { Metadata } from 'next';
import { Privacy } from '../../../../features/privacy/privacy.tsx';

export const metadata: Metadata = { title: 'Data protection' };

export default function Page() {
  return <Privacy />;
}
