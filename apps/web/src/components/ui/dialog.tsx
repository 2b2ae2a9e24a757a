'use client';

import dynamic from 'next/dynamic';
import { useState } from 'react';
import type { DialogProps } from './dialog-props.ts';

const DialogWindow = dynamic(async () => (await import('./dialog-window.tsx')).DialogWindow, {
  ssr: false,
});
const DrawerWindow = dynamic(async () => (await import('./dialog-window.tsx')).DrawerWindow, {
  ssr: false,
});

/** True from the first time something is open on: its code is loaded then, and stays for the closing. */
function useOpened(open: boolean): boolean {
  const [opened, setOpened] = useState(open);
  if (open && !opened) setOpened(true);
  return opened;
}

/** Window in the middle of the page; a sheet from below on phones. */
export function Dialog(props: DialogProps) {
  return useOpened(props.open) ? <DialogWindow {...props} /> : null;
}

/** Panel from the right edge for looking something up beside the page. */
export function Drawer(props: DialogProps) {
  return useOpened(props.open) ? <DrawerWindow {...props} /> : null;
}
