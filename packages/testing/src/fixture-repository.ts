import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A fault that was put in on purpose, with the rule that must find it. `path` is relative to the repository. */
export interface PlantedFault {
  rule: string;
  path: string;
  line: number;
}

export interface FaultyRepository {
  path: string;
  planted: PlantedFault[];
}

/** Marks the line of a fault while a file is written; cut out before it is stored. */
const MARK = /⟦([a-z_.]+)⟧/g;

// Put together from parts, so that the scan of this very repository finds no key in it.
const AWS_KEY = ['AKIA', 'Z7QHWVJ2', 'LM4TKXPD'].join('');
const GITHUB_TOKEN = ['ghp', '_', 'Wb7Lq2Zk9Tn4', 'Xv6Rd1Hs8Jm3', 'Yc5Pf0Ga2KtE'].join('');
const DATABASE_PASSWORD = ['tR4', 'vels-', '9zQm'].join('');

const SERVER_TS = `import { exec } from 'node:child_process';
import { createHash } from 'node:crypto';
import { query } from './database.ts';
import { renderPage } from './render.ts';

/** Settings of the storage bucket. */
export const storage = {
  region: 'eu-central-1',
  accessKeyId: '${AWS_KEY}',⟦secret.aws_access_key_id⟧
};

/** Finds a user by name. */
export async function findUser(name: string) {
  return query("SELECT id, name FROM users WHERE name = '" + name + "'");⟦js.sql_concatenation⟧
}

/** Packs a folder for download. */
export function packFolder(folder: string): void {
  exec(\`tar czf /srv/out.tgz \${folder}\`);⟦js.shell_injection⟧
}

/** Evaluates a formula from the settings page. */
export function evaluateFormula(formula: string): unknown {
  return eval(formula);⟦js.eval⟧
}

/** Fingerprint of a file, for its address. */
export function fingerprint(content: string): string {
  return createHash('md5').update(content).digest('hex');⟦js.weak_hash⟧
}

export function listenAddress() {⟦docs.undocumented_export⟧
  return { host: '127.0.0.1', port: 8080 };
}

/** Makes the token of a password reset. */
export function makeReset(): { token: string } {
  const resetToken = Math.random().toString(36).slice(2);⟦js.insecure_random⟧
  return { token: resetToken };
}

/** Shows a page. */
export function show(title: string): string {
  return renderPage(title);
}
`;

const DATABASE_TS = `import { Agent } from 'node:https';
import { show } from './server.ts';⟦code.import_cycle⟧

const agent = new Agent({ rejectUnauthorized: false });⟦js.tls_verification_off⟧

/** Sends a statement to the database service. */
export async function query(statement: string): Promise<unknown[]> {
  if (statement.length === 0) throw new Error(show('empty statement'));
  const rows: unknown[] = [statement, agent];
  return rows;
}
`;

const RENDER_TS = `/** Puts a title into the page of the browser. */
export function mount(element: { innerHTML: string }, title: string): void {
  element.innerHTML = title;⟦js.inner_html⟧
}

/** Renders a page as text. */
export function renderPage(title: string): string {
  return \`# \${title}\`;
}
`;

/** A function with more decisions than anybody can follow: 22 tests in one place. */
function complexFunction(): string {
  const branches = Array.from({ length: 11 }, (_, index) => [
    `  if (order.weight > ${(index + 1) * 10} && order.country === '${'ABCDEFGHIJK'[index]}') {`,
    `    price += ${index + 3};`,
    '  }',
  ]).flat();
  return [
    '/** An order as the shop stores it. */',
    'export interface Order {',
    '  weight: number;',
    '  country: string;',
    '}',
    '',
    '/** Price of sending an order. */',
    'export function shippingPrice(order: Order): number {⟦code.complex_function⟧',
    '  let price = 0;',
    ...branches,
    '  return price;',
    '}',
    '',
  ].join('\n');
}

const COPIED = `  const lines: string[] = [];
  for (const entry of entries) {
    const amount = entry.amount * entry.count;
    const tax = amount * entry.taxRate;
    if (amount > entry.limit) {
      lines.push(entry.name + ' is over its limit of ' + entry.limit);
    }
    lines.push(entry.name + ': ' + amount + ' and ' + tax + ' tax');
  }
  return lines.join('; ');
}
`;
const ENTRY =
  'Array<{ name: string; amount: number; count: number; taxRate: number; limit: number }>';
