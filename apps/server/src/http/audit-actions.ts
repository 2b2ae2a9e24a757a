import type { RouteSpec } from '@automatos/contracts';

/**
 * How a request is recorded. `change`: put down before it is done and stored before it is answered, else it is refused.
 * `use`: nothing of ours changes, so its entry is written beside the answer. `denial`: only when it is refused.
 */
export type AuditKind = 'change' | 'use' | 'denial';

/** Operations whose name is not the best one for what is done, and reads that are worth an entry. */
const ACTIONS: Readonly<Record<string, string>> = {
  signIn: 'auth.sign_in',
  signOut: 'auth.sign_out',
  signUp: 'auth.sign_up',
  createTicket: 'auth.ticket',
  createToken: 'auth.token',
  revokeToken: 'auth.token_revoke',
  linkOidc: 'auth.link_begin',
  deleteIdentity: 'auth.unlink',
  stepUp: 'auth.step_up',
  renewBackupCodes: 'mfa.renew_backup_codes',
  revokeOtherSessions: 'session.revoke_others',
  deleteApiKey: 'api_key.revoke',
  executeRecipe: 'run.start',
  createTask: 'task.start',
  decideApproval: 'approval.decide',
  receiveWebhook: 'trigger.receive',
  createChatCompletion: 'model.chat',
  createEmbedding: 'model.embed',
  tryModel: 'model.try',
  setAgentStatus: 'agent.set_status',
  setAgentTools: 'agent.set_tools',
  changeAgents: 'agent.change_many',
  restoreAgentVersion: 'agent.restore',
  importAgents: 'agent.import',
  executeAgent: 'agent.execute',
  testAgentDraft: 'agent.test_draft',
  rateAgentRun: 'agent.rate',
  setRunLimits: 'run_limits.update',
  exportAudit: 'audit.export',
};

/** Reads that are recorded like a use. */
const RECORDED_READS: ReadonlySet<string> = new Set(['exportAudit']);

/** Writes that change nothing which outlives some minutes, beside those whose permission says so. */
const USES: ReadonlySet<string> = new Set(['receiveWebhook', 'createToken', 'linkOidc']);

/** Every open page makes these again and again, or they only look; they would bury what counts. */
const ROUTINE: ReadonlySet<string> = new Set([
  'createTicket',
  'inspectInvitation',
  'previewPattern',
]);

/** Fields of a body whose values are few words of ours and tell what was decided. */
const TELLING_FIELDS: Readonly<Record<string, readonly string[]>> = {
  decideApproval: ['decision'],
  setAgentStatus: ['status'],
  changeAgents: ['action'],
  importAgents: ['on_conflict'],
  createApiKey: ['kind', 'role', 'expires_in_days'],
  rotateApiKey: ['grace_hours'],
};

export function auditKindOf(spec: RouteSpec): AuditKind {
  if (spec.method === 'GET') return RECORDED_READS.has(spec.operationId) ? 'use' : 'denial';
  // Each model call has a usage row already, which says more of it.
  if (spec.permission === 'models:call' || ROUTINE.has(spec.operationId)) return 'denial';
  const changesNothing = spec.permission.endsWith(':read') || USES.has(spec.operationId);
  return changesNothing ? 'use' : 'change';
}

/** `area.verb` of an operation: by the table above, else from its id, e.g. `createApiKey` → `api_key.create`. */
export function auditActionOf(spec: Pick<RouteSpec, 'operationId' | 'tag'>): string {
  const named = ACTIONS[spec.operationId];
  if (named !== undefined) return named;
  const [verb = '', ...noun] = spec.operationId
    .replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    .split('_');
  const verbs: Readonly<Record<string, string>> = { put: 'update', get: 'read' };
  return `${noun.join('_') || spec.tag}.${verbs[verb] ?? verb}`;
}

/** Names of the body's fields that the contract knows, and the values of those that tell what was decided. */
export function describeBody(spec: RouteSpec, body: unknown): { fields?: string[] } {
  const shape = (spec.body as { shape?: object } | undefined)?.shape;
  if (shape === undefined || typeof body !== 'object' || body === null) return {};
  const fields = Object.keys(body).filter((name) => Object.hasOwn(shape, name));
  const told = (TELLING_FIELDS[spec.operationId] ?? [])
    .map((name) => [name, (body as Record<string, unknown>)[name]])
    .filter(([, value]) => typeof value === 'string' || typeof value === 'number');
  return { ...(fields.length === 0 ? {} : { fields }), ...Object.fromEntries(told) };
}
