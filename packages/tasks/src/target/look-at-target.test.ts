import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createWorkspaceRoots } from '@automatos/tools';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lookAtTarget } from './look-at-target.ts';

let root: string;
let outside: string;

const FILES: Record<string, string> = {
  'repo/.git/HEAD': 'ref: refs/heads/main\n',
  'repo/src/a.ts': 'export const a = 1;\n',
  'repo/src/a.test.ts': 'test("a", () => {});\n',
  'repo/node_modules/x/index.js': 'module.exports = 1;\n',
  'repo/README.md': '# Repo\n',
  'repo/Dockerfile': 'FROM scratch\n',
  'repo/api.yaml': 'openapi: 3.1.0\ninfo: { title: T, version: "1" }\n',
  'repo/settings.yaml': 'debug: true\n',
  'repo/data/rows.json': '[{"a":1}]\n',
  'repo/data/rows.csv': 'a\n1\n',
  'repo/logs/app.log': '2026-01-01 00:00:00 INFO start\n',
  'plain-log': '2026-01-01T00:00:00Z INFO start\n2026-01-01T00:00:01Z ERROR stop\n',
};

beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'automatos-target-')));
  outside = await realpath(await mkdtemp(join(tmpdir(), 'automatos-outside-')));
  for (const [path, text] of Object.entries(FILES)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  await symlink(outside, join(root, 'way-out'));
});
afterAll(async () => {
  await rm(root, { recursive: true });
  await rm(outside, { recursive: true });
});

const look = (target: string | null) => lookAtTarget(createWorkspaceRoots([root]), target);

describe('what a task is about', () => {
  test.each<[target: string, kind: string]>([
    ['https://example.com/x', 'url'],
    ['example.com', 'domain'],
    ['the orders of last year', 'text'],
    ['plain-log', 'log_file'],
    ['repo/api.yaml', 'api_description'],
    ['repo/settings.yaml', 'file'],
    ['repo/data/rows.csv', 'data_file'],
    ['repo/data/rows.json', 'data_file'],
    ['repo/README.md', 'document'],
    ['repo/src/a.ts', 'source_file'],
    ['repo', 'folder'],
  ])('%s is a %s', async (target, kind) => {
    expect((await look(target)).kind).toBe(kind);
  });

  test('of a folder everything is counted but what others wrote', async () => {
    expect(await look(join(root, 'repo'))).toEqual({
      kind: 'folder',
      target: join(root, 'repo'),
      summary:
        'The target is a git repository with 9 files: 1 source files, 1 test files, 1 documents, 2 data files, 1 API descriptions, 1 logs, 1 deployment files.',
      files: 9,
      truncated: false,
      isGit: true,
      dataFiles: ['data/rows.csv', 'data/rows.json'],
      apiDescriptions: ['api.yaml'],
      logFiles: ['logs/app.log'],
      documents: 1,
      sourceFiles: 1,
      tests: 1,
      deployments: ['Dockerfile'],
    });
  });

  test('is nothing without a target', async () => {
    expect((await look(null)).kind).toBe('none');
  });

  test.each([
    ['/etc/passwd', 'tasks.target.outside_roots'],
    ['./way-out', 'tasks.target.outside_roots'],
    ['./nothing', 'tasks.target.not_found'],
  ])('%s is refused', async (target, code) => {
    await expect(look(target)).rejects.toMatchObject({ code, kind: 'invalid-input' });
  });
});
