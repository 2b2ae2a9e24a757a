/** Where an expression stops being PromQL (0-based), or null when all of it is. */
export type PromqlCheck = (expression: string) => number | null;

/** Loads the grammar of Prometheus. */
export async function createPromqlCheck(): Promise<PromqlCheck> {
  const { parser } = await import('@prometheus-io/lezer-promql');
  return (expression) => {
    let wrongAt: number | null = expression.trim() === '' ? 0 : null;
    parser.parse(expression).iterate({
      enter(node) {
        if (node.type.isError) wrongAt ??= node.from;
      },
    });
    return wrongAt;
  };
}

/** Names of the metrics that an expression reads. */
export async function metricNamesOf(expression: string): Promise<string[]> {
  const { parser } = await import('@prometheus-io/lezer-promql');
  const names = new Set<string>();
  parser.parse(expression).iterate({
    enter(node) {
      // The selector's own identifier; labels and functions are nodes of other kinds.
      if (node.name === 'Identifier' && node.node.parent?.name === 'VectorSelector')
        names.add(expression.slice(node.from, node.to));
    },
  });
  return [...names];
}
