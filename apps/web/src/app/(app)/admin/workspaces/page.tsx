import type { Metadata } from 'next';
import { AdminWorkspaces } from '../../../../features/admin/admin-workspaces.tsx';

export const metadata: Metadata = { title: 'Workspaces' };

export default function Page() {
  return <AdminWorkspaces />;
}
