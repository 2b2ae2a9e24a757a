import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';

const module = new URL('./hand-over.mjs', import.meta.url).href;

/** A process that hands over to `child`, and the first line that the child prints. */
async function start(child) {
  const args = JSON.stringify(['--eval', child]);
  const code = `import { handOver } from ${JSON.stringify(module)}; process.exitCode = await handOver(process.execPath, ${args});`;
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return parent;
}

test('the exit code of the command is passed on', async () => {
  const parent = await start('process.exitCode = 7');
  expect(await once(parent, 'close')).toEqual([7, null]);
});

test.each(['SIGTERM', 'SIGINT'])(
  '%s reaches the command, which ends in its own way',
  async (signal) => {
    const parent = await start(
      `process.once('${signal}', () => { console.log('ending'); process.exit(3); }); setInterval(() => {}, 1000); console.log('up');`,
    );
    const output = [];
    parent.stdout.on('data', (chunk) => {
      output.push(String(chunk));
      if (String(chunk).includes('up')) parent.kill(signal);
    });
    expect(await once(parent, 'close')).toEqual([3, null]);
    expect(output.join('')).toBe('up\nending\n');
  },
);

test('a command that dies of a signal gives the code of a shell', async () => {
  const parent = await start(`process.kill(process.pid, 'SIGKILL')`);
  expect(await once(parent, 'close')).toEqual([137, null]);
});
