import { createClient, createToken } from '@automatos/sdk';
import { readProfile, updateProfile } from './profile.ts';
import type { Shell } from './shell.ts';

/** An access token that runs out while a request travels is no good. */
const MARGIN_MS = 30_000;

/** Returns a `fetch` that sends the access token of the person who signed in at `origin`, and gets a new one when it has run out. */
export function createSignedFetch(shell: Shell, origin: string): typeof fetch {
  let renewal: Promise<string> | undefined;

  async function renew(refreshToken: string): Promise<string> {
    const client = createClient({ baseUrl: origin });
    const { data } = await createToken({ client, body: { refresh_token: refreshToken } });
    updateProfile(shell, origin, {
      access_token: data.access_token,
      access_expires_at: Date.now() + data.expires_in * 1000,
    });
    return data.access_token;
  }

  async function accessToken(): Promise<string> {
    const kept = readProfile(shell, origin);
    const { access_token: token, access_expires_at: expiresAt = 0 } = kept;
    if (token !== undefined && expiresAt - MARGIN_MS > Date.now()) return token;
    renewal ??= renew(kept.refresh_token ?? '').finally(() => (renewal = undefined));
    return renewal;
  }

  return async (input, init) => {
    const request = new Request(input, init);
    request.headers.set('authorization', `Bearer ${await accessToken()}`);
    return fetch(request);
  };
}
