import { stripVTControlCharacters } from 'node:util';

/** How one test ended in one run. */
export interface TestResult {
  /** Groups and title, joined by " > ". */
  name: string;
  title: string;
  status: 'passed' | 'failed' | 'skipped';
  /** Where the runner says it stands, as `path:line` below `/work`. */
  place?: { path: string; line: number };
}

interface Open {
  title: string;
  indent: number;
  hasChildren: boolean;
}

const RESULT = /^(\s*)(not )?ok \d+(?: -)? (.*?)(?:\s+# (SKIP|TODO|time)\b.*)?$/i;
const PLACE = /^\s*location: '(?:file:\/\/)?\/work\/(.+?):(\d+):\d+'/;

/** Reads TAP as Node's runner and vitest's `tap-flat` write it; groups are left out, their tests are there. */
export function readTap(text: string): TestResult[] {
  const found: TestResult[] = [];
  const open: Open[] = [];
  for (const line of text.split('\n')) {
    const subtest = /^(\s*)# Subtest: (.*)$/.exec(line);
    if (subtest !== null) {
      for (const one of open) one.hasChildren = true;
      open.push({ title: subtest[2] ?? '', indent: (subtest[1] ?? '').length, hasChildren: false });
      continue;
    }
    const place = PLACE.exec(line);
    const last = found.at(-1);
    if (place !== null && last !== undefined && last.place === undefined)
      last.place = { path: place[1] ?? '', line: Number(place[2]) };
    const result = RESULT.exec(line);
    if (result === null) continue;
    const [, indent = '', failed, title = '', mark] = result;
    const own = open.at(-1)?.indent === indent.length ? open.pop() : undefined;
    if (own?.hasChildren === true) continue;
    found.push({
      name: [...open.map((one) => one.title), title].join(' > '),
      title: own?.title ?? title.split(' > ').at(-1) ?? title,
      status: /skip|todo/i.test(mark ?? '')
        ? 'skipped'
        : failed === undefined
          ? 'passed'
          : 'failed',
    });
  }
  return found;
}

/** Reads the lines of runners that mark each test: jest, mocha, vitest, pytest -v. */
export function readMarkedLines(text: string): TestResult[] {
  const found: TestResult[] = [];
  for (const line of stripVTControlCharacters(text).split('\n')) {
    const marked = /^\s*([✓✔√✕✖✗×]) (.+?)(?:\s+\(?\d+(?:\.\d+)?\s?m?s\)?)?$/.exec(line);
    const python = /^(\S+\.py)::(\S+)\s+(PASSED|FAILED|ERROR|SKIPPED)\b/.exec(line);
    if (marked !== null) {
      const title = marked[2] ?? '';
      found.push({
        name: title,
        title,
        status: '✓✔√'.includes(marked[1] ?? '') ? 'passed' : 'failed',
      });
    } else if (python !== null) {
      const [, path = '', name = '', word] = python;
      const status = word === 'PASSED' ? 'passed' : word === 'SKIPPED' ? 'skipped' : 'failed';
      found.push({ name: `${path}::${name}`, title: name.split('::').at(-1) ?? name, status });
    }
  }
  return found;
}

/** The command with a report that can be read, where its runner has one. */
export function reportingCommand(command: string): {
  command: string;
  env: Record<string, string>;
} {
  if (/\bnode\b.*--test\b/.test(command))
    return command.includes('--test-reporter')
      ? { command, env: {} }
      : { command, env: { NODE_OPTIONS: '--test-reporter=tap' } };
  if (/^vitest\b/.test(command)) {
    const once = /^vitest(?:\s+run\b)/.test(command)
      ? command
      : command.replace(/^vitest/, 'vitest run');
    return { command: `${once} --reporter=tap-flat`, env: {} };
  }
  if (/^jest\b/.test(command)) return { command: `${command} --verbose`, env: {} };
  if (/^(?:python3? -m )?pytest\b/.test(command)) return { command: `${command} -v`, env: {} };
  return { command, env: {} };
}

/** Results of a run by name; a name that occurs again gets its number. */
export function readResults(stdout: string, stderr: string): Map<string, TestResult> {
  const tap = /^\s*(?:not )?ok \d+/m.test(stdout) ? readTap(stdout) : [];
  const all = tap.length > 0 ? tap : readMarkedLines(`${stdout}\n${stderr}`);
  const results = new Map<string, TestResult>();
  for (const one of all) {
    let name = one.name;
    for (let count = 2; results.has(name); count += 1) name = `${one.name} (${count})`;
    results.set(name, { ...one, name });
  }
  return results;
}
