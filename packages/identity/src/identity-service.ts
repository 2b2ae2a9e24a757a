import { apiKeyRoutes, authRoutes, bindRoutes } from '@automatos/contracts';
import type { BoundRoute } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import { noMetrics, systemClock } from '@automatos/kernel';
import type { Clock, Metrics, WorkspaceId } from '@automatos/kernel';
import type { AuditLog } from './audit/index.ts';
import { createAuthenticator } from './authentication/authenticator.ts';
import type { Authenticator } from './authentication/authenticator.ts';
import { createKeyHandlers } from './keys/key-handlers.ts';
import { createPasswordAccounts } from './accounts/password-accounts.ts';
import { createSessionHandlers } from './accounts/session-handlers.ts';

export interface IdentityOptions {
  database: Database;
  clock?: Clock;
  metrics?: Metrics;
  audit: Pick<AuditLog, 'append' | 'appendRequest'>;
  /** Whether people may sign up after the first owner. Default false. */
  signUpOpen: boolean;
  operatorKeys: readonly string[];
  defaultWorkspaceId?: WorkspaceId | undefined;
  /** Fills a new workspace with what the product ships; must bear a repetition, because the start does it too. */
  onWorkspaceCreated: (workspaceId: WorkspaceId) => Promise<void>;
}

export interface Identity {
  routes: BoundRoute[];
  authenticator: Authenticator;
}

/** The identity room: accounts, sessions, keys, tickets, and who a request comes from. */
export function createIdentity(options: IdentityOptions): Identity {
  const { database, audit, signUpOpen, onWorkspaceCreated, operatorKeys, defaultWorkspaceId } =
    options;
  const clock = options.clock ?? systemClock;
  const accounts = createPasswordAccounts({ database });
  const keys = createKeyHandlers({ database, clock, audit });
  return {
    authenticator: createAuthenticator({
      database,
      clock,
      audit,
      operatorKeys,
      defaultWorkspaceId,
    }),
    routes: [
      ...bindRoutes(authRoutes, {
        ...createSessionHandlers({
          metrics: options.metrics ?? noMetrics,
          database,
          clock,
          accounts,
          signUpOpen,
          onWorkspaceCreated,
        }),
        ticket: keys.ticket,
      }),
      ...bindRoutes(
        {
          listKeys: apiKeyRoutes.listKeys,
          createKey: apiKeyRoutes.createKey,
          deleteKey: apiKeyRoutes.deleteKey,
        },
        keys,
      ),
    ],
  };
}
