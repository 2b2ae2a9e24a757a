import type { Finding } from '@automatos/contracts';
import type { ProbedAnswer } from '../outbound/probe-server.ts';
import { judgePolicy, type HeaderProblem } from './judge-policy.ts';

/** Half a year, in seconds. */
const HSTS_LEAST = 15_552_000;

type Lookup = (name: string) => string | undefined;

function lookupIn({ headers }: ProbedAnswer): Lookup {
  return (name) => {
    const values = headers.filter((header) => header.name === name).map(({ value }) => value);
    return values.length === 0 ? undefined : values.join(', ');
  };
}

function judgeTransport(answer: ProbedAnswer, header: Lookup): HeaderProblem[] {
  if (!answer.url.startsWith('https:'))
    return [
      {
        rule: 'unencrypted',
        severity: 'high',
        message:
          'The page is served without encryption; anybody on the way can read and change it.',
        evidence: `${answer.url} answered ${answer.status} itself`,
        fix: 'Serve it over https, and redirect http there.',
      },
    ];
  const hsts = header('strict-transport-security');
  const fix = 'Send "Strict-Transport-Security: max-age=31536000; includeSubDomains".';
  if (hsts === undefined)
    return [
      {
        rule: 'hsts_missing',
        severity: 'medium',
        message: 'Browsers are not told to use https only; a first request may go unencrypted.',
        evidence: 'no strict-transport-security header',
        fix,
      },
    ];
  const age = Number(/max-age\s*=\s*"?(\d+)/i.exec(hsts)?.[1] ?? 0);
  if (age >= HSTS_LEAST) return [];
  return [
    {
      rule: 'hsts_short',
      severity: 'low',
      message: `Browsers remember to use https for ${age} seconds only.`,
      evidence: `strict-transport-security: ${hsts}`,
      fix,
    },
  ];
}

function judgeDocument(header: Lookup): HeaderProblem[] {
  const problems: HeaderProblem[] = [];
  const policy = header('content-security-policy');
  const isHtml = /\bhtml\b/i.test(header('content-type') ?? '');
  if (header('x-content-type-options')?.toLowerCase().includes('nosniff') !== true)
    problems.push({
      rule: 'nosniff_missing',
      severity: 'low',
      message: 'Browsers may guess another type than the one that is named.',
      evidence: `x-content-type-options: ${header('x-content-type-options') ?? 'missing'}`,
      fix: 'Send "X-Content-Type-Options: nosniff".',
    });
  if (!isHtml) return problems;
  problems.push(...judgePolicy(policy));
  if (header('x-frame-options') === undefined && !/\bframe-ancestors\b/i.test(policy ?? ''))
    problems.push({
      rule: 'framing_allowed',
      severity: 'medium',
      message: 'Any site may show the page in a frame and make visitors click in it.',
      evidence: 'neither x-frame-options nor frame-ancestors in content-security-policy',
      fix: 'Add "frame-ancestors \'none\'" (or the sites that may) to the policy.',
    });
  const referrer = header('referrer-policy');
  if (referrer === undefined || /unsafe-url|no-referrer-when-downgrade/i.test(referrer))
    problems.push({
      rule: 'referrer_leak',
      severity: 'low',
      message: 'It is not said how much of its address the page tells other sites.',
      evidence: `referrer-policy: ${referrer ?? 'missing'}`,
      fix: 'Send "Referrer-Policy: strict-origin-when-cross-origin".',
    });
  return problems;
}

function judgeOrigins(header: Lookup, foreignOrigin: string): HeaderProblem[] {
  const origin = header('access-control-allow-origin');
  if (origin === undefined) return [];
  const withCredentials = header('access-control-allow-credentials')?.toLowerCase() === 'true';
  const evidence = `access-control-allow-origin: ${origin}${withCredentials ? '; access-control-allow-credentials: true' : ''}`;
  const fix = 'Answer with an origin from a list only.';
  if (origin === foreignOrigin || origin === 'null')
    return [
      {
        rule: 'cors_reflected',
        severity: withCredentials ? 'critical' : 'medium',
        message: `The server allows whatever origin asks${withCredentials ? ', with the cookies of its visitors' : ''}.`,
        evidence,
        fix,
      },
    ];
  if (origin !== '*') return [];
  return [
    {
      rule: 'cors_any',
      severity: 'low',
      message: 'Every site may read the answer.',
      evidence,
      fix: `${fix} Leave it when the data are public.`,
    },
  ];
}

/** Headers whose only use is to tell an attacker what runs there. */
const TELLING = ['x-powered-by', 'x-aspnet-version', 'x-aspnetmvc-version', 'x-generator'];

function judgeTalk(header: Lookup): HeaderProblem[] {
  const told = TELLING.filter((name) => header(name) !== undefined);
  if (/\d/.test(header('server') ?? '')) told.unshift('server');
  return told.map((name) => ({
    rule: 'server_told',
    severity: 'low',
    message: `The header "${name}" tells what software runs there.`,
    evidence: `${name}: ${header(name) ?? ''}`,
    fix: 'Leave it out, or at least its version.',
  }));
}

interface Cookie {
  name: string;
  flags: Map<string, string>;
  shown: string;
}

/** A cookie without its value. */
export function maskCookie(text: string): string {
  return text.replace(/^([^=;]*)=[^;]*/, '$1=****');
}

function parseCookie(text: string): Cookie {
  const [pair = '', ...rest] = text.split(';');
  const flags = rest.map((part): [string, string] => {
    const [name = '', value = ''] = part.split('=');
    return [name.trim().toLowerCase(), value.trim().toLowerCase()];
  });
  return { name: pair.split('=')[0]?.trim() ?? '', flags: new Map(flags), shown: maskCookie(text) };
}

/** Names of cookies that let their bearer in; others are often meant for scripts. */
const SESSION = /sess|sid$|^sid|auth|token|jwt|login|remember/i;
const FOR_SCRIPTS = /csrf|xsrf/i;

function judgeCookie({ name, flags, shown }: Cookie): HeaderProblem[] {
  const problems: HeaderProblem[] = [];
  const evidence = `set-cookie: ${shown}`;
  if (flags.has('max-age') && Number(flags.get('max-age')) <= 0) return problems; // deletes one
  if (!flags.has('secure'))
    problems.push({
      rule: 'cookie_not_secure',
      severity: 'medium',
      message: `The cookie "${name}" also travels without encryption.`,
      evidence,
      fix: 'Add "Secure".',
    });
  if (!flags.has('httponly') && SESSION.test(name) && !FOR_SCRIPTS.test(name))
    problems.push({
      rule: 'cookie_for_scripts',
      severity: 'medium',
      message: `Scripts can read the cookie "${name}", so injected ones can steal the session.`,
      evidence,
      fix: 'Add "HttpOnly".',
    });
  if (!flags.has('samesite'))
    problems.push({
      rule: 'cookie_cross_site',
      severity: 'low',
      message: `It is not said whether the cookie "${name}" goes with requests from other sites.`,
      evidence,
      fix: 'Add "SameSite=Lax" or "Strict".',
    });
  return problems;
}

/** Judges one answer; `foreignOrigin` is the Origin header that was sent. Pure. */
export function judgeHeaders(
  answer: ProbedAnswer,
  foreignOrigin: string,
): { findings: Finding[]; cookies: { name: string; flags: string }[] } {
  const header = lookupIn(answer);
  const cookies = answer.headers
    .filter(({ name }) => name === 'set-cookie')
    .map(({ value }) => parseCookie(value));
  const problems = [
    ...judgeTransport(answer, header),
    ...judgeDocument(header),
    ...judgeOrigins(header, foreignOrigin),
    ...cookies.flatMap(judgeCookie),
    ...judgeTalk(header),
  ];
  return {
    findings: problems.map((problem) => ({
      ...problem,
      rule: `http.${problem.rule}`,
      tool: 'http_security_headers',
    })),
    cookies: cookies.map(({ name, flags }) => ({
      name,
      flags: [...flags.keys()].filter((flag) => flag !== '').join('; '),
    })),
  };
}
