/** `node scripts/services.mjs up|down|env`: keeps the test services running while you work; `eval "$(... env)"` names them to vitest. */
import { findKeptServices, startServices, stopServices } from './lib/services.mjs';
import { PlainError } from './lib/process.mjs';

const COMMANDS = { up, down, env };

async function up() {
  const running = findKeptServices();
  const state =
    running ??
    (await startServices({ ownerPid: 0, log: (line) => process.stderr.write(`${line}\n`) }));
  printExports(state);
}

async function down() {
  const running = findKeptServices();
  if (running !== undefined) await stopServices(running);
}

function env() {
  const running = findKeptServices();
  if (running === undefined)
    throw new PlainError(
      'No test services are running: start them with "node scripts/services.mjs up".',
    );
  printExports(running);
}

function printExports(state) {
  const lines = Object.entries(state.env).map(([name, value]) => `export ${name}='${value}'\n`);
  process.stdout.write(lines.join(''));
}

try {
  const command = COMMANDS[process.argv[2]];
  if (command === undefined) throw new PlainError('usage: node scripts/services.mjs up|down|env');
  await command();
} catch (error) {
  process.stderr.write(`${error instanceof PlainError ? error.message : error.stack}\n`);
  process.exitCode = 1;
}
