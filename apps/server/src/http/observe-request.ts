import type { Clock, Logger, Metrics } from '@automatos/kernel';
import type { EndpointStats } from '@automatos/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';

export interface ObserveDeps {
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  endpointStats: EndpointStats;
}

/** Status of requests whose client left before the answer; no HTTP status, but nginx made the number common. */
const CLIENT_GONE = 499;

/** Counts, times and logs the request once its connection is done with it, whoever ended it. */
export function observeRequest(
  deps: ObserveDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  reply.raw.once('close', () => {
    const { edge } = request;
    const durationMs = deps.clock.now() - edge.startedAt;
    const status = reply.raw.writableEnded || edge.isStream ? reply.raw.statusCode : CLIENT_GONE;
    const { method } = request;
    const endpoint = request.routeOptions.url ?? 'unmatched';
    deps.metrics.count('amas_http_requests_total', {
      method,
      endpoint,
      status_code: String(status),
    });
    if (!edge.isStream) {
      deps.metrics.observe(
        'amas_http_request_duration_seconds',
        { method, endpoint },
        durationMs / 1000,
      );
      deps.endpointStats.record({ method, endpoint, status, durationMs });
    }
    const fields = {
      ...edge.context,
      method,
      endpoint,
      status,
      duration_ms: durationMs,
      address: edge.remoteAddress,
      ...(edge.authentication === null
        ? {}
        : {
            principal: `${edge.authentication.principal.kind}:${edge.authentication.principal.id}`,
          }),
    };
    // Probes and scrapes every few seconds would drown the rest.
    if (edge.route?.spec.tag === 'system' && status < 400) deps.logger.debug(fields, 'request');
    else deps.logger.info(fields, 'request');
  });
}
