'use client';

import dynamic from 'next/dynamic';
import { useSyncExternalStore } from 'react';
import type { StepUpGate } from './step-up-gate.ts';

const StepUpDialog = dynamic(async () => (await import('./step-up-dialog.tsx')).StepUpDialog, {
  ssr: false,
});

/** Opens the dialog when a request waits for a proof of who asks. */
export function StepUp({ gate }: { gate: StepUpGate }) {
  const open = useSyncExternalStore(gate.subscribe, gate.isOpen, () => false);
  return open ? <StepUpDialog onAnswer={gate.answer} /> : null;
}
