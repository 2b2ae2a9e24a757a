import type { ReactNode } from 'react';
import { Card } from '../../components/ui/card.tsx';

export function AuthCard({
  title,
  lead,
  children,
}: {
  title: string;
  lead: string;
  children: ReactNode;
}) {
  return (
    <Card className="p-6 sm:p-7">
      <h1 className="text-xl font-semibold">{title}</h1>
      <p className="mt-1 mb-6 text-sm text-ink-soft">{lead}</p>
      {children}
    </Card>
  );
}
