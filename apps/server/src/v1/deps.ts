import type { Database } from '@automatos/database';
import type { Clock, Logger, Metrics, WorkspaceId } from '@automatos/kernel';
import type {
  ChatPassthrough,
  Providers,
  RouteRequest,
  Routed,
  SendAttempt,
} from '@automatos/providers';
import type { RecipeService } from '@automatos/recipes';
import type { Actor, Runs } from '@automatos/runs';
import type { RouterSettings } from '@automatos/contracts';
import type { UsageWriter } from './usage-writer.ts';

/** The router as this endpoint uses it. */
export interface V1Router {
  route<Value>(request: RouteRequest, send: SendAttempt<Value>): Promise<Routed<Value>>;
  settingsOf(
    workspaceId: WorkspaceId,
  ): { settings: RouterSettings } | Promise<{ settings: RouterSettings }>;
}

export interface V1Deps {
  providers: Pick<
    Providers,
    'call' | 'attempt' | 'embed' | 'priceVersionOf' | 'models' | 'list' | 'defaultRef'
  >;
  router: V1Router;
  passthrough: Pick<ChatPassthrough, 'send'>;
  usage: UsageWriter;
  runs: Pick<Runs, 'start' | 'get' | 'follow' | 'cancel'>;
  recipes: Pick<RecipeService, 'execute' | 'get' | 'list'>;
  database: Pick<Database, 'workspace'>;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** Between two signs of life on a stream that has nothing to say, ms. */
  heartbeatMs: number;
}

/** Who asks and for which workspace. */
export interface Asker {
  workspaceId: WorkspaceId;
  by: Actor;
  requestId: string;
  /** Aborts when the client is gone or the server stops. */
  signal: AbortSignal;
  headers: Readonly<Record<string, string | undefined>>;
}
