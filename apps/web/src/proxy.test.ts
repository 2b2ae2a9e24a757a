import { NextRequest } from 'next/server';
import { describe, expect, it } from 'vitest';
import { proxy } from './proxy.ts';

const page = (headers: Record<string, string> = { host: 'localhost:3000' }) =>
  proxy(new NextRequest('http://localhost:3000/runs', { headers }));
const policyOf = (response: Response) => response.headers.get('content-security-policy') ?? '';
const nonceOf = (policy: string) => /'nonce-([^']+)'/.exec(policy)?.[1] ?? '';

describe('content security policy of pages', () => {
  it('lets only scripts with the nonce of this request run', () => {
    const [one, two] = [policyOf(page()), policyOf(page())];
    expect(one).toMatch(/script-src 'self' 'nonce-[\w+/=]{24}' 'strict-dynamic';/);
    expect(one).not.toMatch(/script-src[^;]*unsafe/);
    expect(nonceOf(one)).not.toBe(nonceOf(two));
  });

  it('tells Next the same nonce that the browser is told', () => {
    const response = page();
    const policy = policyOf(response);
    expect(response.headers.get('x-middleware-request-content-security-policy')).toBe(policy);
    expect(response.headers.get('x-middleware-request-x-nonce')).toBe(nonceOf(policy));
  });

  it('names the WebSocket of its own host, and nothing that a forged host smuggles in', () => {
    expect(policyOf(page())).toContain(
      "connect-src 'self' ws://localhost:3000 wss://localhost:3000;",
    );
    const forged = policyOf(page({ host: 'evil.example; script-src *' }));
    expect(forged).toContain("connect-src 'self';");
    expect(forged).not.toContain('evil');
  });
});
