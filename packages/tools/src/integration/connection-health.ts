import type { Finding } from '@automatos/contracts';
import { isPlatformError } from '@automatos/kernel';
import { z } from 'zod';
import { defineTool, type ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { healthSchema, type Health } from './health.ts';
import { judgeConnection } from './judge-connection.ts';

const address = z.string().min(1).max(4096);
const input = z.strictObject({
  urls: z.array(address).max(30).default([]).describe('http or https URLs to try'),
  connection: address
    .optional()
    .describe(
      'URL of a connection, or the path of an OpenAPI document (JSON) whose servers are tried',
    ),
  target: address.optional().describe('The same, when nothing else is given'),
  timeout_ms: z.int().min(100).max(30_000).default(10_000),
  slow_ms: z
    .int()
    .min(1)
    .max(60_000)
    .default(3000)
    .describe('Answers slower than this are findings'),
  expiry_days: z
    .int()
    .min(1)
    .max(365)
    .default(21)
    .describe('Certificates that end sooner are findings'),
});
const output = z.object({ connections: z.array(healthSchema), healthy: z.int() });

type Request = z.output<typeof input>;

async function serversOf(path: string, env: ToolEnvironment): Promise<string[]> {
  const { requireText } = await import('../workspace/read-text.ts');
  const text = await requireText(await env.roots.resolveInside(path), path, 20 * 1024 * 1024);
  const parsed = z
    .object({ servers: z.array(z.looseObject({ url: z.string() })).min(1) })
    .safeParse(parse(text));
  const urls = parsed.success
    ? parsed.data.servers.map(({ url }) => url).filter((url) => /^https?:/i.test(url))
    : [];
  if (urls.length === 0)
    throw toolError(
      'tools.connection.no_url',
      'invalid-input',
      `"${path}" names no server with an absolute URL under "servers"; give "urls".`,
    );
  return urls;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // told as a document without servers
  }
}

async function urlsOf(request: Request, env: ToolEnvironment): Promise<string[]> {
  const named = [...request.urls];
  const others = [
    request.connection,
    ...(named.length === 0 && request.connection === undefined ? [request.target] : []),
  ];
  for (const other of others) {
    if (other === undefined) continue;
    if (/^https?:/i.test(other)) named.push(other);
    else if (/\.json$/i.test(other)) named.push(...(await serversOf(other, env)));
  }
  if (named.length === 0)
    throw toolError(
      'tools.connection.no_url',
      'invalid-input',
      'No address was given: put URLs into "urls".',
    );
  return [...new Set(named)];
}

async function readTls(url: URL, env: ToolEnvironment): Promise<Health['tls']> {
  if (url.protocol !== 'https:') return null;
  const { shakeHands, targetOf } = await import('../outbound/probe-server.ts');
  const { describeCertificate } = await import('../security/judge-tls.ts');
  try {
    const { protocol, certificates, problem } = await shakeHands(targetOf(url), env);
    const own = certificates[0];
    if (own === undefined) return null;
    const { issuer, valid_to, days_left } = describeCertificate(own, Date.now());
    return { protocol, issuer, valid_to, days_left, problem };
  } catch (error) {
    if (isPlatformError(error)) return null; // the request itself tells why nothing answers
    throw error;
  }
}

function challenge(header: string | undefined): Health['auth'] {
  const match = /^([A-Za-z][\w-]{0,30})(?:.*?\brealm="([^"]{0,200})")?/.exec(header ?? '');
  return match?.[1] === undefined ? null : { scheme: match[1], realm: match[2] ?? null };
}

async function probe(text: string, request: Request, env: ToolEnvironment): Promise<Health> {
  const { urlToProbe } = await import('../outbound/probe-server.ts');
  const url = urlToProbe(text);
  const tls = await readTls(url, env);
  const startedMs = performance.now();
  const base = {
    url: text,
    tls,
    redirects: [],
    auth: null,
    status: null,
    latency_ms: null,
    retry_after: null,
  };
  try {
    const response = await env.fetch(text, {
      headers: { 'user-agent': 'Automatos/0.1', accept: '*/*' },
      timeoutMs: request.timeout_ms,
      bytesMax: 64 * 1024,
      signal: env.signal,
    });
    return {
      ...base,
      reachable: true,
      status: response.status,
      latency_ms: Math.round(performance.now() - startedMs),
      redirects: response.redirects,
      auth: challenge(response.headers['www-authenticate']),
      retry_after: response.headers['retry-after'] ?? null,
      error: null,
    };
  } catch (error) {
    env.signal.throwIfAborted();
    if (!isPlatformError(error)) throw error;
    return { ...base, reachable: false, error: error.message };
  }
}

export const connectionHealth = defineTool({
  name: 'connection_health',
  title: 'Health of connections',
  description:
    'Tries one or several addresses and reports for each whether it answers, how fast, with which status, redirects and demand for credentials, and when its certificate ends.',
  group: 'integration',
  input,
  output,
  capabilities: ['read', 'network'],
  timeoutMs: 300_000,
  idempotent: true,
  isolation: 'inline',
  keywords: ['reachable', 'ping', 'uptime', 'latency', 'certificate', 'endpoint', 'status'],
  async run(request, env) {
    const urls = await urlsOf(request, env);
    const connections: Health[] = [];
    const findings: Finding[] = [];
    // One after another, so that latencies do not measure each other.
    for (const [index, url] of urls.entries()) {
      env.signal.throwIfAborted();
      env.progress(`trying ${url.slice(0, 120)}`, index / urls.length);
      const health = await probe(url, request, env);
      connections.push(health);
      findings.push(
        ...judgeConnection(health, { slowMs: request.slow_ms, expiryDays: request.expiry_days }),
      );
    }
    const ill = new Set(
      findings
        .filter(({ severity }) => severity !== 'low' && severity !== 'info')
        .map(({ evidence }) => evidence.split(' ')[0]),
    );
    const healthy = connections.filter(({ url }) => !ill.has(url)).length;
    return {
      output: { connections, healthy },
      summary: `${healthy} of ${connections.length} connections are healthy${connections.length - healthy > 0 ? `; not: ${[...ill].join(', ').slice(0, 500)}` : ''}.`,
      findings,
    };
  },
});
