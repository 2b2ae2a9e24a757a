'use client';

import dynamic from 'next/dynamic';
import { createContext, use, useCallback, useState, type ReactNode } from 'react';
import type { ToastMessage } from './toaster.tsx';

type Notify = (message: Omit<ToastMessage, 'id'>) => void;

const ToastContext = createContext<Notify>(() => {});

const Toaster = dynamic(async () => (await import('./toaster.tsx')).Toaster, { ssr: false });

/** Gives `useToast`; the code that draws messages is loaded with the first one. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [messages, setMessages] = useState<readonly ToastMessage[]>([]);
  const notify = useCallback<Notify>(
    (message) => setMessages((before) => [...before, { ...message, id: before.length + 1 }]),
    [],
  );
  return (
    <ToastContext value={notify}>
      {children}
      {messages.length === 0 ? null : <Toaster messages={messages} />}
    </ToastContext>
  );
}

/** Shows a short message at the edge of the page for a few seconds. */
export function useToast(): Notify {
  return use(ToastContext);
}
