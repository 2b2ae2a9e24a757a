import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { Finding, Severity } from '@automatos/contracts';
import type { Handshake, TlsTarget } from '../outbound/probe-server.ts';
import type { CertificateFacts } from './certificate-schema.ts';

const DAY_MS = 86_400_000;

/** What was seen of one server. */
export interface TlsFacts {
  target: TlsTarget;
  handshake: Handshake;
  chain: readonly CertificateFacts[];
  /** Protocols before TLS 1.2 that the server still speaks. */
  oldProtocols: readonly string[];
  warningDays: number;
}

function commonName(text: string): string {
  return /(?:^|\n)CN=(.+)/.exec(text)?.[1] ?? text.replaceAll('\n', ', ');
}

function namesOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(', ')
    .filter((entry) => entry !== '')
    .map((entry) => entry.replace(/^(?:DNS|IP Address|email|URI):/, ''));
}

/** The facts of a certificate (DER); `days_left` is negative when it ended. */
export function describeCertificate(raw: Buffer, nowMs: number): CertificateFacts {
  const found = new X509Certificate(raw);
  const key = found.publicKey;
  const curveBits = /(\d{3})/.exec(key.asymmetricKeyDetails?.namedCurve ?? '')?.[1];
  return {
    subject: commonName(found.subject ?? ''),
    issuer: commonName(found.issuer ?? ''),
    names: namesOf(found.subjectAltName),
    valid_from: new Date(found.validFrom).toISOString(),
    valid_to: new Date(found.validTo).toISOString(),
    days_left: Math.floor((Date.parse(found.validTo) - nowMs) / DAY_MS),
    key_type: key.asymmetricKeyType ?? 'unknown',
    key_bits:
      key.asymmetricKeyDetails?.modulusLength ??
      (curveBits === undefined ? null : Number(curveBits)),
    signature: found.signatureAlgorithm ?? null,
    fingerprint256: found.fingerprint256,
  };
}

interface Parts {
  rule: string;
  severity: Severity;
  message: string;
  evidence: string;
  fix: string;
}

function finding(parts: Parts): Finding {
  return { ...parts, rule: `tls.${parts.rule}`, tool: 'tls_check' };
}

function judgeDates(own: CertificateFacts, facts: TlsFacts, nowMs: number): Finding[] {
  const evidence = `valid from ${own.valid_from} to ${own.valid_to}`;
  const fix = 'Renew the certificate, and let a program renew it from now on.';
  if (Date.parse(own.valid_from) > nowMs)
    return [
      finding({
        rule: 'not_yet_valid',
        severity: 'high',
        message: `The certificate of ${facts.target.host} is not valid yet.`,
        evidence,
        fix: 'Check the clock of the issuer, or wait with its use.',
      }),
    ];
  if (own.days_left < 0)
    return [
      finding({
        rule: 'expired',
        severity: 'critical',
        message: `The certificate of ${facts.target.host} ended ${-own.days_left} days ago.`,
        evidence,
        fix,
      }),
    ];
  if (own.days_left >= facts.warningDays) return [];
  return [
    finding({
      rule: 'expires_soon',
      severity: own.days_left < 7 ? 'high' : 'medium',
      message: `The certificate of ${facts.target.host} ends in ${own.days_left} days.`,
      evidence,
      fix,
    }),
  ];
}

function judgeNames(own: CertificateFacts, raw: Buffer, { host }: TlsTarget): Finding[] {
  const found = new X509Certificate(raw);
  const fits = isIP(host) === 0 ? found.checkHost(host) : found.checkIP(host);
  if (fits !== undefined) return [];
  return [
    finding({
      rule: 'name_mismatch',
      severity: 'high',
      message: `The certificate is not for ${host}.`,
      evidence: `names: ${own.names.join(', ') || 'none'}; subject: ${own.subject}`,
      fix: `Issue a certificate that names ${host}.`,
    }),
  ];
}

function judgeStrength(own: CertificateFacts): Finding[] {
  const findings: Finding[] = [];
  const least = own.key_type.startsWith('rsa') ? 2048 : own.key_type === 'dsa' ? 2048 : 224;
  if (own.key_bits !== null && own.key_bits < least)
    findings.push(
      finding({
        rule: 'weak_key',
        severity: 'high',
        message: `The key has ${own.key_bits} bits; at least ${least} are needed for ${own.key_type}.`,
        evidence: `${own.key_type} ${own.key_bits}`,
        fix: 'Make a new key: RSA with 2048 bits or more, or ECDSA on P-256.',
      }),
    );
  if (own.signature !== null && /sha-?1|md5|md2/i.test(own.signature))
    findings.push(
      finding({
        rule: 'weak_signature',
        severity: 'high',
        message: 'The certificate is signed with a hash that can be forged.',
        evidence: `signature algorithm ${own.signature}`,
        fix: 'Issue it anew with SHA-256.',
      }),
    );
  return findings;
}

function judgeChain({ handshake, target }: TlsFacts): Finding[] {
  const { problem, certificates } = handshake;
  const [raw, issuer] = certificates;
  // Dates and names have findings of their own.
  if (raw === undefined || problem === null) return [];
  const own = new X509Certificate(raw);
  if (issuer === undefined && own.checkIssued(own)) {
    return [
      finding({
        rule: 'self_signed',
        severity: 'high',
        message: `Nobody but ${target.host} itself vouches for its certificate.`,
        evidence: `issuer and subject are both ${commonName(own.subject ?? '')} (${problem})`,
        fix: 'Get a certificate from an authority that clients trust, or give clients the own authority.',
      }),
    ];
  }
  if (/^(?:CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|ERR_TLS_CERT_ALTNAME_INVALID)$/.test(problem))
    return [];
  const isIncomplete = problem === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE';
  return [
    finding({
      rule: isIncomplete ? 'incomplete_chain' : 'untrusted',
      severity: 'high',
      message: isIncomplete
        ? 'The server does not send the certificates between its own and the authority.'
        : `This machine does not trust the authority of the certificate of ${target.host}.`,
      evidence: `${problem}; ${certificates.length} certificates sent, issuer ${commonName(own.issuer ?? '')}`,
      fix: isIncomplete
        ? 'Send the whole chain.'
        : 'Use an authority that clients trust, or give clients the own one.',
    }),
  ];
}

/** Everything that is wrong with a server's TLS. Pure. */
export function judgeTls(facts: TlsFacts, nowMs: number): Finding[] {
  const { target, chain, handshake, oldProtocols } = facts;
  const [own] = chain;
  const [raw] = handshake.certificates;
  const findings = oldProtocols.map((version) =>
    finding({
      rule: 'old_protocol',
      severity: 'medium',
      message: `${target.host} still speaks ${version}, which has known weaknesses.`,
      evidence: `a handshake with ${version} only succeeded`,
      fix: 'Allow TLS 1.2 and 1.3 only.',
    }),
  );
  if (own === undefined || raw === undefined) return findings;
  return [
    ...findings,
    ...judgeDates(own, facts, nowMs),
    ...judgeNames(own, raw, target),
    ...judgeStrength(own),
    ...judgeChain(facts),
  ];
}
