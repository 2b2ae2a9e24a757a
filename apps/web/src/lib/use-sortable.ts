'use client';

import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { dropIndex, rowShift, type RowBox } from './sortable.ts';

interface Drag {
  from: number;
  to: number;
  offset: number;
  startY: number;
  boxes: readonly RowBox[];
}

export interface SortHandle {
  onPointerDown: (event: PointerEvent<HTMLElement>) => void;
  onPointerMove: (event: PointerEvent<HTMLElement>) => void;
  onPointerUp: (event: PointerEvent<HTMLElement>) => void;
  onPointerCancel: () => void;
  onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
}

/**
 * Rows of a list that are moved by mouse, pen, finger or arrow keys. Give `list` to the element whose children are the rows,
 * `handle(index)` to what is grabbed and `style(index)` to the row. Escape puts a dragged row back.
 */
export function useSortable(count: number, onMove: (from: number, to: number) => void) {
  const list = useRef<HTMLOListElement>(null);
  const [drag, setDrag] = useState<Drag | null>(null);
  const dragging = drag !== null;
  useEffect(() => {
    if (!dragging) return;
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (event.key === 'Escape') setDrag(null);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [dragging]);
  const handle = (index: number): SortHandle => ({
    onPointerDown(event) {
      if (event.button !== 0 || list.current === null) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      const boxes = [...list.current.children].map((row) => {
        const { top, height } = row.getBoundingClientRect();
        return { top, height };
      });
      setDrag({ from: index, to: index, offset: 0, startY: event.clientY, boxes });
    },
    onPointerMove(event) {
      const { clientY } = event;
      setDrag((before) => {
        if (before === null) return null;
        const offset = clientY - before.startY;
        return { ...before, offset, to: dropIndex(before.boxes, before.from, offset) };
      });
    },
    onPointerUp() {
      if (drag !== null && drag.from !== drag.to) onMove(drag.from, drag.to);
      setDrag(null);
    },
    onPointerCancel: () => setDrag(null),
    onKeyDown(event) {
      const to = event.key === 'ArrowUp' ? index - 1 : event.key === 'ArrowDown' ? index + 1 : null;
      if (to === null) return;
      event.preventDefault();
      if (to >= 0 && to < count) onMove(index, to);
    },
  });
  const style = (index: number) => {
    if (drag === null) return undefined;
    if (index === drag.from)
      return {
        transform: `translateY(${drag.offset}px)`,
        position: 'relative',
        zIndex: 1,
      } as const;
    return {
      transform: `translateY(${rowShift(drag.boxes, drag, index)}px)`,
      transition: 'transform 120ms',
    };
  };
  return { list, handle, style, draggedIndex: drag?.from ?? null };
}
