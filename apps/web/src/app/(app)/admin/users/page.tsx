import type { Metadata } from 'next';
import { AdminUsers } from '../../../../features/admin/admin-users.tsx';

export const metadata: Metadata = { title: 'Users' };

export default function Page() {
  return <AdminUsers />;
}
