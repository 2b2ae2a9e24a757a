/** Runs one piece of JavaScript in a machine of its own, then ends; nothing of this process is handed in but JSON. */
import { parentPort, workerData } from 'node:worker_threads';
import { newQuickJSWASMModule } from 'quickjs-emscripten';
import type { QuickJSContext, QuickJSHandle, QuickJSRuntime } from 'quickjs-emscripten';
import type { JavascriptAnswer, JavascriptJob } from './javascript-protocol.ts';

const STACK_BYTES = 512 * 1024;
/** `main` is called by text, so that what the code does to its globals stays its own business. */
const CALL = `(async () => {
  if (typeof main !== 'function') throw new Error('the code defines no function main(input)');
  const value = await main(JSON.parse(__input));
  const json = JSON.stringify(value === undefined ? null : value);
  if (json === undefined) throw new Error('main returned something that is no JSON');
  return json;
})()`;

type Log = { text(): string };

/** `console` of the machine: joined into text, bounded. */
function installConsole(vm: QuickJSContext, bytesMax: number): Log {
  let text = '';
  const write = vm.newFunction('write', (...parts) => {
    if (text.length >= bytesMax) return;
    const line = parts.map((part) => {
      const value: unknown = vm.dump(part);
      return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
    });
    text = `${text}${line.join(' ')}\n`.slice(0, bytesMax);
  });
  const host = vm.newObject();
  for (const name of ['log', 'info', 'warn', 'error', 'debug']) vm.setProp(host, name, write);
  vm.setProp(vm.global, 'console', host);
  write.dispose();
  host.dispose();
  return { text: () => text };
}

/** Text of a thrown value, with where it happened in the code. */
function describe(vm: QuickJSContext, thrown: QuickJSHandle): string {
  const value: unknown = vm.dump(thrown);
  if (typeof value !== 'object' || value === null) return String(value);
  const { name, message, stack } = value as { name?: string; message?: string; stack?: string };
  const line = /source\.js:(\d+)/.exec(stack ?? '')?.[1];
  return `${name ?? 'Error'}: ${message ?? ''}${line === undefined ? '' : ` (line ${line})`}`;
}

const isOutOfMemory = (message: string) => /out of memory/i.test(message);

function evaluate(vm: QuickJSContext, runtime: QuickJSRuntime, job: JavascriptJob) {
  const input = vm.newString(JSON.stringify(job.input));
  vm.setProp(vm.global, '__input', input);
  input.dispose();
  const defined = vm.evalCode(job.source, 'source.js');
  if (defined.error !== undefined) throw new Error(describe(vm, defined.error));
  defined.value.dispose();
  const called = vm.evalCode(CALL, 'call.js');
  if (called.error !== undefined) throw new Error(describe(vm, called.error));
  const jobs = runtime.executePendingJobs();
  if (jobs.error !== undefined) throw new Error(describe(vm, jobs.error));
  const state = vm.getPromiseState(called.value);
  if (state.type === 'pending') throw new Error('main waits for something that never comes');
  if (state.type === 'rejected') throw new Error(describe(vm, state.error));
  return vm.getString(state.value);
}

async function run(job: JavascriptJob): Promise<JavascriptAnswer> {
  const module = await newQuickJSWASMModule();
  const runtime = module.newRuntime();
  runtime.setMemoryLimit(job.memoryBytes);
  runtime.setMaxStackSize(STACK_BYTES);
  const endsAt = performance.now() + job.timeoutMs;
  runtime.setInterruptHandler(() => performance.now() > endsAt);
  const vm = runtime.newContext();
  const log = installConsole(vm, job.logBytesMax);
  try {
    return { kind: 'value', json: evaluate(vm, runtime, job), log: log.text() };
  } catch (error) {
    if (performance.now() > endsAt) return { kind: 'stopped', reason: 'time', log: log.text() };
    const { message } = error as Error;
    if (isOutOfMemory(message)) return { kind: 'stopped', reason: 'memory', log: log.text() };
    return { kind: 'failed', message, log: log.text() };
  }
}

// The thread ends with its one job, and the machine with it: nothing is disposed of piece by piece.
parentPort?.postMessage(await run(workerData as JavascriptJob));
