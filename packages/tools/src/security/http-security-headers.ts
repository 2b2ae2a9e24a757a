import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { countBy } from '../workspace/count-by.ts';

const REDIRECTS_MAX = 5;
/** A site that answers with this origin allows whoever asks. */
const FOREIGN_ORIGIN = 'https://stranger.invalid';

const input = z.strictObject({
  url: z
    .string()
    .min(1)
    .max(2000)
    .describe('Page or endpoint whose answer is judged; redirects are followed'),
});
const output = z.object({
  url: z.string(),
  status: z.int(),
  redirects: z.array(z.string()),
  headers: z.array(z.object({ name: z.string(), value: z.string() })),
  cookies: z.array(z.object({ name: z.string(), flags: z.string() })),
  by_rule: z.record(z.string(), z.int()),
});

export const httpSecurityHeaders = defineTool({
  name: 'http_security_headers',
  title: 'Check HTTP security headers',
  description:
    'Asks a URL once and judges its answer: content security policy, strict transport security, type sniffing, framing, referrer policy, cookie flags, cross-origin access, and what the server tells about itself.',
  group: 'security',
  input,
  output,
  capabilities: ['read', 'network'],
  timeoutMs: 120_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['csp', 'hsts', 'cors', 'cookie', 'web', 'hardening'],
  async run({ url: address }, env) {
    const [{ probeHttp, urlToProbe }, { judgeHeaders, maskCookie }] = await Promise.all([
      import('../outbound/probe-server.ts'),
      import('./judge-headers.ts'),
    ]);
    const redirects: string[] = [];
    let url = urlToProbe(address);
    let answer = await probeHttp(url, env, { origin: FOREIGN_ORIGIN });
    while (answer.status >= 300 && answer.status < 400 && redirects.length < REDIRECTS_MAX) {
      const location = answer.headers.find(({ name }) => name === 'location')?.value;
      const next = location === undefined ? null : URL.parse(location, url.href);
      if (next === null) break;
      url = urlToProbe(next.href);
      redirects.push(url.href);
      answer = await probeHttp(url, env, { origin: FOREIGN_ORIGIN });
    }
    const { findings, cookies } = judgeHeaders(answer, FOREIGN_ORIGIN);
    return {
      output: {
        url: url.href,
        status: answer.status,
        redirects,
        headers: answer.headers.slice(0, 100).map(({ name, value }) => ({
          name,
          value: (name === 'set-cookie' ? maskCookie(value) : value).slice(0, 500),
        })),
        cookies,
        by_rule: countBy(findings, (finding) => finding.rule),
      },
      summary: `${url.host} answered ${answer.status} with ${answer.headers.length} headers and ${cookies.length} cookies${redirects.length === 0 ? '' : ` after ${redirects.length} redirects`}; ${findings.length === 0 ? 'policy, transport, sniffing, framing, cookies, origins and server names are in order' : `${findings.length} weaknesses`}.`,
      findings,
    };
  },
});
