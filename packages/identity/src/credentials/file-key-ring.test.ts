import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFileKeyRing } from './file-key-ring.ts';
import { createFixedKeyRing, joinKeyRings, parseMasterKey } from './key-ring.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'automatos-keys-'));
  path = join(folder, 'data', 'encryption.key');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const ringOf = (mayMake = true) =>
  createFileKeyRing({ path, mayMake: () => Promise.resolve(mayMake) });

test('the first start makes a key that only its owner may read, and many at once make one', async () => {
  const rings = Array.from({ length: 20 }, () => ringOf());
  const ids = new Set(
    (await Promise.all(rings.map((ring) => ring.primary()))).map((key) => key?.id),
  );
  expect(ids.size).toBe(1);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(join(folder, 'data'))).toEqual(['encryption.key']);
});

test('no key is made where one is missing', async () => {
  expect(await ringOf(false).primary()).toBeNull();
  expect(await readdir(folder)).toEqual([]);
});

test('a renewed key stands first, the old one is found until it is forgotten', async () => {
  const ring = ringOf();
  const first = await ring.primary();
  const second = await ring.renew();
  const other = ringOf();
  expect((await other.primary())?.id).toBe(second?.id);
  expect((await other.find(first?.id ?? ''))?.bytes).toEqual(first?.bytes);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await ring.forget([first?.id ?? '', second?.id ?? '']);
  expect(await other.find(first?.id ?? '')).toBeNull();
  expect((await other.primary())?.id).toBe(second?.id);
});

test('a file that holds something else is an error and stays as it is', async () => {
  await ringOf().primary();
  await writeFile(path, 'not a key\n');
  await expect(ringOf().primary()).rejects.toMatchObject({ code: 'encryption.key.unreadable' });
  expect(await readFile(path, 'utf8')).toBe('not a key\n');
});

test('a key is 32 bytes in base64, base64url or hex', () => {
  const bytes = Buffer.alloc(32, 0xfb);
  for (const form of ['base64', 'base64url', 'hex'] as const)
    expect(parseMasterKey(` ${bytes.toString(form)}\n`)).toEqual(bytes);
  for (const wrong of [
    '',
    'short',
    bytes.toString('base64').slice(2),
    'g'.repeat(64),
    'a'.repeat(65),
  ])
    expect(parseMasterKey(wrong)).toBeNull();
  expect(() => createFixedKeyRing(['nonsense'])).toThrow('32 random bytes');
});

test('a key of the environment comes before that of the file, whose records it still opens', async () => {
  const inFile = await ringOf().primary();
  const ring = joinKeyRings(createFixedKeyRing([Buffer.alloc(32, 1).toString('base64')]), ringOf());
  expect((await ring.primary())?.id).not.toBe(inFile?.id);
  expect((await ring.find(inFile?.id ?? ''))?.bytes).toEqual(inFile?.bytes);
});
