import { createPrivacy } from '@automatos/identity';
import type { AuditLog, CredentialRoom, Identity, Privacy, Threats } from '@automatos/identity';
import { DEFAULT_WORKSPACE_ID } from '@automatos/kernel';
import type { AnswerCache } from '@automatos/providers';
import { deleteOrphanedJournals } from '@automatos/runs';
import type { BaseDeps } from './base-deps.ts';
import { roomsPersonalData } from './personal-data-holders.ts';
import { RETENTION_CATEGORIES } from './retention-categories.ts';
import { createWorkspaceContents } from './workspace-contents.ts';

export interface PrivacyRoomDeps extends BaseDeps {
  audit: Pick<AuditLog, 'seal'>;
  credentials: Pick<CredentialRoom, 'leaveWorkspace'>;
  identity: Pick<Identity, 'secondFactors'>;
  threats: Pick<Threats, 'flush'>;
  answers: Pick<AnswerCache, 'clear'>;
  /** What this process remembers of who may do what. */
  forgetCallers: () => void;
}

/** Joins what every room keeps about people with the room that answers for it. */
export async function composePrivacy(deps: PrivacyRoomDeps): Promise<Privacy> {
  const { config, database, clock, closers } = deps;
  const kept = [DEFAULT_WORKSPACE_ID, config.identity.workspaceId, config.identity.defaultTenantId];
  const privacy = createPrivacy({
    database,
    clock,
    logger: deps.logger.child({ room: 'privacy' }),
    audit: deps.audit,
    holders: roomsPersonalData(deps),
    categories: RETENTION_CATEGORIES,
    contents: createWorkspaceContents(deps),
    secondFactors: deps.identity.secondFactors,
    keptWorkspaces: new Set(kept.filter((id) => id !== undefined)),
    deleteOrphans: () => deleteOrphanedJournals(database.system),
    settle: () => deps.threats.flush(),
    forgetCallers: deps.forgetCallers,
    deletes: config.roles.worker,
  });
  closers.add('privacy', () => privacy.stop());
  await privacy.start();
  return privacy;
}
