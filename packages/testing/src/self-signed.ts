import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** What the certificate says. */
export interface SelfSignedParts {
  /** Names and IPv4 addresses that it is for; the first is its subject too. */
  names: readonly string[];
  notBefore: Date;
  notAfter: Date;
  /** Bits of its RSA key. Default 2048. */
  keyBits?: number;
  /** Default sha256. */
  digest?: 'sha1' | 'sha256';
}

function length(size: number): Buffer {
  if (size < 128) return Buffer.from([size]);
  const bytes: number[] = [];
  for (let rest = size; rest > 0; rest >>= 8) bytes.unshift(rest & 255);
  return Buffer.from([128 + bytes.length, ...bytes]);
}

function der(tag: number, ...content: (Buffer | string)[]): Buffer {
  const body = Buffer.concat(
    content.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)),
  );
  return Buffer.concat([Buffer.from([tag]), length(body.length), body]);
}

const SEQUENCE = 0x30;
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const NULL = der(0x05);
/** sha256WithRSAEncryption and sha1WithRSAEncryption. */
const SIGNATURES = { sha256: '2a864886f70d01010b', sha1: '2a864886f70d010105' };

function time(date: Date): Buffer {
  return der(0x18, `${date.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`);
}

function altName(name: string): Buffer {
  const parts = name.split('.').map(Number);
  const isAddress = parts.length === 4 && parts.every((part) => part >= 0 && part < 256);
  return isAddress ? der(0x87, Buffer.from(parts)) : der(0x82, name);
}

function pem(label: string, body: Buffer): string {
  const lines = body.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** A key and a certificate (both PEM) that nobody vouches for, made without any program. For servers in tests. */
export function createSelfSigned(parts: SelfSignedParts): { key: string; cert: string } {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: parts.keyBits ?? 2048,
  });
  const digest = parts.digest ?? 'sha256';
  const algorithm = der(SEQUENCE, oid(SIGNATURES[digest]), NULL);
  const name = der(
    SEQUENCE,
    der(0x31, der(SEQUENCE, oid('550403'), der(0x0c, parts.names[0] ?? 'nobody'))),
  );
  const names = der(0x04, der(SEQUENCE, ...parts.names.map(altName)));
  const body = der(
    SEQUENCE,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    algorithm,
    name,
    der(SEQUENCE, time(parts.notBefore), time(parts.notAfter)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(SEQUENCE, der(SEQUENCE, oid('551d11'), names))),
  );
  const signature = createSign(digest)
    .update(body)
    .sign(privateKey as KeyObject);
  const cert = der(SEQUENCE, body, algorithm, der(0x03, Buffer.from([0]), signature));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: pem('CERTIFICATE', cert),
  };
}
