import type { Metadata } from 'next';
import { Credentials } from '../../../features/credentials/credentials.tsx';

export const metadata: Metadata = { title: 'Credentials' };

export default function Page() {
  return <Credentials />;
}
