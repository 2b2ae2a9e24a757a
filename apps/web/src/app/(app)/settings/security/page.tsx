import type { Metadata } from 'next';
import { Security } from '../../../../features/security/security.tsx';

export const metadata: Metadata = { title: 'Security' };

export default function Page() {
  return <Security />;
}
