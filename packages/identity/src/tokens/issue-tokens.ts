import type { tokensSchema } from '@automatos/contracts';
import type { z } from 'zod';
import type { AccessTokens } from './access-tokens.ts';
import { TOKEN_SECONDS } from './signing-keys.ts';

export type Tokens = z.output<typeof tokensSchema>;

/** Whose tokens: the session has to live, and its secret is what refreshes them. */
export interface TokenGrant {
  sessionId: string;
  sessionToken: string;
  userId: string;
  /** Workspace of requests that name none; absent: chosen at each request, as with the cookie. */
  workspaceId?: string | undefined;
}

/** Gives tokens to somebody whose session was just begun. */
export type IssueTokens = (grant: TokenGrant) => Promise<Tokens>;

export function createIssueTokens(tokens: Pick<AccessTokens, 'sign'>): IssueTokens {
  return async ({ sessionToken, ...grant }) => ({
    token_type: 'Bearer',
    access_token: await tokens.sign(grant),
    expires_in: TOKEN_SECONDS,
    refresh_token: sessionToken,
  });
}
