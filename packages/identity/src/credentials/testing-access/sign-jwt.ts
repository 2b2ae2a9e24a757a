import { createPrivateKey, sign } from 'node:crypto';

/** A JSON web token signed with RS256. Throws Node's error for a key that cannot be read. */
export function signJwt(claims: Record<string, unknown>, privateKey: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`;
  const key = createPrivateKey(privateKey);
  return `${head}.${sign('sha256', Buffer.from(head), key).toString('base64url')}`;
}
