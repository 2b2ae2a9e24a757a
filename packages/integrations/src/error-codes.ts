/** Every error code that this room throws, with one sentence for the documentation. */
export const INTEGRATIONS_ERROR_CODES = {
  'webhooks.webhook.not_found': 'No outgoing webhook has this id in the workspace.',
  'webhooks.delivery.not_found': 'The webhook has no such delivery.',
  'webhooks.url.invalid':
    'The address of the webhook cannot be used: it carries a user name or password.',
  'webhooks.list.cursor_invalid': 'The cursor was not made by this list.',
} as const;

export type IntegrationsErrorCode = keyof typeof INTEGRATIONS_ERROR_CODES;
