'use client';

import { ShieldUser } from 'lucide-react';
import type { ReactNode } from 'react';
import { Card } from '../../components/ui/card.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { useMay } from '../session/use-session.ts';

/** Shows a page to those who administer the installation, and others that it is not theirs. */
export function AdminsOnly({ children }: { children: ReactNode }) {
  if (useMay('platform:write')) return children;
  return (
    <Card>
      <EmptyState icon={ShieldUser} title="This is for administrators of the installation">
        Your role in a workspace does not count here. Ask an administrator to make you one.
      </EmptyState>
    </Card>
  );
}
