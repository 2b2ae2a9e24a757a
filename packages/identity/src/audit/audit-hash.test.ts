import { readFileSync } from 'node:fs';
import type { AuditEntryView } from '@automatos/contracts';
import { csvLine } from '@automatos/kernel';
import type { JsonValue } from '@automatos/kernel';
import { sha256 } from '@automatos/kernel/hash';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NO_HASH } from './audit-hash.ts';
import { toCanonicalJson } from './canonical-json.ts';
import { redactDetails, redactText } from './redact-details.ts';

const page = readFileSync(new URL('../../../../docs/audit.md', import.meta.url), 'utf8');
const block = (language: string) =>
  new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(
    page.slice(page.indexOf('### Worked example')),
  )?.[1] ?? '';

test('the worked example of docs/audit.md is right, by its own five steps', () => {
  const rows = block('json')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as AuditEntryView);
  expect(rows).toHaveLength(2);
  let last = { sequence: 0, hash: NO_HASH };
  for (const row of rows) {
    const { personal, hash, ...hashed } = row;
    expect(sha256(toCanonicalJson(hashed as JsonValue))).toBe(hash);
    expect(sha256(toCanonicalJson(personal as JsonValue))).toBe(row.personal_hash);
    expect([row.sequence, row.prev_hash]).toEqual([last.sequence + 1, last.hash]);
    last = row;
  }
  expect(sha256(block('text').trimEnd())).toBe(rows[0]?.hash);
});

test('canonical JSON is that of RFC 8785', () => {
  const value = {
    '\u20ac': 1,
    '\r': 2,
    '10': 3,
    '9': 4,
    é: [1e21, 1e-7, -0, 0.1],
    a: { z: null, b: '\u2028"\\\n' },
  };
  expect(toCanonicalJson(value)).toBe(
    String.raw`{"\r":2,"10":3,"9":4,"a":{"b":"` +
      '\u2028' +
      String.raw`\"\\\n","z":null},"é":[1e+21,1e-7,0,0.1],"€":1}`,
  );
  const property = fc.property(fc.jsonValue(), (json) => {
    const text = toCanonicalJson(json as JsonValue);
    expect(toCanonicalJson(JSON.parse(text) as JsonValue)).toBe(text);
  });
  fc.assert(property);
});

test.each([
  'ak_srv_0123456789abcdef',
  'sk-proj-0123456789abcdef',
  'ghp_0123456789abcdefABCDEF',
  'xoxb-123-456-abc',
  'AKIAIOSFODNN7EXAMPLE',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln',
  '-----BEGIN PRIVATE KEY-----\nMIIE',
  'Bearer abcdefgh12345678',
  'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
])('%s is redacted wherever it stands', (secret) => {
  expect(redactText(`before ${secret} after`)).not.toContain(secret.slice(7));
  expect(JSON.stringify(redactDetails({ a: [{ b: secret }], [secret]: 1 }))).not.toContain(
    secret.slice(7),
  );
});

test('details stay bounded and storable whatever they are', () => {
  const property = fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (details) => {
    const clean = redactDetails(details as never);
    expect(Buffer.byteLength(JSON.stringify(clean))).toBeLessThanOrEqual(4096);
    expect(JSON.stringify(clean)).not.toContain(String.raw`\u0000`);
    expect(redactDetails(clean)).toEqual(clean);
  });
  fc.assert(property);
  expect(
    redactDetails({ text: 'x'.repeat(600), list: Array(5000).fill('y'.repeat(400)) }),
  ).toMatchObject({
    dropped: 'too large',
  });
  expect(redactText('https://user:pass@host/x \ud800\u0000')).toBe(
    'https://[redacted]@host/x \ufffd',
  );
});

test('no cell of a table is a formula', () => {
  const cells = ['=1+1', ' =1', '\t=1', '+1', '-1', '@x', '\r=1', 'a=1', 'a,"b"', ''];
  expect(csvLine(cells)).toBe(`'=1+1,' =1,'\t=1,'+1,'-1,'@x,"'\r=1",a=1,"a,""b""",\r\n`);
});
