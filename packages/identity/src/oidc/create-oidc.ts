import type { Handlers, tokenRoutes } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import type { Clock, Metrics, WorkspaceId } from '@automatos/kernel';
import type { InvitationPort } from '../accounts/account-ports.ts';
import type { SignIns } from '../accounts/sign-ins.ts';
import type { AuditLog } from '../audit/index.ts';
import type { IssuerFetch } from './issuer-fetch.ts';
import { createOidcHandlers, presentProviders } from './oidc-handlers.ts';
import { createOidcProvider } from './oidc-provider.ts';
import { createOutsideIssuers } from './outside-issuers.ts';
import type { OutsideIssuer, OutsideIssuers } from './outside-issuers.ts';
import { createOutsidePeople } from './outside-people.ts';
import type { OutsidePeople } from './outside-people.ts';

/** Id of the provider of `OIDC_ISSUER` in addresses and sessions. */
const OIDC = 'oidc';

/** Other issuers that this installation trusts. */
export interface IssuerOptions {
  oidc?:
    | {
        issuer: string;
        /** For people, on the sign-in page. */
        name: string;
        /** Undefined: its bearer tokens count, and nobody signs in by it. */
        clientId: string | undefined;
        clientSecret: string | undefined;
        /** Audiences of bearer tokens that count here; at least one. */
        audiences: readonly string[];
      }
    | undefined;
  clerk?: { issuer: string; jwksUrl: string; audiences: readonly string[] } | undefined;
  /** The way to them. */
  fetch: IssuerFetch;
  /** An unknown key id makes their keys be fetched again at most so often; default 30 s. */
  cooldownMs?: number | undefined;
}

export interface OidcDeps {
  database: Database;
  clock: Clock;
  metrics: Metrics;
  audit: Pick<AuditLog, 'append'>;
  invitations: Pick<InvitationPort, 'redeem'>;
  signIns: Pick<SignIns, 'begin'>;
  /** Without a slash at the end. */
  publicUrl: string;
  signUpOpen: boolean;
  defaultTenantId: WorkspaceId | undefined;
  onWorkspaceCreated: (workspaceId: WorkspaceId) => Promise<void>;
}

/** Sign-in and tokens of other issuers. */
export interface OidcRoom {
  outside: OutsideIssuers;
  people: OutsidePeople;
  /** What `getAuthStatus` tells. */
  providers: { id: string; name: string }[];
  handlers: Pick<
    Handlers<typeof tokenRoutes>,
    'startOidc' | 'linkOidc' | 'finishOidc' | 'listIdentities' | 'deleteIdentity'
  >;
}

export function createOidc(options: IssuerOptions | undefined, deps: OidcDeps): OidcRoom {
  const fetch = options?.fetch ?? nobodyToAsk;
  const people = createOutsidePeople(deps);
  const providers = providersOf(options, { ...deps, fetch });
  return {
    outside: createOutsideIssuers({
      issuers: issuersOf(options),
      fetch,
      clock: deps.clock,
      cooldownMs: options?.cooldownMs,
    }),
    people,
    providers: presentProviders(providers),
    handlers: createOidcHandlers({ ...deps, people, providers }),
  };
}

function issuersOf({ oidc, clerk }: Partial<IssuerOptions> = {}): OutsideIssuer[] {
  return [
    ...(oidc === undefined || oidc.audiences.length === 0
      ? []
      : [{ issuer: oidc.issuer, audiences: oidc.audiences, azpCounts: false }]),
    ...(clerk === undefined ? [] : [{ ...clerk, azpCounts: true }]),
  ];
}

function providersOf(
  options: IssuerOptions | undefined,
  deps: Parameters<typeof createOidcProvider>[1],
) {
  const oidc = options?.oidc;
  if (oidc?.clientId === undefined) return [];
  return [createOidcProvider({ ...oidc, clientId: oidc.clientId, id: OIDC }, deps)];
}

/** Without issuers nothing is ever fetched. */
const nobodyToAsk: IssuerFetch = () => Promise.reject(new Error('no issuer is configured'));
