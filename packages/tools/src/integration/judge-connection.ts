import type { Finding, Severity } from '@automatos/contracts';
import type { Health } from './health.ts';

export interface HealthBounds {
  slowMs: number;
  expiryDays: number;
}

function isLocal(url: string): boolean {
  const host = URL.parse(url)?.hostname ?? '';
  return host === 'localhost' || host === '[::1]' || host.startsWith('127.');
}

type Said = [rule: string, severity: Severity, message: string, fact: string, fix: string];

function unreachable({ url, error, tls }: Health): Said[] {
  // With a certificate that proves nothing, that is why the request was refused.
  return tls?.problem !== undefined && tls.problem !== null
    ? []
    : [
        [
          'unreachable',
          'high',
          `"${url}" cannot be reached.`,
          error ?? 'no answer',
          'Check address, name resolution and firewall; try again from where the server runs.',
        ],
      ];
}

function byStatus({ url, status, auth, retry_after: retryAfter }: Health): Said[] {
  const said = status ?? 0;
  if (said === 401 || said === 403)
    return [
      [
        'auth_required',
        'medium',
        `"${url}" wants ${auth === null ? 'credentials' : `credentials of the scheme ${auth.scheme}`}.`,
        `HTTP ${said}${auth === null ? '' : `, WWW-Authenticate: ${auth.scheme}${auth.realm === null ? '' : ` realm="${auth.realm}"`}`}`,
        'Connect with a credential that is valid and has the scopes needed.',
      ],
    ];
  if (said === 404 || said === 410)
    return [
      [
        'not_found',
        'medium',
        `"${url}" does not exist.`,
        `HTTP ${said}`,
        'Correct the path; the version of the API may have ended.',
      ],
    ];
  if (said === 429)
    return [
      [
        'rate_limited',
        'medium',
        `"${url}" refuses because of too many requests.`,
        `HTTP 429${retryAfter === null ? '' : `, Retry-After: ${retryAfter}`}`,
        'Wait as long as it says and send fewer requests.',
      ],
    ];
  if (said >= 500)
    return [
      [
        'server_error',
        'high',
        `"${url}" fails.`,
        `HTTP ${said}${retryAfter === null ? '' : `, Retry-After: ${retryAfter}`}`,
        'Look at the status page of the service; keep writes back until it answers.',
      ],
    ];
  if (said >= 400)
    return [
      [
        'client_error',
        'low',
        `"${url}" refuses a plain GET.`,
        `HTTP ${said}`,
        'Try the method that the API documents for this path.',
      ],
    ];
  return [];
}

function byTls({ url, tls }: Health, { expiryDays }: HealthBounds): Said[] {
  if (tls === null)
    return url.startsWith('http:') && !isLocal(url)
      ? [['unencrypted', 'medium', `"${url}" is not encrypted.`, 'http', 'Use https.']]
      : [];
  const facts = `certificate of ${tls.issuer} until ${tls.valid_to.slice(0, 10)}`;
  if (tls.problem !== null)
    return [
      [
        'tls_invalid',
        'high',
        `The certificate of "${url}" proves nothing (${tls.problem}).`,
        facts,
        'Install a certificate of a trusted authority for this name; do not switch the check off.',
      ],
    ];
  return tls.days_left < expiryDays
    ? [
        [
          'tls_expiring',
          'medium',
          `The certificate of "${url}" ends in ${tls.days_left} days.`,
          facts,
          'Renew it.',
        ],
      ]
    : [];
}

/** What is wrong with a connection; the evidence begins with its URL. */
export function judgeConnection(health: Health, bounds: HealthBounds): Finding[] {
  const last = health.redirects.at(-1);
  const slow = health.latency_ms !== null && health.latency_ms > bounds.slowMs;
  const said: Said[] = [
    ...(health.reachable ? byStatus(health) : unreachable(health)),
    ...byTls(health, bounds),
    ...(last === undefined
      ? []
      : [
          [
            'redirected',
            'low',
            `"${health.url}" leads to "${last}".`,
            health.redirects.join(' → '),
            'Use the address that it leads to.',
          ] satisfies Said,
        ]),
    ...(slow
      ? [
          [
            'slow',
            'low',
            `"${health.url}" took ${health.latency_ms} ms to answer.`,
            `${health.latency_ms} ms, more than ${bounds.slowMs} ms`,
            'Measure again at another time; raise time-outs of what calls it, or ask its operator.',
          ] satisfies Said,
        ]
      : []),
  ];
  return said.map(([rule, severity, message, fact, fix]) => ({
    rule: `connection.${rule}`,
    severity,
    message,
    evidence: `${health.url} ${fact}`,
    fix,
    tool: 'connection_health',
  }));
}
