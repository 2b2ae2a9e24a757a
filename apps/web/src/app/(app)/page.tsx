import type { Metadata } from 'next';
import { Dashboard } from '../../features/dashboard/dashboard.tsx';

export const metadata: Metadata = { title: 'Dashboard' };

export default function Page() {
  return <Dashboard />;
}
