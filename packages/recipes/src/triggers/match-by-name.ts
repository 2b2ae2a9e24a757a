/**
 * Pairs what is wanted with the rows that stand for it: by equal name in order, those without a name by their order among
 * themselves. `left` are rows that stand for nothing any more.
 */
export function matchByName<Row, Wanted>(
  rows: readonly Row[],
  wanted: readonly Wanted[],
  names: {
    ofRow: (row: Row) => string | undefined;
    ofWanted: (item: Wanted) => string | undefined;
  },
): { pairs: { row: Row | undefined; wanted: Wanted }[]; left: Row[] } {
  const free = Map.groupBy(rows, names.ofRow);
  const pairs = wanted.map((item) => ({
    row: free.get(names.ofWanted(item))?.shift(),
    wanted: item,
  }));
  return { pairs, left: [...free.values()].flat() };
}