const INVOICE_TS = `/** Text of an invoice. */\nexport function invoiceText(entries: ${ENTRY}): string {\n${COPIED}`;
const REMINDER_TS = `/** Text of a reminder. */\nexport function reminderText(entries: ${ENTRY}): string {⟦code.duplicate⟧\n${COPIED}`;

const IMPORT_PY = `"""Imports orders that partners upload."""
import os
import pickle
import sqlite3
import subprocess

import yaml


def load_settings(path):
    """Reads the settings file."""
    with open(path) as handle:
        return yaml.load(handle)⟦py.yaml_load⟧


def restore(body):
    """Restores a saved session."""
    return pickle.loads(body)⟦py.pickle⟧


def convert(name):
    """Converts an upload."""
    subprocess.run("convert " + name, shell=True)⟦py.subprocess_shell⟧


def orders_of(connection: sqlite3.Connection, customer):
    """Lists the orders of a customer."""
    return connection.execute(f"SELECT * FROM orders WHERE customer = '{customer}'").fetchall()⟦py.sql_formatting⟧


def upload_folder():⟦docs.undocumented_export⟧
    return os.environ.get("UPLOADS", "uploads")
`;

const DEPLOY_SH = `#!/usr/bin/env bash
set -euo pipefail

curl -fsSL https://deploy.example.com/install.sh | bash⟦sh.download_and_run⟧
eval "$AFTER_DEPLOY"⟦sh.eval⟧
chmod 777 /srv/shop⟦sh.world_writable⟧
`;

const PACKAGE_JSON = `{
  "name": "shop",
  "version": "1.4.0",
  "private": true,
  "license": "MIT",
  "type": "module",
  "dependencies": {
    "lodash": "4.17.11",
    "left-pad": "*"⟦dependency.wildcard⟧
  },
  "devDependencies": {
    "minimist": "^1.2.5"
  }
}
`;

const PACKAGE_LOCK_JSON = `{
  "name": "shop",
  "version": "1.4.0",
  "lockfileVersion": 3,
  "requires": true,
  "packages": {
    "": { "name": "shop", "version": "1.4.0", "dependencies": { "lodash": "4.17.11", "left-pad": "*" }, "devDependencies": { "minimist": "^1.2.5" } },
    "node_modules/left-pad": {⟦dependency.deprecated⟧
      "version": "1.3.0",
      "resolved": "https://registry.npmjs.org/left-pad/-/left-pad-1.3.0.tgz",
      "integrity": "sha512-AAAA",
      "deprecated": "use String.prototype.padStart()",
      "license": "WTFPL"
    },
    "node_modules/lodash": {⟦dependency.vulnerable⟧
      "version": "4.17.11",
      "resolved": "https://registry.npmjs.org/lodash/-/lodash-4.17.11.tgz",
      "integrity": "sha512-BBBB",
      "license": "MIT"
    },
    "node_modules/minimist": {⟦dependency.vulnerable⟧
      "version": "1.2.5",
      "resolved": "https://registry.npmjs.org/minimist/-/minimist-1.2.5.tgz",
      "integrity": "sha512-CCCC",
      "license": "GPL-3.0"
    }
  }
}
`;

const README_MD = `# Shop

A small web shop that sells tea and sends it to most countries of the world.

## Install

Run \`npm install\`, then \`npm start\`.

## Usage

See [the guide](docs/guide.md#first-order), [the price list](docs/prices.md)⟦docs.broken_link⟧
and [how returns work](docs/guide.md#returns).⟦docs.broken_anchor⟧

## Licence

MIT, see [LICENSE](LICENSE).
`;

const GUIDE_MD = `# Guide

## First order

Choose a tea, then pay. More in [the README](../README.md).
`;

const ENV_FILE = `# Settings of the production machine
DATABASE_PASSWORD=${DATABASE_PASSWORD}⟦secret.env_value⟧
PORT=8080
`;

