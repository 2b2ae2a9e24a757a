import type { UsedCredential } from '../use-credentials.ts';
import { failed, judged, passed, send, textOf, withoutSlash } from './outcome.ts';
import type { Access, Outcome } from './outcome.ts';
import { signJwt } from './sign-jwt.ts';

interface Tokens {
  access: string;
  refresh: string | null;
  expiresInS: number | null;
}

type Grant = Record<string, string>;

/** Tokens of a token endpoint, or what its refusal means. */
async function getTokens(access: Access, url: string, grant: Grant): Promise<Tokens | Outcome> {
  const { status, json } = await send(access, {
    url,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(grant).toString(),
  });
  // `invalid_grant` and `invalid_client` come as 400 too.
  if (status === 400) return judged(401);
  if (status < 200 || status >= 300) return judged(status);
  const answer = (json ?? {}) as Record<string, unknown>;
  const token = answer['access_token'];
  if (typeof token !== 'string') return failed('no_token', 'The service gave no access token.');
  const { refresh_token: refresh, expires_in: expires } = answer;
  return {
    access: token,
    refresh: typeof refresh === 'string' ? refresh : null,
    expiresInS: typeof expires === 'number' ? expires : null,
  };
}

/** Refreshes the access token; what comes back is to be stored, because the old refresh token may be spent. */
export async function testOAuth2(
  access: Access,
  { fields, secrets }: UsedCredential,
): Promise<Outcome> {
  const refresh = textOf(secrets, 'refresh_token');
  if (refresh === '')
    return failed('no_refresh_token', 'Without a refresh token there is nothing to test with.');
  const tokens = await getTokens(access, textOf(fields, 'token_url'), {
    grant_type: 'refresh_token',
    refresh_token: refresh,
    client_id: textOf(fields, 'client_id'),
    client_secret: textOf(secrets, 'client_secret'),
  });
  if ('ok' in tokens) return tokens;
  const { expiresInS } = tokens;
  const expires =
    expiresInS === null
      ? {}
      : { expires_at: new Date(access.nowMs + expiresInS * 1000).toISOString() };
  const refreshed = {
    access_token: tokens.access,
    refresh_token: tokens.refresh ?? refresh,
    ...expires,
  };
  return { ...passed('The service gave a new access token, which is stored.'), refreshed };
}

/** Gets an access token in the way that the fields allow, and reads the API versions with it. */
export async function testSalesforce(access: Access, credential: UsedCredential): Promise<Outcome> {
  const { fields } = credential;
  const login = withoutSlash(textOf(fields, 'login_url'));
  const grant = salesforceGrant(credential, { login, nowMs: access.nowMs });
  if ('ok' in grant) return grant as unknown as Outcome;
  const tokens = await getTokens(access, `${login}/services/oauth2/token`, grant as Grant);
  if ('ok' in tokens) return tokens;
  const { status } = await send(access, {
    url: `${withoutSlash(textOf(fields, 'instance_url'))}/services/data`,
    headers: { authorization: `Bearer ${tokens.access}` },
  });
  if (status < 200 || status >= 300) return judged(status);
  return passed('Salesforce gave an access token and lists its API versions.');
}

function salesforceGrant(
  { fields, secrets }: UsedCredential,
  at: { login: string; nowMs: number },
): Grant | Outcome {
  const client = { client_id: textOf(fields, 'client_id') };
  const secret = textOf(secrets, 'client_secret');
  const withSecret = secret === '' ? client : { ...client, client_secret: secret };
  const refresh = textOf(secrets, 'refresh_token');
  if (refresh !== '') return { grant_type: 'refresh_token', refresh_token: refresh, ...withSecret };
  if (secret !== '') return { grant_type: 'client_credentials', ...withSecret };
  const username = textOf(fields, 'username');
  if (username === '')
    return failed('username_missing', 'With a private key the user name is needed too.');
  const claims = {
    iss: client.client_id,
    sub: username,
    aud: at.login,
    exp: Math.floor(at.nowMs / 1000) + 180,
  };
  const assertion = signJwt(claims, textOf(secrets, 'private_key'));
  return { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion };
}
