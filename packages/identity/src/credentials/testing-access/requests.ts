import type { UsedCredential } from '../use-credentials.ts';
import { basic, textOf, withoutSlash } from './outcome.ts';
import type { TestRequest } from './outcome.ts';
import { signJwt } from './sign-jwt.ts';

interface AskedRequest extends TestRequest {
  /** What success means. */
  said: string;
  accepts?: (json: unknown) => boolean;
}

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

/** The one request that tells whether a service takes the credential, by type. */
export const REQUESTS: Readonly<
  Record<string, (credential: UsedCredential, nowMs: number) => AskedRequest>
> = {
  github_token: ({ fields, secrets }) => ({
    url: `${withoutSlash(textOf(fields, 'base_url')) || 'https://api.github.com'}/user`,
    headers: { ...bearer(textOf(secrets, 'token')), accept: 'application/vnd.github+json' },
    said: 'GitHub accepts the token.',
  }),
  github_app: ({ fields, secrets }, nowMs) => {
    const now = Math.floor(nowMs / 1000);
    // A minute back, because clocks differ; GitHub takes at most ten minutes.
    const claims = { iat: now - 60, exp: now + 300, iss: textOf(fields, 'app_id') };
    const token = signJwt(claims, textOf(secrets, 'private_key'));
    return {
      url: 'https://api.github.com/app',
      headers: { ...bearer(token), accept: 'application/vnd.github+json' },
      said: 'GitHub knows the app and its key.',
    };
  },
  slack_app: ({ secrets }) => ({
    url: 'https://slack.com/api/auth.test',
    method: 'POST',
    headers: bearer(textOf(secrets, 'bot_token')),
    said: 'Slack accepts the bot token.',
    accepts: (json) => (json as { ok?: unknown } | null)?.ok === true,
  }),
  n8n: ({ fields, secrets }) => ({
    url: `${withoutSlash(textOf(fields, 'base_url')).replace(/\/api\/v1$/, '')}/api/v1/workflows?limit=1`,
    headers: { 'x-n8n-api-key': textOf(secrets, 'api_key') },
    said: 'n8n accepts the key.',
  }),
  notion: ({ secrets }) => ({
    url: 'https://api.notion.com/v1/users/me',
    headers: { ...bearer(textOf(secrets, 'token')), 'notion-version': '2022-06-28' },
    said: 'Notion accepts the token.',
  }),
  jira: ({ fields, secrets }) => ({
    url: `${withoutSlash(textOf(fields, 'site_url'))}/rest/api/3/myself`,
    headers: { authorization: basic(textOf(fields, 'email'), textOf(secrets, 'api_token')) },
    said: 'Jira accepts the token.',
  }),
  composio: ({ secrets }) => ({
    url: 'https://backend.composio.dev/api/v3.1/toolkits?limit=1',
    headers: { 'x-api-key': textOf(secrets, 'api_key') },
    said: 'Composio accepts the key.',
  }),
  http_auth: ({ fields, secrets }) => ({
    url: `${withoutSlash(textOf(fields, 'base_url'))}/${textOf(fields, 'test_path').replace(/^\/+/, '')}`,
    headers: httpAuthHeaders(fields, textOf(secrets, 'secret')),
    said: 'The service accepts the secret.',
  }),
};

function httpAuthHeaders(fields: UsedCredential['fields'], secret: string): Record<string, string> {
  const name = textOf(fields, 'username');
  if (fields['scheme'] === 'basic') return { authorization: basic(name, secret) };
  if (fields['scheme'] === 'bearer') return bearer(secret);
  return { [name === '' ? 'x-api-key' : name]: secret };
}
