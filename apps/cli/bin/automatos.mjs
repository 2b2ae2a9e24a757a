#!/usr/bin/env node
// Runs on any Node; hands over to one that runs TypeScript (22.18 or newer): this one, or the bundled Node 24.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

function bundledNode() {
  try {
    const folder = dirname(
      createRequire(import.meta.url).resolve(`node-linux-${process.arch}/package.json`),
    );
    return join(folder, 'bin', 'node');
  } catch {
    return undefined; // another platform, or installed without optional packages
  }
}

if (major > 22 || (major === 22 && minor >= 18)) {
  await import(main);
} else {
  const node = bundledNode();
  if (node === undefined) {
    process.stderr.write(
      `automatos needs Node 22.18 or newer; this is ${process.version}. Install a newer Node, or run "npm ci" for the bundled one.\n`,
    );
    process.exit(4);
  }
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  // The terminal sends Ctrl-C to both; only the child decides what it means.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('close', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));
}
