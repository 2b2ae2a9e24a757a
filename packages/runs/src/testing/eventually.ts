/** Looks until `enough` holds; for states that nothing announces. */
export async function eventually<T>(
  read: () => Promise<T>,
  enough: (value: T) => boolean,
): Promise<T> {
  for (;;) {
    const value = await read();
    if (enough(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
