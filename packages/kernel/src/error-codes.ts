/** Codes that belong to no room, with one sentence for the documentation. */
export const KERNEL_ERROR_CODES = {
  'internal.error.unexpected':
    'Something that nobody foresaw went wrong inside the server; the log line with the request or run id says what.',
} as const;
