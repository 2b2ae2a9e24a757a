import type { Handlers, accountRoutes, authRoutes } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import type { Clock, Metrics, WorkspaceId } from '@automatos/kernel';
import type { AuditLog } from '../audit/index.ts';
import type { SecondFactorSecrets } from '../mfa/factor-secrets.ts';
import { createMfaHandlers } from '../mfa/mfa-handlers.ts';
import { createSecondFactors } from '../mfa/second-factors.ts';
import type { SecondFactors } from '../mfa/second-factors.ts';
import { createSessionHandlers } from '../sessions/session-handlers.ts';
import { createTicketHandlers } from '../sessions/ticket-handlers.ts';
import type { IssueTokens } from '../tokens/issue-tokens.ts';
import type { InvitationPort } from './account-ports.ts';
import { createProfileHandlers } from './profile-handlers.ts';
import { createProofs } from './proofs.ts';
import type { Proofs } from './proofs.ts';
import { createSignInGuard } from './sign-in-guard.ts';
import { createSignInHandlers } from './sign-in-handlers.ts';
import { createSignIns } from './sign-ins.ts';
import type { SignIns } from './sign-ins.ts';
import { createNewcomers } from './sign-up.ts';
import type { Newcomers } from './sign-up.ts';

export interface AccountsDeps {
  database: Database;
  clock: Clock;
  audit: Pick<AuditLog, 'append'>;
  metrics: Metrics;
  secrets: SecondFactorSecrets;
  invitations: InvitationPort;
  issueTokens: IssueTokens;
  signUpOpen: boolean;
  /** Workspace that the first person owns; absent: the first one. */
  defaultTenantId: WorkspaceId | undefined;
  /** OpenID providers that people may sign in with. */
  providers: () => readonly { id: string; name: string }[];
  onWorkspaceCreated: (workspaceId: WorkspaceId) => Promise<void>;
}

/** Accounts of people: their ways in, sessions and second factors. */
export interface Accounts {
  auth: Handlers<typeof authRoutes>;
  account: Handlers<typeof accountRoutes>;
  /** For other ways in than the password. */
  signIns: SignIns;
  newcomers: Newcomers;
  proofs: Proofs;
  factors: SecondFactors;
}

export function createAccounts(deps: AccountsDeps): Accounts {
  const { database, clock } = deps;
  const guard = createSignInGuard(deps);
  const factors = createSecondFactors({ ...deps, guard });
  const proofs = createProofs({ ...deps, guard });
  const newcomers = createNewcomers(deps);
  const signIns = createSignIns({ database, clock, factors });
  const { verifyMfa, ...signIn } = createSignInHandlers({ ...deps, guard, newcomers, signIns });
  return {
    auth: { ...signIn, ...createTicketHandlers(deps) },
    account: {
      ...createProfileHandlers({ database, proofs }),
      ...createSessionHandlers(deps),
      ...createMfaHandlers({ database, clock, factors, proofs }),
      verifyMfa,
    },
    signIns,
    newcomers,
    proofs,
    factors,
  };
}
