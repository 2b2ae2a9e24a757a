import { z } from 'zod';
import { credentialError } from './credential-error.ts';
import { secretMissing } from './database-secret-store.ts';
import type { SecretOwner, SecretStore } from './secret-store.ts';

export interface VaultOptions {
  /** E.g. `https://vault.example.com:8200`. */
  address: string;
  token: string;
  /** Where the KV v2 engine is mounted. */
  mount: string;
  /** Folder inside of it. */
  prefix: string;
  /** Of Vault Enterprise. */
  namespace?: string | undefined;
  fetch?: typeof globalThis.fetch;
  /** Default 5,000. */
  timeoutMs?: number;
}

const metadataSchema = z.object({ data: z.object({ current_version: z.int() }) });
const writtenSchema = z.object({ data: z.object({ version: z.int() }) });
const readSchema = z.object({
  data: z.object({ data: z.object({ owner: z.string(), content: z.string() }) }),
});
const errorsSchema = z.object({ errors: z.array(z.string()) });

interface Answer {
  status: number;
  body: unknown;
}

type Operation = 'GET metadata' | 'DELETE metadata' | 'GET data' | 'POST data' | 'PUT destroy';

const ATTEMPTS = 3;
const DEFAULT_TIMEOUT_MS = 5_000;

/** Keeps secrets in HashiCorp Vault (KV v2), one path per credential, one version per revision. */
export function createVaultSecretStore(options: VaultOptions): SecretStore {
  const send = createSender(options);

  /** Names the version that must still be the newest, so that mounts which demand it take the write. */
  async function write(owner: SecretOwner, content: string): Promise<string | null> {
    const before = await send('GET metadata', owner);
    const cas = before.status === 404 ? 0 : read(metadataSchema, before).data.current_version;
    const data = { owner: nameOf(owner), content };
    const answer = await send('POST data', owner, { body: { options: { cas }, data } });
    if (answer.status === 400 && errorsOf(answer).some((text) => text.includes('check-and-set')))
      return null;
    return String(read(writtenSchema, answer).data.version);
  }

  return {
    kind: 'vault',
    async put(owner, content) {
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const revision = await write(owner, content);
        if (revision !== null) return revision;
      }
      throw unavailable('the secret is being changed by others at this moment');
    },
    async get(owner, revision) {
      const answer = await send('GET data', owner, { query: `?version=${Number(revision)}` });
      if (answer.status === 404) throw secretMissing(owner);
      const { data } = read(readSchema, answer).data;
      if (data.owner === nameOf(owner)) return data.content;
      throw credentialError('credentials.record.damaged', {
        kind: 'internal',
        message: `What Vault holds for credential ${owner.credentialId} belongs to another one. Delete the credential and enter it again.`,
      });
    },
    async drop(owner, revisions) {
      if (revisions.length === 0) return;
      const body = { versions: revisions.map(Number) };
      accept(await send('PUT destroy', owner, { body }));
    },
    async remove(owner) {
      accept(await send('DELETE metadata', owner));
    },
  };
}

function createSender(options: VaultOptions) {
  const { address, token, mount, prefix, namespace, fetch = globalThis.fetch } = options;
  const folder = prefix === '' ? '' : `${prefix}/`;
  return async (
    operation: Operation,
    owner: SecretOwner,
    extra: { body?: object; query?: string } = {},
  ): Promise<Answer> => {
    const [method, part] = operation.split(' ') as [string, string];
    const place = `${owner.workspaceId ?? 'platform'}/${owner.credentialId}`;
    const url = `${address.replace(/\/+$/, '')}/v1/${mount}/${part}/${folder}${place}${extra.query ?? ''}`;
    const headers = {
      'x-vault-token': token,
      'x-vault-request': 'true',
      ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
      ...(extra.body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const body = extra.body === undefined ? {} : { body: JSON.stringify(extra.body) };
    const signal = AbortSignal.timeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    try {
      // The token must not travel to another address.
      const response = await fetch(url, { method, headers, ...body, redirect: 'error', signal });
      const text = await response.text();
      return judged({ status: response.status, body: text === '' ? {} : JSON.parse(text) });
    } catch (error) {
      throw signal.aborted || error instanceof SyntaxError || error instanceof TypeError
        ? unavailable(reasonOf(error, signal), error)
        : error;
    }
  };
}

function judged(answer: Answer): Answer {
  if (answer.status === 403 || answer.status === 401)
    throw credentialError('credentials.vault.forbidden', {
      kind: 'unavailable',
      message:
        'Vault refused the request: check VAULT_TOKEN, and that its policy allows create, read, update and delete under the configured path.',
      retryable: false,
    });
  if (answer.status >= 500)
    throw unavailable(
      `it answered ${answer.status}${errorsOf(answer).includes('Vault is sealed') ? ' because it is sealed' : ''}`,
    );
  return answer;
}

function read<T>(schema: z.ZodType<T>, answer: Answer): T {
  const parsed = schema.safeParse(answer.body);
  if (answer.status < 300 && parsed.success) return parsed.data;
  throw unavailable(
    `it answered ${answer.status} in a form that KV v2 does not have; check VAULT_MOUNT`,
  );
}

function accept(answer: Answer): void {
  if (answer.status < 300 || answer.status === 404) return;
  throw unavailable(`it answered ${answer.status}`);
}

function errorsOf(answer: Answer): string[] {
  const parsed = errorsSchema.safeParse(answer.body);
  return parsed.success ? parsed.data.errors : [];
}

/** What the content belongs to, so that a copy to another path is not taken for its own. */
function nameOf({ workspaceId, credentialId, type }: SecretOwner): string {
  return [workspaceId ?? 'platform', credentialId, type].join('/');
}

function reasonOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'it did not answer in time';
  if (error instanceof SyntaxError) return 'its answer is no JSON';
  return 'it cannot be reached';
}

function unavailable(reason: string, cause?: unknown) {
  return credentialError('credentials.vault.unavailable', {
    kind: 'unavailable',
    message: `Vault cannot be used: ${reason}.`,
    ...(cause === undefined ? {} : { cause }),
  });
}
