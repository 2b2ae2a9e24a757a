/** Where a dragged row falls, and the list after it. Pure. */

export interface RowBox {
  top: number;
  height: number;
}

/** The list with the item of `from` at `to`; unchanged when either lies outside. */
export function moveItem<Item>(items: readonly Item[], from: number, to: number): Item[] {
  const moved = [...items];
  const item = moved[from];
  if (item === undefined || to < 0 || to >= items.length) return moved;
  moved.splice(from, 1);
  moved.splice(to, 0, item);
  return moved;
}

/** Index at which row `from` would stand when it is dragged by `offset` pixels: it passes a row at that row's middle. */
export function dropIndex(boxes: readonly RowBox[], from: number, offset: number): number {
  const dragged = boxes[from];
  if (dragged === undefined) return from;
  const [top, bottom] = [dragged.top + offset, dragged.top + dragged.height + offset];
  const middle = (box: RowBox) => box.top + box.height / 2;
  let to = from;
  for (let row = from + 1; row < boxes.length; row += 1) {
    const box = boxes[row];
    if (box !== undefined && bottom > middle(box)) to = row;
  }
  for (let row = from - 1; row >= 0; row -= 1) {
    const box = boxes[row];
    if (box !== undefined && top < middle(box)) to = row;
  }
  return to;
}

/** How far row `index` makes room while row `from` hovers over `to`. */
export function rowShift(
  boxes: readonly RowBox[],
  { from, to }: { from: number; to: number },
  index: number,
): number {
  const [first, second] = boxes;
  const gap =
    first === undefined || second === undefined ? 0 : second.top - first.top - first.height;
  const room = (boxes[from]?.height ?? 0) + gap;
  if (index > from && index <= to) return -room;
  if (index < from && index >= to) return room;
  return 0;
}
