import { tmpdir } from 'node:os';
import { silentLogger } from '@automatos/kernel';
import { createLlmWireServer } from '@automatos/testing';
import type { LlmWireServer } from '@automatos/testing';
import { compose } from '../compose.ts';
import { loadConfig } from '../config.ts';
import { createPlace } from './product.ts';

export const OPERATOR_KEY = 'ak_srv_operator-key-of-the-tests-0123456789';

/** The composed product in this process, with vendors behind it that speak their wires over real HTTP. */
export interface V1Fixture {
  /** `http://127.0.0.1:port/v1` */
  baseUrl: string;
  url: string;
  vendor: LlmWireServer;
  /** A second vendor, for fallbacks. */
  spare: LlmWireServer;
  /** Answer of the platform's own API in the operator's name. */
  api<Body>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Body>;
  /** A new key of this role. */
  key(role: 'admin' | 'member' | 'viewer'): Promise<string>;
  close(): Promise<void>;
}

/** `openai` and `anthropic` answer at `vendor`, `openai-compatible` and `ollama` at `spare`. */
export async function startV1(env: Record<string, string> = {}): Promise<V1Fixture> {
  const place = await createPlace();
  const [vendor, spare] = await Promise.all([createLlmWireServer(), createLlmWireServer()]);
  const config = loadConfig({
    env: {
      AUTOMATOS_ROLES: 'api,worker',
      AUTOMATOS_ROOTS: tmpdir(),
      FSYNC: 'false',
      RATE_LIMIT_PRINCIPAL_PER_MINUTE: '100000',
      RATE_LIMIT_PER_MINUTE: '100000',
      OPENAI_API_KEY: 'sk-vendor-secret-0123456789',
      OPENAI_BASE_URL: `${vendor.url}/v1`,
      ANTHROPIC_API_KEY: 'sk-ant-secret-0123456789',
      ANTHROPIC_BASE_URL: `${vendor.url}/v1`,
      OPENAI_COMPATIBLE_BASE_URL: `${spare.url}/v1`,
      ...(place.databaseUrl === undefined ? {} : { DATABASE_URL: place.databaseUrl }),
      ...env,
    },
    argv: ['--data', place.dataDir],
    cwd: place.dataDir,
    home: place.dataDir,
    isTerminal: false,
  });
  const app = await compose({
    config,
    logger: silentLogger,
    operatorKey: OPERATOR_KEY,
    progress: () => undefined,
  });
  const { url } = await app.edge.listen({ host: '127.0.0.1', port: 0 });
  const api: V1Fixture['api'] = async (method, path, ...[body, headers = {}]) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { 'x-api-key': OPERATOR_KEY, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return (text === '' ? null : JSON.parse(text)) as never;
  };
  return {
    baseUrl: `${url}/v1`,
    url,
    vendor,
    spare,
    api,
    async key(role) {
      const { key } = await api<{ key: string }>('POST', '/api/auth/api-keys', {
        name: role,
        role,
      });
      return key;
    },
    async close() {
      await app.stop();
      await Promise.all([vendor.close(), spare.close()]);
      await place.remove();
    },
  };
}
