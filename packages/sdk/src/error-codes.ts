/** Codes that the client makes itself, when no answer of the server has one; with one sentence for the documentation. */
export const SDK_ERROR_CODES = {
  'client.network.unreachable':
    'No answer came: the server does not run, is not reachable, or the connection broke. Made by the client.',
  'client.response.unexpected':
    'What answered is not this server, or something between changed its answer. Made by the client.',
} as const;
