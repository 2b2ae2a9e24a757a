import type { ReactNode } from 'react';
import { AreaNav } from '../../../components/shell/area-nav.tsx';

export default function SettingsLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <AreaNav area="settings" />
      {children}
    </>
  );
}
