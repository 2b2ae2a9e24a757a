import type { ServerResponse } from 'node:http';
import type { Metrics } from '@automatos/kernel';

/** Resolves when the client took what was written, or is gone. One that takes nothing for so long is dropped, and counted. */
export function waitForDrain(
  response: ServerResponse,
  { metrics, stalledMsMax }: { metrics: Metrics; stalledMsMax: number },
): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    const timer = setTimeout(() => {
      metrics.count('amas_websocket_drops_total', { reason: 'slow' });
      response.destroy();
      done();
    }, stalledMsMax);
    response.once('drain', done);
    response.once('close', done);
  });
}
