export { loadConfig } from './config.ts';
export type { Config, ConfigSources } from './config.ts';
export { createHttpServer } from './http/http-server.ts';
export type { HttpEdge, HttpServerDeps, HttpSettings } from './http/http-server.ts';
export { createRealtimeGateway } from './ws/gateway.ts';
export { createWebServer, loadNextRenderer } from './web.ts';
export { SERVER_ERROR_CODES } from './error-codes.ts';
