import type { Database } from '@automatos/database';
import type { Clock } from '@automatos/kernel';
import { createAccessTokens } from './access-tokens.ts';
import type { AccessTokens } from './access-tokens.ts';
import { createIssueTokens } from './issue-tokens.ts';
import type { IssueTokens } from './issue-tokens.ts';
import { createSigningKeys } from './signing-keys.ts';
import type { SigningKeys } from './signing-keys.ts';

export interface TokenOptions {
  /** What tokens name as their issuer: the public address of the installation, without a slash at the end, or another name of it alone. */
  issuer: string;
  /** Secret of the installation, the same in every process; the signing keys are sealed under it. */
  secret: Uint8Array;
}

/** Access tokens of this installation. */
export interface TokenRoom {
  issuer: string;
  keys: SigningKeys;
  access: AccessTokens;
  issueTokens: IssueTokens;
}

export function createTokens(
  options: TokenOptions,
  deps: { database: Database; clock: Clock },
): TokenRoom {
  const { issuer, secret } = options;
  const keys = createSigningKeys({ ...deps, secret });
  const access = createAccessTokens({ keys, issuer, clock: deps.clock });
  return { issuer, keys, access, issueTokens: createIssueTokens(access) };
}
