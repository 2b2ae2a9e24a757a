import type { WorkspaceId } from '@automatos/kernel';

/** Whose secrets: those of a credential of a workspace, or with null of the platform. */
export interface SecretOwner {
  workspaceId: WorkspaceId | null;
  credentialId: string;
  /** Kind of the credential; a record of one kind is not taken for another. */
  type: string;
}

/**
 * Where secrets are kept. A revision is never changed: a change is another revision, and whoever names it in the credential's row
 * decides that it counts. Content is small JSON.
 */
export interface SecretStore {
  readonly kind: 'database' | 'vault';
  /** Keeps the content and names it. */
  put(owner: SecretOwner, content: string): Promise<string>;
  /** Throws `credentials.secret.missing` for what is not there, and other `credentials.*` for what cannot be read. */
  get(owner: SecretOwner, revision: string): Promise<string>;
  /** Forgets these revisions for ever; those that are not there are no error. */
  drop(owner: SecretOwner, revisions: readonly string[]): Promise<void>;
  /** Forgets everything of a credential. */
  remove(owner: SecretOwner): Promise<void>;
}