const CI_TS = `/** Publishes a release note. */
export async function publish(text: string): Promise<void> {
  const token = '${GITHUB_TOKEN}';⟦secret.github⟧
  await fetch('https://api.github.com/repos/example/shop/releases', { method: 'POST', body: text, headers: { authorization: token } });
}
`;

const LICENSE = `MIT License

Copyright (c) 2026 Shop

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files, to deal in the Software without restriction.
`;

const FILES: Readonly<Record<string, string>> = {
  'README.md': README_MD,
  LICENSE,
  'docs/guide.md': GUIDE_MD,
  'package.json': PACKAGE_JSON,
  'package-lock.json': PACKAGE_LOCK_JSON,
  'requirements.txt':
    '# pinned\nrequests==2.19.1⟦dependency.vulnerable⟧\npyyaml>=5.1⟦dependency.unpinned⟧\n',
  '.env': ENV_FILE,
  '.gitignore': 'node_modules/\ndist/\n',
  'src/server.ts': SERVER_TS,
  'src/database.ts': DATABASE_TS,
  'src/render.ts': RENDER_TS,
  'src/shipping.ts': complexFunction(),
  'src/invoice.ts': INVOICE_TS,
  'src/reminder.ts': REMINDER_TS,
  'src/publish.ts': CI_TS,
  'scripts/import_orders.py': IMPORT_PY,
  'scripts/deploy.sh': DEPLOY_SH,
};

/** Cuts the marks out of a text and says on which lines they stood. */
function extractMarks(path: string, text: string): { text: string; planted: PlantedFault[] } {
  const planted = text
    .split('\n')
    .flatMap((line, index) =>
      [...line.matchAll(MARK)].map((match) => ({ rule: match[1] ?? '', path, line: index + 1 })),
    );
  return { text: text.replaceAll(MARK, ''), planted };
}

async function git(folder: string, args: string[], commit = 0): Promise<void> {
  const who = {
    name: 'Ada Example',
    email: 'ada@example.com',
    date: `2026-03-0${1 + commit}T10:00:00Z`,
  };
  await run(
    'git',
    [
      '-c',
      'init.defaultBranch=main',
      '-c',
      'commit.gpgsign=false',
      '-c',
      'core.hooksPath=/dev/null',
      ...args,
    ],
    {
      cwd: folder,
      env: {
        PATH: '/usr/local/bin:/usr/bin:/bin',
        HOME: folder,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_AUTHOR_NAME: who.name,
        GIT_AUTHOR_EMAIL: who.email,
        GIT_AUTHOR_DATE: who.date,
        GIT_COMMITTER_NAME: who.name,
        GIT_COMMITTER_EMAIL: who.email,
        GIT_COMMITTER_DATE: who.date,
      },
    },
  );
}

async function store(folder: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

/**
 * Writes a small shop (TypeScript, Python, shell) as a git repository into the empty folder `dir`, with faults of
 * more than twenty kinds, and returns where each of them stands. The history has seven commits.
 */
export async function createFaultyRepository(dir: string): Promise<FaultyRepository> {
  const planted: PlantedFault[] = [];
  await mkdir(dir, { recursive: true });
  await git(dir, ['init', '--quiet']);
  for (const [path, marked] of Object.entries(FILES)) {
    const file = extractMarks(path, marked);
    planted.push(...file.planted);
    await store(dir, path, file.text);
  }
  await chmod(join(dir, 'scripts/deploy.sh'), 0o755);
  await git(dir, ['add', '--all', '--force']);
  await git(dir, ['commit', '--quiet', '--message', 'feat: first version of the shop']);
  const shipping = extractMarks('src/shipping.ts', complexFunction()).text;
  for (let commit = 1; commit <= 6; commit++) {
    await store(
      dir,
      'src/shipping.ts',
      `${shipping}${commit === 6 ? '' : `// price list ${commit}\n`}`,
    );
    await git(dir, ['add', '--all', '--force']);
    await git(
      dir,
      ['commit', '--quiet', '--message', `fix: shipping prices of round ${commit}`],
      commit,
    );
  }
  // A cycle is reported once, at the first of its files in path order.
  return { path: dir, planted };
}
