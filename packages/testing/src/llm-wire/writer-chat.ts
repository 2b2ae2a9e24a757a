import { openaiChat } from './openai-chat.ts';
import type { Wire } from './types.ts';

/** `POST /v1/chat` of Writer: openai-chat at another path, with its own form of errors. */
export const writerChat: Wire = {
  ...openaiChat,
  name: 'writer-chat',
  matches: (path, dialect) => dialect === 'writer' && path.endsWith('/chat'),
  errorBody: (_status, error) => ({
    tpe: error.code,
    errors: [{ description: error.message, key: error.code, extras: {} }],
    extras: {},
  }),
};
