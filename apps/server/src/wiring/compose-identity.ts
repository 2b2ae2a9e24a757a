import { createIdentity } from '@automatos/identity';
import type { AuditLog, CredentialRoom, Identity } from '@automatos/identity';
import type { WorkspaceId } from '@automatos/kernel';
import { composeIssuers, tokenOptions } from './compose-issuers.ts';
import type { BaseDeps } from './base-deps.ts';
import type { Work } from './compose-work.ts';
import type { createSeeder } from './seeds.ts';
import { createWorkspaceContents } from './workspace-contents.ts';

interface IdentityDeps extends BaseDeps {
  work: Work;
  audit: AuditLog;
  credentials: CredentialRoom;
  seeder: Pick<Awaited<ReturnType<typeof createSeeder>>, 'workspace'>;
  operatorKey: string;
  instanceSecret: Uint8Array;
}

/** Accounts, workspaces and keys, with the settings that they follow; hears of origins of keys until the product stops. */
export async function composeIdentity(deps: IdentityDeps): Promise<Identity> {
  const { config, logger, clock, metrics, database } = deps;
  const identity = createIdentity({
    database,
    clock,
    metrics,
    audit: deps.audit,
    signUpOpen: config.identity.signUpOpen,
    operatorKeys: [deps.operatorKey],
    logger: logger.child({ room: 'identity' }),
    secrets: deps.credentials.secrets,
    tokens: tokenOptions(config, deps.instanceSecret),
    publicUrl: config.publicUrl,
    issuers: composeIssuers(deps),
    defaultWorkspaceId: config.identity.workspaceId as WorkspaceId | undefined,
    defaultTenantId: config.identity.defaultTenantId as WorkspaceId,
    requireSignIn: config.identity.requireAuth,
    contents: createWorkspaceContents(deps),
    onWorkspaceCreated: deps.seeder.workspace,
  });
  await identity.keyOrigins.start();
  deps.closers.add('origins of browser keys', () => identity.keyOrigins.stop());
  return identity;
}
