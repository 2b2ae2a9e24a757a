import type { ReactNode } from 'react';
import { BrandMark } from '../../components/shell/brand.tsx';

export default function AuthLayout({ children }: { children: ReactNode }) {
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-md flex-col justify-center px-4 py-12">
      <div className="mb-6 flex items-center gap-3">
        <BrandMark className="size-11" />
        <div>
          <p className="text-lg font-semibold tracking-tight">Automatos</p>
          <p className="text-sm text-ink-soft">Agents that cook real work, on your own machine</p>
        </div>
      </div>
      {children}
    </main>
  );
}
