import { PlatformError } from '@automatos/kernel';

/** The error for messages that cannot be sent, with why in words. */
export function invalidMessages(why: string): PlatformError {
  return new PlatformError({
    code: 'providers.call.messages_invalid',
    kind: 'invalid-input',
    message: `The messages of this model call cannot be sent: ${why}.`,
    errors: [{ pointer: '/messages', message: why }],
  });
}
