import { execFileSync } from 'node:child_process';
import {
  chmod,
  mkdir,
  mkdtemp,
  open,
  readFile,
  readdir,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestBench, type TestBench } from '../test-executor.fixture.ts';
import { readTextFile } from './read-text.ts';
import { createWorkspaceRoots } from './roots.ts';
import { walkFiles } from './walk.ts';

const signal = new AbortController().signal;
let bench: TestBench;
let outside: string;

beforeAll(async () => {
  bench = await createTestBench();
  outside = await mkdtemp(join(tmpdir(), 'outside-'));
  await writeFile(join(outside, 'secret.txt'), 'not yours');
  await bench.write('inside/a.txt', 'a');
  await symlink(outside, join(bench.root, 'link-out'));
  await symlink(join(outside, 'secret.txt'), join(bench.root, 'inside/link.txt'));
  await symlink('a.txt', join(bench.root, 'inside/link-in.txt'));
  await symlink(join(outside, 'missing'), join(bench.root, 'dangling'));
});
afterAll(async () => {
  await bench.close();
  await rm(outside, { recursive: true });
});

describe('paths', () => {
  it.each([
    ['absolute outside', () => join(outside, 'secret.txt'), 'tools.path.outside_root'],
    [
      'absolute outside that does not exist',
      () => join(outside, 'none'),
      'tools.path.outside_root',
    ],
    ['climbing', () => '../../etc/passwd', 'tools.path.outside_root'],
    [
      'a sibling whose name begins like the root',
      () => `${bench.root}-other`,
      'tools.path.outside_root',
    ],
    ['through a linked folder', () => 'link-out/secret.txt', 'tools.path.outside_root'],
    ['a linked file', () => 'inside/link.txt', 'tools.path.outside_root'],
    ['a NUL character', () => 'inside/a.txt\0.png', 'tools.path.invalid'],
    ['nothing there', () => 'inside/none.txt', 'tools.path.not_found'],
  ])('%s → %s', async (_name, path, code) => {
    const outcome = await bench.run('read_file', { path: path() });
    expect(outcome).toMatchObject({ status: 'error', output: null, error: { code } });
    expect(JSON.stringify(outcome)).not.toContain('not yours');
  });

  it('outside names the allowed roots and the setting', async () => {
    const outcome = await bench.run('read_file', { path: '/etc/passwd' });
    expect(outcome.summary).toContain(bench.root);
    expect(outcome.summary).toContain('AUTOMATOS_ROOTS');
  });

  it('links that stay inside are followed, relative paths try each root', async () => {
    const roots = createWorkspaceRoots([join(bench.root, 'none'), bench.root]);
    expect(await roots.resolveInside('inside/link-in.txt')).toBe(join(bench.root, 'inside/a.txt'));
    await expect(createWorkspaceRoots([]).resolveInside('.')).rejects.toMatchObject({
      code: 'tools.root.none',
    });
  });
});

