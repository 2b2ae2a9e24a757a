import { constants } from 'node:fs';
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonValue } from '@automatos/kernel';
import type { Sandbox, SandboxResult } from '../sandbox.ts';
import {
  CODE_MEMORY_BYTES,
  codeFailed,
  codeStopped,
  LOG_BYTES_MAX,
  RESULT_BYTES_MAX,
} from './code-failure.ts';
import type { CodeJob, CodeResult, LanguageRunner } from './code-types.ts';

/** Calls `main` with the input and leaves its result in a file, so that what the code prints is not taken for it. */
const HARNESS = `
import json, sys, traceback
sys.argv = ['source.py']
scope = {'__name__': 'source'}
try:
    with open('/code/source.py', encoding='utf-8') as file:
        exec(compile(file.read(), 'source.py', 'exec'), scope)
    main = scope.get('main')
    if not callable(main):
        raise TypeError('the code defines no function main(input)')
    value = main(json.load(sys.stdin))
    text = json.dumps(value, allow_nan=False)
    with open('/work/result.json', 'w', encoding='utf-8') as file:
        file.write(text)
except MemoryError:
    sys.exit(71)
except SystemExit:
    raise
except BaseException as error:
    line = next((f.lineno for f in reversed(traceback.extract_tb(error.__traceback__)) if f.filename == 'source.py'), getattr(error, 'lineno', None))
    print(f"{type(error).__name__}: {error}" + (f" (line {line})" if line else ''), file=sys.stderr)
    sys.exit(70)
`;
const FAILED = 70;
const OUT_OF_MEMORY = 71;

/** Python 3 of the system in the isolation of the operating system: its standard library, no network, nothing of the host. */
export function createPythonRunner({
  sandbox,
  scratchDir,
}: {
  sandbox: Sandbox;
  scratchDir: string;
}): LanguageRunner {
  return {
    check: () => sandbox.check(),
    async run(job) {
      const base = await mkdtemp(join(scratchDir, 'automatos-code-'));
      try {
        const folder = join(base, 'work');
        const code = join(base, 'code');
        await Promise.all([mkdir(folder), mkdir(code, { mode: 0o755 })]);
        await writeFile(join(code, 'source.py'), job.source, { mode: 0o644 });
        return await toResult(await start(sandbox, job, { folder, code }), folder);
      } finally {
        await rm(base, { recursive: true, force: true });
      }
    },
  };
}

function start(
  sandbox: Sandbox,
  job: CodeJob,
  { folder, code }: { folder: string; code: string },
): Promise<SandboxResult> {
  return sandbox.run({
    argv: ['python3', '-I', '-B', '-c', HARNESS],
    folder,
    readable: [{ from: code, to: '/code' }],
    stdin: JSON.stringify(job.input),
    limits: {
      wallMs: job.timeoutMs,
      cpuSeconds: Math.ceil(job.timeoutMs / 1000) + 1,
      memoryBytes: CODE_MEMORY_BYTES,
      outputBytes: LOG_BYTES_MAX,
    },
    signal: job.signal,
  });
}

async function toResult(result: SandboxResult, folder: string): Promise<CodeResult> {
  const log = result.stdout.text;
  if (result.stopped !== null) throw codeStopped(result.stopped, log);
  if (result.exitCode === OUT_OF_MEMORY) throw codeStopped('memory', log);
  if (result.exitCode === FAILED) {
    throw codeFailed(result.stderr.text.trim().split('\n').at(-1) ?? '', log);
  }
  const text = result.exitCode === 0 ? await readResult(join(folder, 'result.json')) : null;
  if (text === null) {
    const why = result.stderr.text.trim().split('\n').at(-1) ?? '';
    throw codeFailed(`it ended with ${result.exitCode ?? 'a signal'}${why && `: ${why}`}`, log);
  }
  try {
    return { value: JSON.parse(text) as JsonValue, log };
  } catch {
    throw codeFailed('its result was overwritten with something that is no JSON', log);
  }
}

/** Null when there is none. Links are not followed: the code could have pointed one at a file of the host. */
async function readResult(path: string): Promise<string | null> {
  const file = await open(
    path,
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  ).catch(() => null);
  if (file === null) return null;
  try {
    const stats = await file.stat();
    if (!stats.isFile() || stats.size > RESULT_BYTES_MAX) return null;
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
