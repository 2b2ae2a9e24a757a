/** Share of `bad` in `total` as a score; null when there is nothing to count. */
export function goodShare(bad: number, total: number): number | null {
  return total === 0 ? null : Math.max(0, 1 - bad / total);
}

/** Up to `max` examples in quotes, each cut. */
export function quoted(texts: readonly string[], max = 3): string {
  const shown = texts.slice(0, max).map((text) => {
    const line = text.slice(0, 400).replaceAll(/\s+/g, ' ').trim();
    return `"${line.length > 80 ? `${line.slice(0, 79)}…` : line}"`;
  });
  const more = texts.length > max ? ` and ${texts.length - max} more` : '';
  return `${shown.join(', ')}${more}`;
}