describe('walking', () => {
  it('counts what it leaves out: binary, too large, links; and reads 200 MB not at all', async () => {
    await bench.write('mixed/b.bin', Buffer.from([1, 0, 2]));
    await bench.write('mixed/ok.txt', 'needle\n');
    await symlink(outside, join(bench.root, 'mixed/link'));
    const sparse = await open(join(bench.root, 'mixed/huge.txt'), 'w');
    await sparse.write('needle '.repeat(2000), 0);
    await sparse.truncate(200 * 1024 * 1024);
    await sparse.close();
    const before = process.memoryUsage().rss;
    const outcome = await bench.run('grep_files', { path: 'mixed', pattern: 'needle' });
    expect(outcome).toMatchObject({
      status: 'success',
      output: {
        total: 1,
        skipped: { binary: 1, too_large: 1, symlink: 1, unreadable: 0, limit: 0 },
      },
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
    expect(outcome.summary).toContain('1 too large');
    expect(await readTextFile(join(bench.root, 'mixed/huge.txt'))).toEqual({ kind: 'too_large' });
  });

  it('does not wait for a named pipe', async () => {
    execFileSync('/usr/bin/mkfifo', [join(bench.root, 'pipe')]);
    expect(await readTextFile(join(bench.root, 'pipe'))).toEqual({ kind: 'unreadable' });
    await rm(join(bench.root, 'pipe'));
  });

  it.skipIf(process.getuid?.() === 0)(
    'counts what may not be read (root may read everything)',
    async () => {
      await chmod(await bench.write('locked/a.txt', 'x'), 0o000);
      expect(await bench.run('grep_files', { path: 'locked', pattern: 'x' })).toMatchObject({
        output: { skipped: { unreadable: 1 } },
      });
    },
  );

  it.each([false, true])(
    'stops at the limit of files and says so (git: %s)',
    async (asRepository) => {
      const folder = asRepository ? 'many-git' : 'many';
      await Promise.all(
        Array.from({ length: 60 }, (_, index) =>
          bench.write(`${folder}/d${index % 7}/f${index}.txt`, ''),
        ),
      );
      if (asRepository) execFileSync('git', ['init', '-q', join(bench.root, folder)]);
      const walk = await walkFiles(folder, {
        roots: createWorkspaceRoots([bench.root]),
        signal,
        filesMax: 25,
      });
      expect(walk.files).toHaveLength(25);
      expect(walk.skipped.limit).toBeGreaterThan(0);
      expect(walk.files.map((file) => file.path)).toEqual(
        walk.files.map((file) => file.path).toSorted(),
      );
      expect(walk.ignoreRules).toBe(asRepository ? 'git' : 'built_in');
    },
  );

  it('honours .gitignore in a repository and leaves out dependencies elsewhere', async () => {
    await bench.write('repo/.gitignore', 'ignored/\n');
    await bench.write('repo/ignored/x.txt', '');
    await bench.write('repo/kept.txt', '');
    await symlink(outside, join(bench.root, 'repo/link'));
    await bench.write('plain/node_modules/x.js', '');
    await bench.write('plain/kept.js', '');
    execFileSync('git', ['init', '-q', join(bench.root, 'repo')]);
    expect(await bench.run('list_files', { path: 'repo' })).toMatchObject({
      output: { files: [{ path: '.gitignore' }, { path: 'kept.txt' }], total: 2 },
    });
    expect(await bench.run('glob_files', { path: 'plain', pattern: '**/*.js' })).toMatchObject({
      output: { paths: ['kept.js'] },
    });
  });

  it('counts links that git lists, and files below a folder that became one are not read', async () => {
    const folder = join(bench.root, 'linked');
    await bench.write('linked/real/secret.txt', 'mine');
    execFileSync('git', ['init', '-q', folder]);
    execFileSync('git', ['-C', folder, 'add', '.']);
    await rm(join(folder, 'real'), { recursive: true });
    await symlink(outside, join(folder, 'real'));
    const outcome = await bench.run('grep_files', { path: 'linked', pattern: 'yours|mine' });
    expect(outcome).toMatchObject({ output: { total: 0, skipped: { symlink: 2 } } });
  });

  it('a foreign repository runs no program of its own and shows nothing outside the roots', async () => {
    const marker = join(outside, 'ran');
    await bench.write('hostile/a.txt', 'x');
    execFileSync('git', ['init', '-q', join(bench.root, 'hostile')]);
    await writeFile(
      join(bench.root, 'hostile/.git/config'),
      `[core]\n\trepositoryformatversion = 0\n\tfsmonitor = "touch ${marker}; false"\n\tworktree = ${outside}\n`,
    );
    const listed = await bench.run('list_files', { path: 'hostile' });
    expect(JSON.stringify(listed.output)).not.toContain('secret.txt');
    expect(await readdir(outside)).toEqual(['secret.txt']);
    await bench.write('pointer/.git', `gitdir: ${join(outside, 'repo')}\n`);
    await mkdir(join(outside, 'repo'));
    execFileSync('git', ['init', '-q', '--bare', join(outside, 'repo')]);
    expect(await bench.run('git_log', { path: 'pointer' })).toMatchObject({
      status: 'success',
      output: { is_repository: false },
    });
  });

  it('a folder outside git is a clear result of the git tools, an empty repository has no commits', async () => {
    expect(await bench.run('git_hotspots', { path: 'plain' })).toMatchObject({
      status: 'success',
      output: { is_repository: false, reason: expect.stringContaining('git') },
    });
    execFileSync('git', ['init', '-q', join(bench.root, 'empty')]);
    expect(await bench.run('git_log', { path: 'empty' })).toMatchObject({
      status: 'success',
      output: { is_repository: true, commits: [] },
    });
  });
});

describe('writing', () => {
  it('creates, refuses to overwrite, overwrites when asked, leaves nothing behind', async () => {
    expect(await bench.run('write_file', { path: 'out/new/a.txt', content: 'one' })).toMatchObject({
      status: 'success',
      output: { created: true, bytes: 3 },
    });
    expect(await bench.run('write_file', { path: 'out/new/a.txt', content: 'two' })).toMatchObject({
      status: 'error',
      error: { code: 'tools.path.exists' },
    });
    expect(
      await bench.run('write_file', { path: 'out/new/a.txt', content: 'two', overwrite: true }),
    ).toMatchObject({ output: { created: false } });
    expect(await readFile(join(bench.root, 'out/new/a.txt'), 'utf8')).toBe('two');
    expect(await readdir(join(bench.root, 'out/new'))).toEqual(['a.txt']);
  });

  it.each([
    ['inside/link-in.txt', 'tools.path.symlink'],
    ['inside/link.txt', 'tools.path.outside_root'],
    ['dangling', 'tools.path.symlink'],
    ['link-out/new.txt', 'tools.path.outside_root'],
    ['inside', 'tools.path.not_file'],
    ['../x.txt', 'tools.path.outside_root'],
  ])('to %s is refused', async (path, code) => {
    expect(await bench.run('write_file', { path, content: 'x', overwrite: true })).toMatchObject({
      status: 'error',
      error: { code },
    });
    expect(await readdir(outside)).not.toContain('new.txt');
    expect(await readFile(join(bench.root, 'inside/a.txt'), 'utf8')).toBe('a');
  });
});

it('reads line ranges, and says clearly why it cannot read binary files and folders', async () => {
  await bench.write('lines.txt', 'a\nb\r\nc\nd');
  expect(
    await bench.run('read_file', { path: 'lines.txt', from_line: 2, to_line: 3 }),
  ).toMatchObject({ output: { text: 'b\nc', lines_total: 4, cut: false } });
  await bench.write('x.bin', Buffer.from([0, 1]));
  expect(await bench.run('read_file', { path: 'x.bin' })).toMatchObject({
    error: { code: 'tools.file.binary' },
  });
  expect(await bench.run('read_file', { path: 'inside' })).toMatchObject({
    error: { code: 'tools.path.not_file' },
  });
  expect(await bench.run('grep_files', { path: 'inside', pattern: '(' })).toMatchObject({
    error: { code: 'tools.pattern.invalid' },
  });
});

it('stops a search whose pattern would take for ever', async () => {
  await bench.write('slow/a.txt', `${'a'.repeat(60)}!`);
  const outcome = await bench.run(
    'grep_files',
    { path: 'slow', pattern: '^(a+)+$' },
    { timeoutMs: 600 },
  );
  expect(outcome).toMatchObject({ status: 'timeout', error: { code: 'tools.run.timeout' } });
});
