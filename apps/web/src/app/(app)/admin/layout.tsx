import type { ReactNode } from 'react';
import { AreaNav } from '../../../components/shell/area-nav.tsx';

export default function AdminLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <AreaNav area="admin" />
      {children}
    </>
  );
}
