/** Entry of the server process: reads the configuration, composes the product, listens, and ends cleanly on a signal. */
import { isPlatformError } from '@automatos/kernel';
import type { Logger } from '@automatos/kernel';
import { compose } from './compose.ts';
import type { App } from './compose.ts';
import { loadConfig } from './config.ts';
import type { Config } from './config.ts';
import { createLogger } from './logger.ts';
import { createWebServer, loadNextRenderer } from './web.ts';
import type { WebServer } from './web.ts';
import { createStartProgress } from './wiring/start-progress.ts';
import { readOrMakeOperatorKey, writeOperatorFile } from './wiring/operator-file.ts';
import { WEB_DIR } from './wiring/product.ts';

/** A stop that takes this much longer than the drain is cut; runs under way are recovered at the next start either way. */
const STOP_MARGIN_MS = 10_000;

interface Running {
  app: App;
  web: WebServer | null;
  url: string;
}

async function start(config: Config, logger: Logger): Promise<Running> {
  const progress = createStartProgress({ interactive: config.log.format === 'pretty' });
  const operatorKey = config.identity.operatorKey ?? (await readOrMakeOperatorKey(config.dataDir));
  const app = await compose({ config, logger, operatorKey, progress: progress.step });
  try {
    const api = config.roles.api
      ? await app.edge.listen({ host: config.host, port: config.apiPort })
      : null;
    const web = config.roles.web ? createWeb(config, { app, logger }) : null;
    const pages = await web?.listen({ host: config.host, port: config.webPort });
    if (web) {
      progress.step('Loading the web application');
      await web.ready;
    }
    const url = pages?.url ?? api?.url ?? '';
    if (api) await writeOperatorFile(config.dataDir, { url: api.url, key: operatorKey });
    progress.done({ pages: pages?.url, api: api?.url, signInOff: !config.identity.requireAuth });
    return { app, web, url };
  } catch (error) {
    await app.stop();
    throw error;
  }
}

function createWeb(config: Config, { app, logger }: { app: App; logger: Logger }): WebServer {
  return createWebServer({
    edge: app.edge,
    loadRenderer: () => loadNextRenderer(WEB_DIR, { host: config.host, port: config.webPort }),
    settings: config.http,
    logger,
  });
}

function stopOnSignal(running: Running, config: Config, logger: Logger): void {
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'stopping; runs under way go on at the next start');
    const cut = setTimeout(() => process.exit(1), config.runs.drainMs + STOP_MARGIN_MS);
    cut.unref();
    Promise.resolve(running.web?.close())
      .then(() => running.app.stop())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          logger.error({ error: String(error) }, 'stop failed');
          process.exit(1);
        },
      );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => stop(signal));
}

try {
  const config = loadConfig();
  const logger = createLogger(config.log);
  stopOnSignal(await start(config, logger), config, logger);
} catch (error) {
  // The way out stands in the message of anticipated errors; the rest needs its stack.
  process.stderr.write(
    `\n${isPlatformError(error) ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exit(1);
}
