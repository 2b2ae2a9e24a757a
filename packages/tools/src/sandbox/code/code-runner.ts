import type { Sandbox } from '../sandbox.ts';
import type { CodeRunner } from './code-types.ts';
import { createJavascriptRunner } from './run-javascript.ts';
import { createPythonRunner } from './run-python.ts';

/** JavaScript runs in a WebAssembly machine on every system, Python in the isolation of the operating system. */
export function createCodeRunner(deps: {
  sandbox: Sandbox;
  /** Existing folder for what lives as long as one piece of code. */
  scratchDir: string;
}): CodeRunner {
  return { javascript: createJavascriptRunner(), python: createPythonRunner(deps) };
}
