import fc from 'fast-check';
import { expect, test } from 'vitest';
import { open, rewrap, seal, toMasterKey } from './envelope.ts';
import type { RecordPlace } from './envelope.ts';

const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toMasterKey);
const place: fc.Arbitrary<RecordPlace> = fc.record({
  workspaceId: fc.option(fc.uuid()),
  credentialId: fc.uuid(),
  type: fc.string({ maxLength: 20 }),
  revision: fc.string({ maxLength: 40 }),
});
const content = fc.uint8Array({ maxLength: 2_000 });

test('what was sealed opens at its place, also after its key was wrapped anew', () => {
  fc.assert(
    fc.property(fc.tuple(key, key, place, content), ([first, second, at, plain]) => {
      const sealed = seal(first, at, plain);
      expect(new Uint8Array(open(first, at, sealed))).toEqual(plain);
      const wrappedKey = rewrap({ from: first, to: second }, at, sealed);
      expect(new Uint8Array(open(second, at, { ...sealed, wrappedKey }))).toEqual(plain);
    }),
    { numRuns: 200 },
  );
});

test('it opens at no other place, under no other key, and with no bit changed', () => {
  const changed = fc.tuple(fc.constantFrom('ciphertext', 'wrappedKey'), fc.nat(), fc.nat(7));
  fc.assert(
    fc.property(
      fc.tuple(key, place, place, content, changed),
      ([master, at, near, plain, flip]) => {
        const sealed = seal(master, at, plain);
        const isSame = JSON.stringify(at) === JSON.stringify(near);
        const other = isSame ? { ...near, revision: `${near.revision}+` } : near;
        expect(() => open(master, other, sealed)).toThrow('were changed or moved');
        const stranger = toMasterKey(master.bytes.map((byte) => byte ^ 1));
        expect(() => open(stranger, at, sealed)).toThrow('were changed or moved');
        const [part, position, bit] = flip;
        const bytes = Buffer.from(sealed[part as 'ciphertext']);
        const index = position % bytes.length;
        bytes[index] = (bytes[index] as number) ^ (1 << bit);
        expect(() => open(master, at, { ...sealed, [part]: bytes })).toThrow(
          'were changed or moved',
        );
        const short = sealed.ciphertext.subarray(0, position % sealed.ciphertext.length);
        expect(() => open(master, at, { ...sealed, ciphertext: short })).toThrow(
          'changed or moved',
        );
      },
    ),
    { numRuns: 200 },
  );
});

test('the same content is never sealed to the same bytes, and nothing of it shows', () => {
  const master = toMasterKey(new Uint8Array(32).fill(7));
  const at = { workspaceId: null, credentialId: 'c', type: 't', revision: '1' };
  const plain = Buffer.from('sk-a-known-secret-value');
  const all = Array.from({ length: 500 }, () => seal(master, at, plain));
  expect(new Set(all.map((one) => one.ciphertext.toString('hex'))).size).toBe(500);
  expect(new Set(all.map((one) => one.wrappedKey.toString('hex'))).size).toBe(500);
  expect(all.some((one) => one.ciphertext.includes(plain.subarray(0, 8)))).toBe(false);
});
