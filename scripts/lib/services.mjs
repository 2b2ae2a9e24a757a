/** The real PostgreSQL, Redis and Chromium that tests run against: found or installed, started on free ports, stopped at the end. */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureChromium, ensurePostgres, ensureRedis, ensureSandbox } from './components.mjs';
import { createServer, removeServer } from './postgres.mjs';
import { PlainError, endProcess, freePort, isAlive } from './process.mjs';

const PREFIX = 'automatos-services-';
const STATE = 'state.json';
const CONTROL_SCRIPT = fileURLToPath(new URL('../pg-ctl.mjs', import.meta.url));

/**
 * Starts what the environment does not name yet and returns `{dir, env}`.
 * `env` holds AUTOMATOS_TEST_DATABASE_URL, AUTOMATOS_TEST_DATABASE_ADMIN_URL, AUTOMATOS_TEST_REDIS_URL,
 * AUTOMATOS_TEST_PG_CTL and AUTOMATOS_TEST_CHROMIUM. `ownerPid` 0 means: until `stopServices`, whoever ends before.
 */
export async function startServices({ ownerPid = process.pid, browser = true, log }) {
  await sweepAbandoned();
  const dir = mkdtempSync(join(tmpdir(), PREFIX));
  chmodSync(dir, 0o755);
  const state = { ownerPid, dir, env: {} };
  const save = () => writeFileSync(join(dir, STATE), JSON.stringify(state, null, 2));
  save();
  try {
    await startPostgres(state, log);
    save();
    await startRedis(state, log);
    await ensureSandbox(log);
    save();
    if (browser) state.env.AUTOMATOS_TEST_CHROMIUM = await ensureChromium(log);
    save();
    return state;
  } catch (error) {
    await stopServices(state);
    throw error;
  }
}

/** Stops what `startServices` started and removes its folder. */
export async function stopServices(state) {
  if (state.redisPid !== undefined) await endProcess(state.redisPid);
  if (state.bin !== undefined && existsSync(state.dir)) {
    // Tests may have made servers of their own beside the main one.
    const servers = readdirSync(state.dir).filter(
      (name) => name.startsWith('pg-') && existsSync(join(state.dir, name, 'data')),
    );
    for (const name of servers) await removeServer(state.bin, join(state.dir, name));
  }
  await rm(state.dir, { recursive: true, force: true });
}

/** The services that `services.mjs up` left running, or undefined. */
export function findKeptServices() {
  return readStates().find(
    (state) => state.ownerPid === 0 && state.env.AUTOMATOS_TEST_REDIS_URL !== undefined,
  );
}

/** Ends services whose owner is gone, for example after a SIGKILL of the test run. */
async function sweepAbandoned() {
  for (const state of readStates()) {
    if (state.ownerPid !== 0 && !isAlive(state.ownerPid)) await stopServices(state);
  }
}

function readStates() {
  return readdirSync(tmpdir())
    .filter((entry) => entry.startsWith(PREFIX))
    .flatMap((entry) => readState(join(tmpdir(), entry)));
}

/** One state or none. In a folder that everybody may write to, only what this user made is believed. */
function readState(dir) {
  try {
    const stat = lstatSync(dir);
    if (!stat.isDirectory() || stat.uid !== process.getuid()) return [];
    return [{ ...JSON.parse(readFileSync(join(dir, STATE), 'utf8')), dir }];
  } catch {
    // Another run is just making or removing this folder.
    return [];
  }
}

async function startPostgres(state, log) {
  const given = process.env.AUTOMATOS_TEST_DATABASE_URL;
  if (given) {
    log('using the PostgreSQL of AUTOMATOS_TEST_DATABASE_URL');
    state.env.AUTOMATOS_TEST_DATABASE_URL = given;
    for (const name of ['AUTOMATOS_TEST_DATABASE_ADMIN_URL', 'AUTOMATOS_TEST_PG_CTL']) {
      if (process.env[name]) state.env[name] = process.env[name];
    }
    return;
  }
  const bin = await ensurePostgres(log);
  state.bin = bin;
  const server = await createServer(bin, state.dir);
  const control = join(state.dir, 'pg-ctl');
  writeFileSync(
    control,
    `#!/bin/sh\nexec '${process.execPath}' '${CONTROL_SCRIPT}' '${bin}' '${server.dir}' "$@"\n`,
  );
  chmodSync(control, 0o755);
  state.env.AUTOMATOS_TEST_DATABASE_URL = server.url;
  state.env.AUTOMATOS_TEST_DATABASE_ADMIN_URL = server.adminUrl;
  state.env.AUTOMATOS_TEST_PG_CTL = control;
  log(`PostgreSQL runs at ${server.url}`);
}

async function startRedis(state, log) {
  const given = process.env.AUTOMATOS_TEST_REDIS_URL;
  if (given) {
    log('using the Redis of AUTOMATOS_TEST_REDIS_URL');
    state.env.AUTOMATOS_TEST_REDIS_URL = given;
    return;
  }
  const program = await ensureRedis(log);
  const port = await freePort();
  const output = openSync(join(state.dir, 'redis.log'), 'a');
  const flags = [
    '--port',
    port,
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    state.dir,
  ].map(String);
  const child = spawn(program, flags, { detached: true, stdio: ['ignore', output, output] });
  closeSync(output);
  child.unref();
  state.redisPid = child.pid;
  await waitForPort(port, child, join(state.dir, 'redis.log'));
  state.env.AUTOMATOS_TEST_REDIS_URL = `redis://127.0.0.1:${port}`;
  log(`Redis runs at ${state.env.AUTOMATOS_TEST_REDIS_URL}`);
}

async function waitForPort(port, child, log) {
  const deadline = Date.now() + 15_000;
  for (;;) {
    if (await accepts(port)) return;
    if (child.exitCode !== null || Date.now() > deadline) {
      throw new PlainError(`Redis did not start:\n${readFileSync(log, 'utf8').slice(-1000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
    socket.once('connect', () => socket.destroy());
  });
}
