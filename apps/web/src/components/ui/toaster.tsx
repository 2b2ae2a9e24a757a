'use client';

import { useTheme } from 'next-themes';
import { useEffect, useRef } from 'react';
import { toast, Toaster as Sonner } from 'sonner';

export interface ToastMessage {
  id: number;
  kind: 'success' | 'error';
  title: string;
  detail?: string;
}

const LOOK = { background: 'var(--surface)', color: 'var(--ink)', borderColor: 'var(--line)' };

/** Place where messages appear; shows each once. */
export function Toaster({ messages }: { messages: readonly ToastMessage[] }) {
  const { resolvedTheme } = useTheme();
  const shown = useRef(0);
  useEffect(() => {
    for (const { id, kind, title, detail } of messages) {
      if (id <= shown.current) continue;
      shown.current = id;
      toast[kind](title, detail === undefined ? {} : { description: detail });
    }
  }, [messages]);
  return (
    <Sonner
      theme={resolvedTheme === 'dark' ? 'dark' : 'light'}
      position="bottom-right"
      mobileOffset={{ bottom: 80 }}
      toastOptions={{ style: LOOK }}
    />
  );
}
