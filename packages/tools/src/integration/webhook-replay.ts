import { isPlatformError } from '@automatos/kernel';
import { z } from 'zod';
import { defineTool, type ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { commonFolder, pathBelow } from '../workspace/common-folder.ts';
import type { JudgedDelivery } from './judge-deliveries.ts';
import { SCHEMES } from './verify-signature.ts';

const input = z.strictObject({
  deliveries: z
    .string()
    .min(1)
    .max(4096)
    .describe(
      'Recording as JSON lines: headers, raw body as a string, time, optionally the status that was answered',
    ),
  scheme: z.enum(['auto', ...SCHEMES]).default('auto'),
  secrets: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe(
      'File inside the allowed folders (.env or JSON) that holds the signing secret; the secret itself is never shown',
    ),
  secret_name: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Name of the secret in that file; without it signatures are not checked'),
  window_s: z
    .int()
    .min(1)
    .max(86_400)
    .default(300)
    .describe('Most seconds between signing and arrival'),
  resend_to: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe('URL to which good deliveries are sent again, unchanged'),
});
const replay = z.object({
  line: z.int(),
  id: z.string().nullable(),
  status: z.int().nullable(),
  error: z.string().nullable(),
});
const output = z.object({
  deliveries: z.int(),
  by_scheme: z.record(z.string(), z.int()),
  signatures: z.record(z.string(), z.int()),
  duplicates: z.int(),
  replays: z.array(replay),
});

const RESEND_MAX = 200;
/** What the connection sets itself. */
const HOP_HEADERS =
  /^(?:host|content-length|connection|transfer-encoding|accept-encoding|expect|te|upgrade|keep-alive|x-forwarded-.*|cookie|authorization)$/;

async function resend(
  judged: readonly JudgedDelivery[],
  url: string,
  env: ToolEnvironment,
): Promise<z.output<typeof replay>[]> {
  const good = judged.filter(
    ({ signature, duplicateOf }) =>
      duplicateOf === null && (signature === 'valid' || signature === 'unchecked'),
  );
  const results: z.output<typeof replay>[] = [];
  for (const [index, { delivery, id }] of good.slice(0, RESEND_MAX).entries()) {
    env.signal.throwIfAborted();
    env.progress(`${index} of ${good.length} sent again`, index / good.length);
    const headers = Object.fromEntries(
      Object.entries(delivery.headers).filter(([name]) => !HOP_HEADERS.test(name)),
    );
    try {
      const response = await env.fetch(url, {
        method: 'POST',
        headers: { ...headers, 'idempotency-key': id ?? `${env.idempotencyKey}-${delivery.line}` },
        body: delivery.body,
        bytesMax: 4096,
        redirectsMax: 0,
        signal: env.signal,
      });
      results.push({ line: delivery.line, id, status: response.status, error: null });
    } catch (error) {
      env.signal.throwIfAborted();
      if (!isPlatformError(error)) throw error;
      results.push({ line: delivery.line, id, status: null, error: error.message });
    }
  }
  return results;
}

export const webhookReplay = defineTool({
  name: 'webhook_replay',
  title: 'Check and replay webhooks',
  description:
    'Reads recorded webhook deliveries, verifies their signatures (Standard Webhooks, GitHub, Slack, Stripe), finds repeated, late, missing and badly ordered ones, and can send the good ones again.',
  group: 'integration',
  input,
  output,
  capabilities: ['read', 'network', 'write'],
  actions: { check: ['read'], resend: ['read', 'network', 'write'] },
  actionOf: (request) => (request.resend_to === undefined ? 'check' : 'resend'),
  timeoutMs: 300_000,
  idempotent: false,
  // Reading a recording again does no harm; sending it again might.
  repeatable: (request) => (request as { resend_to?: unknown } | null)?.resend_to === undefined,
  isolation: 'worker',
  keywords: ['webhook', 'signature', 'hmac', 'events', 'deliveries', 'resend'],
  async run(request, env) {
    const { readDeliveries, readSecret } = await import('./read-deliveries.ts');
    const { deliveryFindings, judgeDeliveries } = await import('./judge-deliveries.ts');
    const { countBy } = await import('../workspace/count-by.ts');
    if ((request.secrets === undefined) !== (request.secret_name === undefined))
      throw toolError(
        'tools.secret.not_found',
        'invalid-input',
        'Give "secrets" (the file) and "secret_name" (the entry in it) together, or neither.',
      );
    const { deliveries, real } = await readDeliveries(request.deliveries, env);
    const secret =
      request.secrets === undefined || request.secret_name === undefined
        ? null
        : await readSecret(request.secrets, request.secret_name, env);
    const windowMs = request.window_s * 1000;
    const judged = judgeDeliveries(deliveries, { scheme: request.scheme, secret, windowMs });
    const replays =
      request.resend_to === undefined ? [] : await resend(judged, request.resend_to, env);
    const signatures = countBy(judged, ({ signature }) => signature);
    const path = pathBelow(await commonFolder([real], env), real);
    const failed = replays.filter(({ status }) => status === null || status >= 400);
    return {
      output: {
        deliveries: deliveries.length,
        by_scheme: countBy(judged, ({ scheme }) => scheme ?? 'unknown'),
        signatures,
        duplicates: judged.filter(({ duplicateOf }) => duplicateOf !== null).length,
        replays,
      },
      summary: `${deliveries.length} deliveries; signatures: ${Object.entries(signatures)
        .map(([verdict, count]) => `${count} ${verdict}`)
        .join(
          ', ',
        )}${secret === null ? ' (no secret was named)' : ''}${replays.length === 0 ? '' : `; ${replays.length - failed.length} of ${replays.length} sent again were accepted`}.`,
      findings: [
        ...deliveryFindings(judged, path, windowMs),
        ...failed.map(({ line, status, error }) => ({
          rule: 'webhook.replay_failed',
          severity: 'medium' as const,
          message: 'The delivery was sent again and not accepted.',
          location: { path, line },
          evidence: status === null ? (error ?? 'no answer') : `HTTP ${status}`,
          fix: 'Look at the receiver; then send it again.',
          tool: 'webhook_replay',
        })),
      ],
    };
  },
});
