import { request as requests } from '@playwright/test';
import type { BrowserContextOptions } from '@playwright/test';

export const OWNER = {
  name: 'Ada Example',
  email: 'ada@example.com',
  password: 'correct horse battery staple',
};

/** Cookies of somebody who is signed in. */
export type Session = Exclude<BrowserContextOptions['storageState'], string | undefined>;

/** Makes the owner when there is none yet, and signs in. */
export async function signInOwner(url: string): Promise<Session> {
  // A person's browser sends its origin with each write; the product refuses writes of a session without it.
  const context = await requests.newContext({ baseURL: url, extraHTTPHeaders: { origin: url } });
  try {
    const status = await context.get('/api/auth/status');
    const { needs_owner: needsOwner } = (await status.json()) as { needs_owner: boolean };
    const { name, ...credentials } = OWNER;
    const entered = needsOwner
      ? await context.post('/api/auth/sign-up', { data: { name, ...credentials } })
      : await context.post('/api/auth/sign-in', { data: credentials });
    if (!entered.ok()) throw new Error(`the owner was refused: ${await entered.text()}`);
    return await context.storageState();
  } finally {
    await context.dispose();
  }
}
