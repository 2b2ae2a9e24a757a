'use client';

import { useEffect, useEffectEvent } from 'react';

export interface Shortcuts {
  undo: () => void;
  redo: () => void;
  /** Null when the reader may not save. */
  save: (() => void) | null;
}

/**
 * Ctrl+Z, Ctrl+Shift+Z, Ctrl+Y and Ctrl+S of the editor, wherever the focus is: what had it may just have been deleted.
 * Fields of dialogs keep their own.
 */
export function useShortcuts(shortcuts: Shortcuts): void {
  const handle = useEffectEvent((event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.defaultPrevented) return;
    if (event.target instanceof Element && event.target.closest('[role="dialog"]') !== null) return;
    const key = event.key.toLowerCase();
    if (key === 'z') (event.shiftKey ? shortcuts.redo : shortcuts.undo)();
    else if (key === 'y') shortcuts.redo();
    else if (key === 's' && shortcuts.save !== null) shortcuts.save();
    else return;
    event.preventDefault();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => handle(event);
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);
}
