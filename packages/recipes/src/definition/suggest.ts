/** Edit distance with neighbouring swaps counted as one edit (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(
        (above[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (row > 1 && column > 1 && swapped) cost = Math.min(cost, (before[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    before = above;
    above = current;
  }
  return above[b.length] ?? 0;
}

/**
 * The candidate that was probably meant by `wanted`, or null when none is near (at most a third of the letters differ,
 * one edit from three letters on). Names longer than 100 characters are not compared.
 */
export function suggest(wanted: string, candidates: Iterable<string>): string | null {
  if (wanted.length > 100) return null;
  let best: { candidate: string; distance: number } | null = null;
  for (const candidate of candidates) {
    if (candidate.length > 100) continue;
    const distance = editDistance(wanted.toLowerCase(), candidate.toLowerCase());
    const length = Math.max(wanted.length, candidate.length);
    // One letter for another is no slip of the pen.
    const bound = length < 3 ? 0 : Math.max(1, Math.floor(length / 3));
    if (distance <= bound && (best === null || distance < best.distance)) {
      best = { candidate, distance };
    }
  }
  return best?.candidate ?? null;
}

/** Up to `limit` candidates nearest to `wanted`, for lists such as "did you mean one of". */
export function closest(wanted: string, candidates: readonly string[], limit: number): string[] {
  const needle = wanted.slice(0, 100).toLowerCase();
  return candidates
    .map((candidate) => {
      const name = candidate.toLowerCase();
      const inside = name.includes(needle) || needle.includes(name);
      return { candidate, distance: inside ? 0.5 : editDistance(needle, name.slice(0, 100)) };
    })
    .filter(({ distance }) => distance <= Math.max(3, needle.length / 2))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, limit)
    .map(({ candidate }) => candidate);
}
