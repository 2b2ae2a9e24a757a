export { createWebhookDispatcher } from './webhooks/webhook-dispatcher.ts';
export type {
  EmitWebhookEvent,
  WebhookDispatcher,
  WebhookDispatcherDeps,
} from './webhooks/webhook-dispatcher.ts';
export { createWebhookProjection } from './webhooks/webhook-projection.ts';
export type { WebhookProjection } from './webhooks/webhook-projection.ts';
export { createWebhookRoutes } from './webhooks/webhook-routes.ts';
export { createWebhookService } from './webhooks/webhook-service.ts';
export type {
  WebhookInput,
  WebhookService,
  WebhookServiceDeps,
} from './webhooks/webhook-service.ts';
export { INTEGRATIONS_ERROR_CODES } from './error-codes.ts';
export type { IntegrationsErrorCode } from './error-codes.ts';
export { createWebhooksPersonalData } from './webhooks/webhook-personal-data.ts';
