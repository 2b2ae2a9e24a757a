import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { certificateSchema } from './certificate-schema.ts';

const input = z.strictObject({
  url: z
    .string()
    .min(1)
    .max(2000)
    .describe('https URL of the server to look at; only its host and port matter'),
  expiry_warning_days: z
    .int()
    .min(1)
    .max(365)
    .default(30)
    .describe('Certificates that end within so many days are reported'),
});
const output = z.object({
  host: z.string(),
  port: z.int(),
  protocol: z.string().nullable(),
  cipher: z.string(),
  old_protocols: z.array(z.string()),
  trusted: z.boolean(),
  problem: z.string().nullable(),
  chain: z.array(certificateSchema),
});

export const tlsCheck = defineTool({
  name: 'tls_check',
  title: 'Check TLS',
  description:
    'Connects to a server and judges its TLS: protocol versions, cipher, certificate dates, names, key size, signature and chain.',
  group: 'security',
  input,
  output,
  capabilities: ['read', 'network'],
  timeoutMs: 90_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['certificate', 'https', 'ssl', 'expiry', 'encryption'],
  async run({ url: address, expiry_warning_days: warningDays }, env) {
    const [{ shakeHands, targetOf, urlToProbe }, { describeCertificate, judgeTls }] =
      await Promise.all([import('../outbound/probe-server.ts'), import('./judge-tls.ts')]);
    const url = urlToProbe(address);
    const target = targetOf(url.protocol === 'http:' ? new URL(`https://${url.hostname}`) : url);
    const handshake = await shakeHands(target, env);
    const oldProtocols: string[] = [];
    for (const version of ['TLSv1', 'TLSv1.1'] as const) {
      env.progress(`Trying ${version}`);
      // This machine must be willing to speak it too, or nothing is learned of the server.
      const spoken = await shakeHands(target, env, {
        minVersion: version,
        maxVersion: version,
        ciphers: 'DEFAULT:@SECLEVEL=0',
      }).catch(() => {
        env.signal.throwIfAborted();
        return null; // refused, as it should be
      });
      if (spoken !== null) oldProtocols.push(version);
    }
    const nowMs = Date.now();
    const chain = handshake.certificates.map((raw) => describeCertificate(raw, nowMs));
    const facts = { target, handshake, chain, oldProtocols, warningDays };
    const findings = judgeTls(facts, nowMs);
    const own = chain[0];
    return {
      output: {
        ...target,
        protocol: handshake.protocol,
        cipher: handshake.cipher,
        old_protocols: oldProtocols,
        trusted: handshake.problem === null,
        problem: handshake.problem,
        chain,
      },
      summary: `${target.host}:${target.port} speaks ${handshake.protocol ?? 'an unknown protocol'} (${handshake.cipher}); ${own === undefined ? 'it showed no certificate' : `its certificate for ${own.subject} ends on ${own.valid_to.slice(0, 10)}`}; ${findings.length === 0 ? 'nothing to complain about in protocol, dates, names, key, signature and chain' : `${findings.length} problems`}.`,
      findings,
    };
  },
});
