import {
  accountRoutes,
  apiKeyRoutes,
  authRoutes,
  bindRoutes,
  tokenRoutes,
} from '@automatos/contracts';
import type { BoundRoute } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import { noMetrics, silentLogger, systemClock } from '@automatos/kernel';
import type { Clock, Logger, Metrics, WorkspaceId } from '@automatos/kernel';
import type { AuditLog } from './audit/index.ts';
import { createAuthenticator } from './authentication/authenticator.ts';
import type { Authenticator } from './authentication/authenticator.ts';
import { createKeyHandlers } from './keys/key-handlers.ts';
import { createKeyOrigins } from './keys/key-origins.ts';
import type { KeyOrigins } from './keys/key-origins.ts';
import { createAccounts } from './accounts/create-accounts.ts';
import type { SecondFactorSecrets } from './mfa/factor-secrets.ts';
import type { SecondFactors } from './mfa/second-factors.ts';
import { createOidc } from './oidc/create-oidc.ts';
import type { IssuerOptions } from './oidc/create-oidc.ts';
import { createTokens } from './tokens/create-tokens.ts';
import type { TokenOptions, TokenRoom } from './tokens/create-tokens.ts';
import { createTokenHandlers } from './tokens/token-handlers.ts';
import { withoutSignIn } from './authentication/without-sign-in.ts';
import { createInvitations } from './workspaces/invitations.ts';
import type { WorkspaceContents } from './workspaces/workspace-ports.ts';
import { createWorkspaceRoutes } from './workspaces/workspace-routes.ts';

export interface IdentityOptions {
  database: Database;
  clock?: Clock;
  metrics?: Metrics;
  logger?: Logger;
  audit: Pick<AuditLog, 'append' | 'appendRequest'>;
  /** Whether people may sign up after the first owner. Default false. */
  signUpOpen: boolean;
  operatorKeys: readonly string[];
  tokens: TokenOptions;
  /** Where people reach the installation, without a slash at the end; absent: the issuer of its tokens. */
  publicUrl?: string;
  /** Other issuers whose tokens count, and the provider that people sign in with; absent: none. */
  issuers?: IssuerOptions | undefined;
  /** Where secrets of second factors are kept encrypted. */
  secrets: SecondFactorSecrets;
  defaultWorkspaceId?: WorkspaceId | undefined;
  /** Workspace of the single tenant, that the first person owns (`DEFAULT_TENANT_ID`); absent: the first one. */
  defaultTenantId?: WorkspaceId | undefined;
  /** False: who sends no credentials from this machine is the operator. Default true. */
  requireSignIn?: boolean;
  /** What of a workspace lies in other rooms. */
  contents: WorkspaceContents;
  /** Fills a new workspace with what the product ships; must bear a repetition, because the start does it too. */
  onWorkspaceCreated: (workspaceId: WorkspaceId) => Promise<void>;
}

export interface Identity {
  routes: BoundRoute[];
  authenticator: Authenticator;
  /** Origins that browser keys may be used from; to be started before it is asked. */
  keyOrigins: KeyOrigins;
  /** Second factors of people, for whoever erases an account. */
  secondFactors: Pick<SecondFactors, 'remove'>;
}

/** The identity room: accounts, sessions, keys, tickets, and who a request comes from. */
export function createIdentity(options: IdentityOptions): Identity {
  const { database, audit, operatorKeys, defaultWorkspaceId, defaultTenantId } = options;
  const clock = options.clock ?? systemClock;
  const places = { database, defaultWorkspaceId, defaultTenantId };
  const keyOrigins = createKeyOrigins({ database, clock, logger: options.logger ?? silentLogger });
  const tokens = createTokens(options.tokens, { database, clock });
  const rooms = createPeople(options, { clock, tokens });
  const { others } = rooms;
  const { onWorkspaceCreated } = options;
  const proving = { ...places, clock, audit, operatorKeys, tokens, others, onWorkspaceCreated };
  const authenticator = createAuthenticator(proving);
  return {
    keyOrigins,
    secondFactors: rooms.accounts.factors,
    authenticator:
      options.requireSignIn === false ? withoutSignIn(authenticator, places) : authenticator,
    routes: routesOf(options, { ...rooms, clock, tokens, keyOrigins }),
  };
}

/** Accounts, the other ways in to them, and invitations, which need each other. */
function createPeople(
  options: IdentityOptions,
  { clock, tokens }: { clock: Clock; tokens: TokenRoom },
) {
  const { database, audit, signUpOpen, onWorkspaceCreated, defaultTenantId } = options;
  const invitations = createInvitations({ database, clock });
  const metrics = options.metrics ?? noMetrics;
  const shared = {
    database,
    clock,
    metrics,
    audit,
    invitations,
    signUpOpen,
    defaultTenantId,
    onWorkspaceCreated,
  };
  const accounts = createAccounts({
    ...shared,
    secrets: options.secrets,
    issueTokens: tokens.issueTokens,
    providers: () => others.providers,
  });
  const others = createOidc(options.issuers, {
    ...shared,
    signIns: accounts.signIns,
    publicUrl: options.publicUrl ?? options.tokens.issuer,
  });
  return { invitations, accounts, others };
}

function routesOf(
  options: IdentityOptions,
  rooms: ReturnType<typeof createPeople> & {
    clock: Clock;
    tokens: TokenRoom;
    keyOrigins: KeyOrigins;
  },
): BoundRoute[] {
  const { database, audit, defaultWorkspaceId, defaultTenantId, onWorkspaceCreated } = options;
  const { clock, invitations, accounts, others, tokens, keyOrigins } = rooms;
  return [
    ...createWorkspaceRoutes({
      database,
      clock,
      audit,
      invitations,
      secondFactors: accounts.factors,
      contents: options.contents,
      publicUrl: options.publicUrl ?? options.tokens.issuer,
      keptWorkspaces: new Set(
        [defaultWorkspaceId, defaultTenantId].filter((id) => id !== undefined),
      ),
      onWorkspaceCreated,
    }),
    ...bindRoutes(authRoutes, accounts.auth),
    ...bindRoutes(accountRoutes, accounts.account),
    ...bindRoutes(apiKeyRoutes, createKeyHandlers({ database, clock, audit, origins: keyOrigins })),
    ...bindRoutes(tokenRoutes, {
      ...createTokenHandlers({ database, clock, tokens }),
      ...others.handlers,
    }),
  ];
}
