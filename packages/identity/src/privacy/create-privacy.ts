import type { BoundRoute } from '@automatos/contracts';
import type { Database, PersonalDataHolder } from '@automatos/database';
import type { Clock, Logger } from '@automatos/kernel';
import type { AuditLog } from '../audit/index.ts';
import type { WorkspaceContents } from '../workspaces/workspace-ports.ts';
import { createConsents } from './consents.ts';
import type { Consents } from './consents.ts';
import { identityPersonalData } from './holders/identity-holders.ts';
import { restricted } from './privacy-errors.ts';
import { createPrivacyRoutes } from './privacy-routes.ts';
import { createProcessingRecords } from './processing-records.ts';
import { createRequestExecution } from './requests/execute-request.ts';
import type { EraseDeps } from './requests/erase-person.ts';
import { createRequestService } from './requests/request-service.ts';
import { createRestrictions } from './restrictions.ts';
import type { RetentionCategory } from './retention-category.ts';
import { createRetentionJob } from './retention-job.ts';
import { createRetention } from './retention.ts';
import type { Retention } from './retention.ts';

export interface PrivacyDeps {
  database: Database;
  clock: Clock;
  logger: Logger;
  audit: Pick<AuditLog, 'seal'>;
  /** Of the other rooms, in the order in which they erase. */
  holders: readonly PersonalDataHolder[];
  categories: readonly RetentionCategory[];
  contents: WorkspaceContents;
  secondFactors: EraseDeps['secondFactors'];
  keptWorkspaces: ReadonlySet<string>;
  /** What the durable engine holds of runs that are gone. */
  deleteOrphans: () => Promise<unknown>;
  settle: EraseDeps['settle'];
  forgetCallers: () => void;
  /** Whether this process makes the daily deletions. */
  deletes: boolean;
}

/** Personal data: records, consents, retention and requests of people. */
export interface Privacy {
  routes: BoundRoute[];
  hasConsent: Consents['hasConsent'];
  retention: Pick<Retention, 'runDue'>;
  /** The same routes, refusing work of people whose data are only kept: everything that changes something, their own account and requests aside. */
  guard(routes: readonly BoundRoute[]): BoundRoute[];
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** What nobody or everybody may do is no work with the data of the workspace. */
const OPEN: ReadonlySet<string> = new Set(['public', 'authenticated']);

export function createPrivacy(deps: PrivacyDeps): Privacy {
  const { database, clock, logger } = deps;
  const { room, account, privacy } = identityPersonalData();
  const own = [...deps.holders, room];
  const processing = createProcessingRecords({ database, clock });
  const consents = createConsents({ database, clock });
  const restrictions = createRestrictions({ database, clock, logger });
  const retention = createRetention({
    database,
    clock,
    categories: deps.categories,
    afterDeletion: deps.deleteOrphans,
  });
  const execution = createRequestExecution({
    ...deps,
    holders: own,
    account,
    privacy,
    afterDeletion: deps.deleteOrphans,
    processing,
    consents,
    restrictions,
  });
  const requests = createRequestService({ database, clock, execution });
  const job = createRetentionJob({ retention, clock, logger });
  return {
    routes: createPrivacyRoutes({ processing, consents, retention, requests, restrictions }),
    hasConsent: consents.hasConsent,
    retention,
    guard: (routes) =>
      routes.map((bound) => {
        const { method, permission, tag } = bound.spec;
        if (method === 'GET' || tag === 'privacy' || OPEN.has(permission)) return bound;
        return {
          ...bound,
          handle(call) {
            const { principal, workspaceId } = call;
            if (principal?.kind === 'user' && restrictions.isRestricted(workspaceId, principal.id))
              return Promise.reject(restricted());
            return bound.handle(call);
          },
        };
      }),
    async start() {
      await restrictions.start();
      if (deps.deletes) job.start();
    },
    async stop() {
      await job.stop();
      await restrictions.stop();
    },
  };
}
