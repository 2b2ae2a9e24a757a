/*
 * Runs inside of the sandbox, where there is no network but the loopback of its own namespace: listens there and passes
 * what comes on to the socket file of the proxy outside. Then starts the command and ends with its exit code. Shown to the
 * sandbox as JavaScript, so it has no types of its own.
 */
import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';

const [socket = '', port = '', program = '', ...args] = process.argv.slice(2);
const server = createServer((inner) => {
  const outer = connect(socket);
  inner.on('error', () => outer.destroy());
  outer.on('error', () => inner.destroy());
  inner.pipe(outer);
  outer.pipe(inner);
});
server.listen(Number(port), '127.0.0.1', () => {
  const child = spawn(program, args, { stdio: 'inherit' });
  child.on('error', (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(127);
  });
  child.on('exit', (code) => process.exit(code ?? 137));
});
