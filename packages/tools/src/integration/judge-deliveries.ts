import type { Finding, Severity } from '@automatos/contracts';
import type { RecordedDelivery } from './read-deliveries.ts';
import {
  deliveryId,
  schemeOf,
  signedAtMs,
  verifySignature,
  type Scheme,
  type Verdict,
} from './verify-signature.ts';

export interface JudgedDelivery {
  delivery: RecordedDelivery;
  scheme: Scheme | null;
  id: string | null;
  signature: Verdict | 'unchecked';
  duplicateOf: number | null;
  /** Number of the event in its stream, when its body has one. */
  sequence: number | null;
  signedMs: number | null;
}

export interface JudgeOptions {
  scheme: Scheme | 'auto';
  /** Null = signatures are not checked. */
  secret: string | null;
  windowMs: number;
}

function sequenceOf(body: string): number | null {
  const text = /"(?:sequence|sequence_number|seq|event_number)"\s*:\s*(\d{1,15})\b/.exec(body)?.[1];
  return text === undefined ? null : Number(text);
}

/** What is known of each delivery, in order of the recording. */
export function judgeDeliveries(
  deliveries: readonly RecordedDelivery[],
  options: JudgeOptions,
): JudgedDelivery[] {
  const seen = new Map<string, number>();
  return deliveries.map((delivery) => {
    const scheme = options.scheme === 'auto' ? schemeOf(delivery.headers) : options.scheme;
    const id = scheme === null ? null : deliveryId(delivery, scheme);
    const duplicateOf = id === null ? null : (seen.get(id) ?? null);
    if (id !== null && duplicateOf === null) seen.set(id, delivery.line);
    const signature: JudgedDelivery['signature'] =
      options.secret === null
        ? 'unchecked'
        : scheme === null
          ? 'missing'
          : verifySignature(delivery, scheme, options.secret);
    return {
      delivery,
      scheme,
      id,
      signature,
      duplicateOf,
      sequence: sequenceOf(delivery.body),
      signedMs: scheme === null ? null : signedAtMs(delivery, scheme),
    };
  });
}

interface Said {
  rule: string;
  severity: Severity;
  message: string;
  evidence: string;
  fix: string;
}

function nameOf({ id, delivery }: JudgedDelivery): string {
  return id === null ? `delivery of line ${delivery.line}` : `delivery ${id}`;
}

function signatureSaid(judged: JudgedDelivery): Said[] {
  if (judged.signature === 'invalid')
    return [
      {
        rule: 'signature_invalid',
        severity: 'high',
        message: `The signature of ${nameOf(judged)} does not fit its body.`,
        evidence: `scheme ${judged.scheme ?? 'unknown'}, body of ${judged.delivery.body.length} characters`,
        fix: 'Reject it. Check that the raw bytes are signed, and that the secret is the current one.',
      },
    ];
  if (judged.signature === 'missing')
    return [
      {
        rule: 'signature_missing',
        severity: 'high',
        message: `The ${nameOf(judged)} has no signature.`,
        evidence: `headers: ${Object.keys(judged.delivery.headers).toSorted().join(', ').slice(0, 300)}`,
        fix: 'Reject it: a missing signature is not a valid one.',
      },
    ];
  return [];
}

function timeSaid(judged: JudgedDelivery, windowMs: number): Said[] {
  const { receivedMs } = judged.delivery;
  if (judged.signedMs === null || receivedMs === null) return [];
  const age = receivedMs - judged.signedMs;
  if (Math.abs(age) <= windowMs) return [];
  return [
    {
      rule: 'stale',
      severity: 'medium',
      message: `The ${nameOf(judged)} came ${Math.round(Math.abs(age) / 1000)} s ${age > 0 ? 'after' : 'before'} it was signed, outside the window of ${windowMs / 1000} s.`,
      evidence: `signed ${new Date(judged.signedMs).toISOString()}, received ${new Date(receivedMs).toISOString()}`,
      fix: 'Reject it as a possible replay, or correct the clocks.',
    },
  ];
}

function orderSaid(judged: readonly JudgedDelivery[]): Map<JudgedDelivery, Said> {
  const said = new Map<JudgedDelivery, Said>();
  let highest: JudgedDelivery | undefined;
  for (const one of judged) {
    if (one.sequence === null || one.duplicateOf !== null) continue;
    if (
      highest?.sequence !== undefined &&
      highest.sequence !== null &&
      one.sequence < highest.sequence
    )
      said.set(one, {
        rule: 'out_of_order',
        severity: 'low',
        message: `The ${nameOf(one)} came after a later one.`,
        evidence: `sequence ${one.sequence} after ${highest.sequence} (line ${highest.delivery.line})`,
        fix: 'Apply events by their number or time, not in the order in which they come.',
      });
    else highest = one;
  }
  return said;
}

function gapsSaid(judged: readonly JudgedDelivery[]): Map<JudgedDelivery, Said> {
  const numbered = judged
    .filter(({ sequence, duplicateOf }) => sequence !== null && duplicateOf === null)
    .toSorted((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0));
  const said = new Map<JudgedDelivery, Said>();
  for (const [index, one] of numbered.entries()) {
    const before = numbered[index - 1]?.sequence;
    const missing = before === undefined || before === null ? 0 : (one.sequence ?? 0) - before - 1;
    if (missing > 0)
      said.set(one, {
        rule: 'gap',
        severity: 'medium',
        message: `${missing} ${missing === 1 ? 'event is' : 'events are'} missing before ${nameOf(one)}.`,
        evidence: `sequence ${before} is followed by ${one.sequence}`,
        fix: 'Fetch the missing events from the API of the sender.',
      });
  }
  return said;
}

/** Everything that is wrong with the deliveries of a recording. */
export function deliveryFindings(
  judged: readonly JudgedDelivery[],
  path: string,
  windowMs: number,
): Finding[] {
  const late = orderSaid(judged);
  const gaps = gapsSaid(judged);
  return judged.flatMap((one) => {
    const said: Said[] = [
      ...signatureSaid(one),
      ...timeSaid(one, windowMs),
      ...(one.duplicateOf === null
        ? []
        : [
            {
              rule: 'duplicate',
              severity: 'low' as const,
              message: `The ${nameOf(one)} came twice.`,
              evidence: `first in line ${one.duplicateOf}`,
              fix: 'Keep the ids of deliveries and answer a repeated one without acting again.',
            },
          ]),
      ...[late.get(one), gaps.get(one)].filter((entry) => entry !== undefined),
      ...((one.delivery.status ?? 0) >= 400
        ? [
            {
              rule: 'delivery_failed',
              severity: 'medium' as const,
              message: `The ${nameOf(one)} was answered with ${one.delivery.status}.`,
              evidence: `HTTP ${one.delivery.status}`,
              fix: 'Send it again once the receiver is mended.',
            },
          ]
        : []),
    ];
    return said.map(({ rule, severity, message, evidence, fix }) => ({
      rule: `webhook.${rule}`,
      severity,
      message,
      location: { path, line: one.delivery.line },
      evidence,
      fix,
      tool: 'webhook_replay',
    }));
  });
}
