import type { CredentialTest } from '@automatos/contracts';
import { isPlatformError } from '@automatos/kernel';
import type { Clock } from '@automatos/kernel';
import type { UsedCredential } from '../use-credentials.ts';
import type { AccessPorts } from './access-ports.ts';
import { testModelVendor } from './model-vendors.ts';
import { testOAuth2, testSalesforce } from './oauth-tests.ts';
import { testPostgres } from './postgres-login.ts';
import { REQUESTS } from './requests.ts';
import { headBucket } from './s3-request.ts';
import { testSmtp } from './smtp-login.ts';
import { ask, failed, textOf } from './outcome.ts';
import type { Access, Outcome } from './outcome.ts';

/** Whole time of one test, ms. */
const TEST_MS = 15_000;

export interface CredentialTester {
  /**
   * Asks the service; every failure is an outcome. Its message is made here and holds nothing that the service said, which may
   * repeat the secret. `refreshed`: new values to store, which the service gave in place of the old ones.
   */
  test(
    credential: UsedCredential,
    signal: AbortSignal,
  ): Promise<{ test: CredentialTest; refreshed: Record<string, string> | null }>;
}

export function createCredentialTester(deps: {
  access: AccessPorts;
  clock: Pick<Clock, 'now'>;
  timeoutMs?: number;
}): CredentialTester {
  const { access, clock, timeoutMs = TEST_MS } = deps;
  return {
    async test(credential, caller) {
      const startedMs = clock.now();
      const timer = AbortSignal.timeout(timeoutMs);
      const signal = AbortSignal.any([timer, caller]);
      const site: Access = { ...access, signal, timeoutMs, nowMs: startedMs };
      const outcome = await run(site, credential).catch((error: unknown) =>
        timer.aborted ? failed('timeout', `No answer within ${timeoutMs} ms.`) : toOutcome(error),
      );
      const { refreshed = null, ...said } = outcome;
      const now = clock.now();
      const at = new Date(now).toISOString();
      return { test: { ...said, duration_ms: Math.round(now - startedMs), at }, refreshed };
    },
  };
}

async function run(access: Access, credential: UsedCredential): Promise<Outcome> {
  switch (credential.type) {
    case 'openai':
    case 'anthropic':
    case 'google_ai':
    case 'llm_api_key':
    case 'openai_compatible':
    case 'ollama':
      return testModelVendor(access, credential);
    case 'oauth2':
      return testOAuth2(access, credential);
    case 'salesforce':
      return testSalesforce(access, credential);
    case 'aws_s3':
      return ask(access, headBucket(credential, access.nowMs), { said: 'The bucket is there.' });
    case 'smtp':
      return testSmtp(access, credential);
    case 'postgresql':
      return testPostgres(access, textOf(credential.secrets, 'url'));
    default: {
      const request = REQUESTS[credential.type];
      if (request === undefined)
        return failed('no_test', 'Credentials of this type cannot be tested from here.');
      const { said, accepts, ...rest } = request(credential, access.nowMs);
      return ask(access, rest, { said, accepts });
    }
  }
}

/** Own messages say what happened; those of libraries might repeat what they were given. */
function toOutcome(error: unknown): Outcome {
  if (isPlatformError(error) && error.kind === 'forbidden')
    return failed(
      'address_denied',
      'The address is not a public one; the operator can allow it with AUTOMATOS_OUTBOUND_ALLOW.',
    );
  if (isPlatformError(error) && error.kind === 'timeout')
    return failed('timeout', 'The service did not answer in time.');
  if (isPlatformError(error) && error.code === 'tools.network.redirects_exceeded')
    return failed('redirected', 'The service redirects; give the address it redirects to.');
  const code = (error as NodeJS.ErrnoException).code;
  if (typeof code === 'string' && /^(?:ERR_TLS|CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code))
    return failed('certificate', 'The certificate of the service is not valid for it.');
  if (typeof code === 'string' && /^ERR_OSSL|^ERR_CRYPTO/.test(code))
    return failed('key_unreadable', 'The private key cannot be read; give the whole .pem file.');
  return failed('unreachable', 'The service cannot be reached at this address.');
}
