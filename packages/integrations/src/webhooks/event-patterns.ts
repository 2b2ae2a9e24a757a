/** Pieces of text as a model speaks: too many to send, and whole in `llm.completed`. */
const NEVER_SENT: readonly string[] = ['llm.delta', 'metrics.sample'];

/** Whether an event type fits one of the patterns: equal, or `area.*`, or `*`. */
export function fitsPatterns(patterns: readonly string[], type: string): boolean {
  if (NEVER_SENT.includes(type)) return false;
  const [area = ''] = type.split('.');
  return patterns.some((pattern) => pattern === type || pattern === '*' || pattern === `${area}.*`);
}
