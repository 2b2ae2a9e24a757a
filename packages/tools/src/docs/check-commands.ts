import { posix } from 'node:path';
import { major, valid, satisfies, validRange, minVersion } from 'semver';
import type { ProjectApi } from './read-api.ts';
import type { Example, ExampleProblem } from './read-examples.ts';

export const SHELL_LANGUAGES = new Set([
  'sh',
  'bash',
  'shell',
  'zsh',
  'console',
  'terminal',
  'shell-session',
]);

/** One command of a block. */
interface Command {
  words: string[];
  offset: number;
}

/** Commands of a shell example; output of sessions, comments and here-documents are left out. */
export function readCommands(text: string): Command[] {
  const lines = text.split('\n');
  const session = lines.some((line) => /^\s*[$%>] /.test(line));
  const commands: Command[] = [];
  let open = '';
  let until: string | undefined;
  let start = 0;
  for (const [offset, raw] of lines.entries()) {
    if (until !== undefined) {
      if (raw.trim() === until) until = undefined;
      continue;
    }
    if (session && open === '' && !/^\s*[$%>] /.test(raw)) continue;
    const line = raw.replace(/^\s*[$%>] /, '').replace(/(?:^|\s)#.*$/, '');
    if (open === '') start = offset;
    open += line.replace(/\\$/, ' ');
    if (line.endsWith('\\')) continue;
    until = /<<-?\s*['"]?(\w+)/.exec(open)?.[1];
    for (const part of open.split(/&&|\|\||[;|]/)) {
      const words = (part.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).map((word) =>
        word.replace(/^(["'])(.*)\1$/, '$2'),
      );
      while (/^[A-Z_]+=/.test(words[0] ?? '') || words[0] === 'sudo') words.shift();
      if (words.length > 0) commands.push({ words, offset: start });
    }
    open = '';
  }
  return commands;
}

interface Context {
  api: ProjectApi;
  /** Folder of the document. */
  folder: string;
  /** Folders that `cd` named before. */
  entered: string[];
  /** Paths that the block makes itself. */
  made: Set<string>;
  /** All words of the sources, for options of own commands. */
  words: ReadonlySet<string>;
}

const PLACEHOLDER = /[<>$*{}]|\bpath\/to\b|\b(?:your|my|some|example)[-_]?\w*/i;
const FILE = /^(?:\.{1,2}\/)?[\w@.-]+(?:\/[\w@.-]+)*\.[A-Za-z]{1,5}$/;
const RUNNERS = new Set([
  'node',
  'python',
  'python3',
  'bash',
  'sh',
  'tsx',
  'ts-node',
  'deno',
  'bun',
  'source',
  '.',
]);

function exists(path: string, { api, folder, entered, made }: Context): boolean {
  const bases = ['', folder, ...entered, ...entered.map((each) => posix.join(folder, each))];
  return (
    made.has(posix.normalize(path)) ||
    bases.some((base) => api.paths.has(posix.normalize(posix.join(base, path))))
  );
}

function missingFile(path: string | undefined, offset: number, context: Context): ExampleProblem[] {
  if (path === undefined || PLACEHOLDER.test(path) || !FILE.test(path) || exists(path, context))
    return [];
  // Below folders of built or installed files nobody can tell.
  if (/(?:^|\/)(?:dist|build|out|node_modules|target|coverage)\//.test(path)) return [];
  return [
    {
      rule: 'docs.stale_file',
      message: `There is no file ${path}.`,
      offset,
      fix: 'Name the file that took its place.',
    },
  ];
}

function checkScript(name: string | undefined, offset: number, { api }: Context): ExampleProblem[] {
  if (name === undefined || !/^[\w:.-]+$/.test(name) || name.startsWith('-')) return [];
  const withScripts = api.packages.filter(({ scripts }) => scripts.size > 0);
  if (api.packages.length === 0 || withScripts.some(({ scripts }) => scripts.has(name))) return [];
  const there = withScripts.flatMap(({ scripts }) => [...scripts]).slice(0, 12);
  return [
    {
      rule: 'docs.stale_command',
      message: `No package.json has a script ${name}${there.length === 0 ? '' : `; there are ${there.join(', ')}`}.`,
      offset,
      fix: 'Name a script that there is.',
    },
  ];
}

function checkPackageManager(
  words: readonly string[],
  offset: number,
  context: Context,
): ExampleProblem[] {
  const rest = words.slice(1).filter((word) => !word.startsWith('-'));
  const [verb, name] = rest;
  if (words.some((word) => /^(?:--prefix|-C|--dir|--filter)/.test(word))) return [];
  if (verb === 'run' || verb === 'run-script') return checkScript(name, offset, context);
  if (['test', 'start'].includes(verb ?? '') && words[0] === 'npm')
    return checkScript(verb, offset, context);
  if (['install', 'i', 'add'].includes(verb ?? ''))
    return rest.slice(1).flatMap((word) => checkVersion(word, offset, context));
  return [];
}

function checkVersion(word: string, offset: number, { api }: Context): ExampleProblem[] {
  const at = word.lastIndexOf('@');
  if (at <= 0) return [];
  const [name, range] = [word.slice(0, at), word.slice(at + 1)];
  const own = api.packages.find((one) => one.name === name);
  return own === undefined ? [] : versionProblem({ name, range, version: own.version }, offset);
}

/** A range of an own package that its version of today does not fit. */
export function versionProblem(
  { name, range, version }: { name: string; range: string; version: string | null },
  offset: number,
): ExampleProblem[] {
  if (version === null || valid(version) === null || validRange(range) === null) return [];
  if (satisfies(version, range, { includePrerelease: true })) return [];
  const asked = minVersion(range);
  // An older patch of the same major is old, not wrong.
  if (asked === null || (major(asked) === major(version) && asked.compare(version) <= 0)) return [];
  return [
    {
      rule: 'docs.stale_version',
      message: `The example takes ${name} ${range}; this is ${version}.`,
      offset,
      fix: `Name ${version}, or leave the version out.`,
    },
  ];
}

function checkOwnCommand(
  bin: string,
  words: readonly string[],
  { offset, context }: { offset: number; context: Context },
): ExampleProblem[] {
  const [verb] = words;
  const known = (word: string) =>
    context.words.has(word) ||
    context.words.has(word.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase()));
  const problems: ExampleProblem[] = [];
  if (verb !== undefined && /^[a-z][a-z-]*$/.test(verb) && !known(verb))
    problems.push({
      rule: 'docs.stale_command',
      message: `${bin} has no command ${verb}: no source names it.`,
      offset,
      fix: 'Name a command that there is.',
    });
  for (const word of words) {
    const flag = /^--(?:no-)?([a-z][\w-]*)/.exec(word)?.[1];
    if (flag === undefined || flag === 'help' || flag === 'version' || known(flag)) continue;
    problems.push({
      rule: 'docs.stale_option',
      message: `${bin} has no option --${flag}: no source names it.`,
      offset,
      fix: 'Name an option that there is, or leave it out.',
    });
  }
  return problems;
}

function checkMake(target: string | undefined, offset: number, { api }: Context): ExampleProblem[] {
  if (target === undefined || !/^[\w-]+$/.test(target) || api.makefiles.length === 0) return [];
  const pattern = new RegExp(`^${target}\\s*:`, 'm');
  if (api.makefiles.some(({ text }) => pattern.test(text) || /^include\b|^%:/m.test(text)))
    return [];
  return [
    {
      rule: 'docs.stale_command',
      message: `No Makefile has a target ${target}.`,
      offset,
      fix: 'Name a target that there is.',
    },
  ];
}

function checkCommand({ words, offset }: Command, context: Context): ExampleProblem[] {
  const [program = '', ...rest] = words;
  const bins = new Set(context.api.packages.flatMap((one) => [...one.bins]));
  if (program === 'cd' && rest[0] !== undefined) context.entered.push(rest[0]);
  if (['npm', 'pnpm', 'yarn'].includes(program)) return checkPackageManager(words, offset, context);
  if (program === 'make')
    return checkMake(
      rest.find((word) => !word.startsWith('-') && !word.includes('=')),
      offset,
      context,
    );
  if (RUNNERS.has(program)) {
    if (rest.some((word) => /^(?:-[mec]|--eval|--test)$/.test(word))) return [];
    return missingFile(
      rest.find((word) => !word.startsWith('-')),
      offset,
      context,
    );
  }
  if (program === 'cp')
    return missingFile(
      rest.find((word) => !word.startsWith('-')),
      offset,
      context,
    );
  if (program.startsWith('./')) return missingFile(program, offset, context);
  const own =
    program === 'npx' ? rest.filter((word) => !word.startsWith('-') || bins.has(word)) : words;
  const at = words.indexOf(own[0] ?? '');
  return bins.has(own[0] ?? '')
    ? checkOwnCommand(own[0] ?? '', words.slice(at + 1), { offset, context })
    : [];
}

/** What a shell example runs, against what there is. */
export function checkCommands(
  example: Example,
  api: ProjectApi,
  words: ReadonlySet<string>,
): ExampleProblem[] {
  const commands = readCommands(example.text);
  const made = new Set(
    [
      ...example.text.matchAll(
        /(?:>>?\s*|\btouch\s+|\btee\s+|\b-o\s+|\b(?:cp|mv)\s+\S+\s+)([\w./-]+)/g,
      ),
    ].map((match) => posix.normalize(match[1] ?? '')),
  );
  const folder = posix.dirname(example.path) === '.' ? '' : posix.dirname(example.path);
  const context: Context = { api, folder, entered: [], made, words };
  return commands.flatMap((command) => checkCommand(command, context));
}

/** Own packages in dependency lists of JSON examples. */
export function checkDependencies(example: Example, api: ProjectApi): ExampleProblem[] {
  return example.text.split('\n').flatMap((line, offset) => {
    const [, name = '', range = ''] = /"(@?[\w./-]+)"\s*:\s*"([~^>=<\d][^"]*)"/.exec(line) ?? [];
    const own = api.packages.find((one) => one.name !== '' && one.name === name);
    return own === undefined ? [] : versionProblem({ name, range, version: own.version }, offset);
  });
}
