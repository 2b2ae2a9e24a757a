import type { Severity } from '@automatos/contracts';
import semver from 'semver';

/** One known weakness of a package; `range` is in npm notation for both ecosystems. */
export interface Advisory {
  ecosystem: 'npm' | 'pypi';
  name: string;
  range: string;
  id: string;
  severity: Severity;
  summary: string;
}

/** Day on which the list was last gone through. */
export const ADVISORIES_DATE = '2026-11-21';

type Row = [name: string, range: string, id: string, severity: Severity, summary: string];

const NPM: readonly Row[] = [
  ['lodash', '<4.17.12', 'CVE-2019-10744', 'critical', 'prototype pollution through defaultsDeep'],
  ['lodash', '>=4.17.12 <4.17.21', 'CVE-2021-23337', 'high', 'command injection through template'],
  ['minimist', '<0.2.4 || >=1.0.0 <1.2.6', 'CVE-2021-44906', 'critical', 'prototype pollution'],
  [
    'event-stream',
    '3.3.6',
    'GHSA-mh6f-8j2x-4483',
    'critical',
    'malicious release that steals wallets',
  ],
  [
    'ua-parser-js',
    '0.7.29 || 0.8.0 || 1.0.0',
    'GHSA-pjwm-rvh2-c87w',
    'critical',
    'malicious release with a password stealer',
  ],
  [
    'coa',
    '2.0.3 || 2.0.4 || 2.1.1 || 2.1.3 || 3.0.1 || 3.1.3',
    'GHSA-73qr-pfmq-6rp8',
    'critical',
    'malicious release',
  ],
  ['rc', '1.2.9 || 1.3.9 || 2.3.9', 'GHSA-g2q5-5433-rhrf', 'critical', 'malicious release'],
  [
    'node-ipc',
    '>=10.1.1 <10.1.3',
    'CVE-2022-23812',
    'critical',
    'overwrites files by the location of the machine',
  ],
  ['axios', '<0.21.1', 'CVE-2020-28168', 'medium', 'requests to other hosts through redirects'],
  ['axios', '>=0.21.1 <0.21.2', 'CVE-2021-3749', 'high', 'regular expression that takes very long'],
  ['axios', '>=1.0.0 <1.6.0', 'CVE-2023-45857', 'medium', 'sends the XSRF token to other hosts'],
  [
    'axios',
    '>=1.6.0 <1.7.4',
    'CVE-2024-39338',
    'high',
    'requests to other hosts through relative paths',
  ],
  [
    'jsonwebtoken',
    '<9.0.0',
    'CVE-2022-23540',
    'medium',
    'accepts tokens without signature when no algorithm is named',
  ],
  [
    'qs',
    '<6.2.4 || >=6.3.0 <6.3.3 || >=6.4.0 <6.4.1 || >=6.5.0 <6.5.3 || >=6.6.0 <6.6.1 || >=6.7.0 <6.7.3 || >=6.8.0 <6.8.3 || >=6.9.0 <6.9.7 || >=6.10.0 <6.10.3',
    'CVE-2022-24999',
    'high',
    'prototype pollution that stops the process',
  ],
  ['express', '<4.19.2', 'CVE-2024-29041', 'medium', 'open redirect by malformed URLs'],
  ['body-parser', '<1.20.3', 'CVE-2024-45590', 'high', 'crafted bodies stop the process'],
  [
    'path-to-regexp',
    '<0.1.10 || >=0.2.0 <1.9.0 || >=2.0.0 <3.3.0 || >=4.0.0 <6.3.0 || >=7.0.0 <8.0.0',
    'CVE-2024-45296',
    'high',
    'regular expression that takes very long',
  ],
  ['send', '<0.19.0', 'CVE-2024-43799', 'low', 'script injection in redirects'],
  [
    'cookie',
    '<0.7.0',
    'CVE-2024-47764',
    'low',
    'accepts names and paths with out-of-bounds characters',
  ],
  [
    'ws',
    '>=2.1.0 <5.2.4 || >=6.0.0 <6.2.3 || >=7.0.0 <7.5.10 || >=8.0.0 <8.17.1',
    'CVE-2024-37890',
    'high',
    'many headers crash the server',
  ],
  [
    'node-fetch',
    '<2.6.7 || >=3.0.0 <3.1.1',
    'CVE-2022-0235',
    'high',
    'forwards credentials to other hosts',
  ],
  ['tough-cookie', '<4.1.3', 'CVE-2023-26136', 'medium', 'prototype pollution'],
  [
    'semver',
    '<5.7.2 || >=6.0.0 <6.3.1 || >=7.0.0 <7.5.2',
    'CVE-2022-25883',
    'high',
    'regular expression that takes very long',
  ],
  ['word-wrap', '<1.2.4', 'CVE-2023-26115', 'medium', 'regular expression that takes very long'],
  ['json5', '<1.0.2 || >=2.0.0 <2.2.2', 'CVE-2022-46175', 'high', 'prototype pollution in parse'],
  ['decode-uri-component', '<0.2.1', 'CVE-2022-38900', 'high', 'crafted input stops the process'],
  ['loader-utils', '<1.4.1 || >=2.0.0 <2.0.3', 'CVE-2022-37601', 'critical', 'prototype pollution'],
  ['minimatch', '<3.0.5', 'CVE-2022-3517', 'high', 'regular expression that takes very long'],
  [
    'ansi-regex',
    '>=3.0.0 <3.0.1 || >=4.0.0 <4.1.1 || >=5.0.0 <5.0.1 || >=6.0.0 <6.0.1',
    'CVE-2021-3807',
    'high',
    'regular expression that takes very long',
  ],
  ['glob-parent', '<5.1.2', 'CVE-2020-28469', 'high', 'regular expression that takes very long'],
  [
    'y18n',
    '<3.2.2 || >=4.0.0 <4.0.1 || >=5.0.0 <5.0.5',
    'CVE-2020-7774',
    'high',
    'prototype pollution',
  ],
  ['ini', '<1.3.6', 'CVE-2020-7788', 'high', 'prototype pollution'],
  ['handlebars', '<4.7.7', 'CVE-2021-23369', 'critical', 'templates can run code'],
  ['serialize-javascript', '<3.1.0', 'CVE-2020-7660', 'high', 'crafted objects can run code'],
  ['marked', '<4.0.10', 'CVE-2022-21680', 'high', 'regular expression that takes very long'],
  ['moment', '<2.29.2', 'CVE-2022-24785', 'high', 'locale names can leave the folder'],
  ['moment', '>=2.29.2 <2.29.4', 'CVE-2022-31129', 'high', 'parsing that takes very long'],
  ['underscore', '>=1.3.2 <1.12.1', 'CVE-2021-23358', 'critical', 'templates can run code'],
  ['jquery', '>=1.2.0 <3.5.0', 'CVE-2020-11022', 'medium', 'script injection through HTML methods'],
  [
    'bootstrap',
    '>=3.0.0 <3.4.1 || >=4.0.0 <4.3.1',
    'CVE-2019-8331',
    'medium',
    'script injection in tooltips',
  ],
  ['ejs', '<3.1.7', 'CVE-2022-29078', 'critical', 'templates can run code'],
  ['pug', '<3.0.1', 'CVE-2021-21353', 'high', 'templates can run code'],
  [
    'mongoose',
    '<5.13.20 || >=6.0.0 <6.11.3 || >=7.0.0 <7.3.4',
    'CVE-2023-3696',
    'critical',
    'prototype pollution',
  ],
  [
    'vm2',
    '*',
    'CVE-2023-37466',
    'critical',
    'code leaves the sandbox; the package is no longer kept',
  ],
  ['log4js', '<6.4.0', 'CVE-2022-21704', 'medium', 'log files readable by everybody'],
  ['shell-quote', '>=1.6.3 <1.7.3', 'CVE-2021-42740', 'critical', 'command injection'],
  ['xml2js', '<0.5.0', 'CVE-2023-0842', 'medium', 'prototype pollution'],
  [
    'fast-xml-parser',
    '>=4.1.3 <4.2.4',
    'CVE-2023-34104',
    'high',
    'regular expression that takes very long',
  ],
  [
    'next',
    '>=11.1.4 <12.3.5 || >=13.0.0 <13.5.9 || >=14.0.0 <14.2.25 || >=15.0.0 <15.2.3',
    'CVE-2025-29927',
    'critical',
    'authorisation in middleware can be skipped',
  ],
  [
    'tar',
    '<3.2.3 || >=4.0.0 <4.4.15 || >=5.0.0 <5.0.7 || >=6.0.0 <6.1.2',
    'CVE-2021-32803',
    'high',
    'archives can write outside of the folder',
  ],
  ['braces', '<3.0.3', 'CVE-2024-4068', 'high', 'crafted patterns exhaust memory'],
  ['micromatch', '<4.0.8', 'CVE-2024-4067', 'medium', 'regular expression that takes very long'],
  [
    'cross-spawn',
    '<6.0.6 || >=7.0.0 <7.0.5',
    'CVE-2024-21538',
    'high',
    'regular expression that takes very long',
  ],
  ['follow-redirects', '<1.14.7', 'CVE-2022-0155', 'high', 'sends cookies to other hosts'],
  [
    'follow-redirects',
    '>=1.14.7 <1.15.6',
    'CVE-2024-28849',
    'medium',
    'sends proxy credentials to other hosts',
  ],
  [
    'protobufjs',
    '>=6.10.0 <6.11.4 || >=7.0.0 <7.2.5',
    'CVE-2023-36665',
    'critical',
    'prototype pollution',
  ],
  ['nth-check', '<2.0.1', 'CVE-2021-3803', 'high', 'regular expression that takes very long'],
  [
    'postcss',
    '<8.4.31',
    'CVE-2023-44270',
    'medium',
    'carriage returns hide parts of a style sheet',
  ],
  ['sharp', '<0.32.6', 'CVE-2023-4863', 'high', 'WebP images can run code (libwebp)'],
  ['passport', '<0.6.0', 'CVE-2022-25896', 'medium', 'session is kept across sign-in'],
];

const PYPI: readonly Row[] = [
  ['pyyaml', '<5.4.0', 'CVE-2020-14343', 'critical', 'full_load can run code'],
  [
    'requests',
    '<2.20.0',
    'CVE-2018-18074',
    'high',
    'sends credentials in clear text after a redirect',
  ],
  [
    'requests',
    '>=2.20.0 <2.31.0',
    'CVE-2023-32681',
    'medium',
    'sends proxy credentials to the target',
  ],
  [
    'requests',
    '>=2.31.0 <2.32.0',
    'CVE-2024-35195',
    'medium',
    'certificate checks stay off for later requests',
  ],
  ['urllib3', '<1.26.5', 'CVE-2021-33503', 'high', 'regular expression that takes very long'],
  [
    'urllib3',
    '>=1.26.5 <1.26.17 || >=2.0.0 <2.0.6',
    'CVE-2023-43804',
    'high',
    'sends cookies to other hosts',
  ],
  ['jinja2', '<2.11.3', 'CVE-2020-28493', 'medium', 'regular expression that takes very long'],
  ['jinja2', '>=2.11.3 <3.1.3', 'CVE-2024-22195', 'medium', 'script injection through xmlattr'],
  [
    'flask',
    '<2.2.5 || >=2.3.0 <2.3.2',
    'CVE-2023-30861',
    'high',
    'session cookies may be cached and shared',
  ],
  ['werkzeug', '<2.2.3', 'CVE-2023-25577', 'high', 'many form parts exhaust memory'],
  ['werkzeug', '>=2.2.3 <3.0.3', 'CVE-2024-34069', 'high', 'debugger can run code'],
  [
    'django',
    '<2.2.28 || >=3.0.0 <3.2.13 || >=4.0.0 <4.0.4',
    'CVE-2022-28346',
    'critical',
    'SQL injection through aliases',
  ],
  ['pillow', '<9.0.0', 'CVE-2022-22817', 'critical', 'ImageMath.eval can run code'],
  ['pillow', '>=9.0.0 <10.0.1', 'CVE-2023-4863', 'high', 'WebP images can run code (libwebp)'],
  [
    'cryptography',
    '<39.0.1',
    'CVE-2023-0286',
    'high',
    'type confusion in certificate handling (OpenSSL)',
  ],
  [
    'paramiko',
    '<1.17.6 || >=1.18.0 <1.18.5 || >=2.0.0 <2.0.8 || >=2.1.0 <2.1.5 || >=2.2.0 <2.2.3 || >=2.3.0 <2.3.2 || >=2.4.0 <2.4.1',
    'CVE-2018-7750',
    'critical',
    'server accepts requests before sign-in',
  ],
  ['certifi', '<2023.7.22', 'CVE-2023-37920', 'high', 'trusts a withdrawn root certificate'],
  ['lxml', '<4.6.5', 'CVE-2021-43818', 'high', 'the HTML cleaner lets scripts pass'],
  ['setuptools', '<70.0.0', 'CVE-2024-6345', 'high', 'crafted package URLs run commands'],
  ['aiohttp', '>=1.0.5 <3.9.2', 'CVE-2024-23334', 'high', 'static files can leave the folder'],
  ['gunicorn', '<22.0.0', 'CVE-2024-1135', 'high', 'request smuggling'],
  [
    'python-multipart',
    '<0.0.7',
    'CVE-2024-24762',
    'high',
    'regular expression that takes very long',
  ],
  ['python-jose', '<3.4.0', 'CVE-2024-33663', 'critical', 'confuses signature algorithms'],
  ['starlette', '<0.40.0', 'CVE-2024-47874', 'high', 'form fields exhaust memory'],
  ['torch', '<2.6.0', 'CVE-2025-32434', 'critical', 'loading weights can run code'],
  ['pyjwt', '>=1.5.0 <2.4.0', 'CVE-2022-29217', 'high', 'confuses signature algorithms'],
  ['idna', '<3.7.0', 'CVE-2024-3651', 'medium', 'crafted names take very long'],
  ['h11', '<0.16.0', 'CVE-2025-43859', 'critical', 'request smuggling'],
  [
    'sqlparse',
    '>=0.1.15 <0.4.4',
    'CVE-2023-30608',
    'high',
    'regular expression that takes very long',
  ],
];

function toAdvisories(ecosystem: Advisory['ecosystem'], rows: readonly Row[]): Advisory[] {
  return rows.map(([name, range, id, severity, summary]) => ({
    ecosystem,
    name,
    range,
    id,
    severity,
    summary,
  }));
}

/**
 * A small list of well-known weaknesses, kept by hand and used without a network. It is a sample, far from complete:
 * whoever reports from it must state its date and size.
 */
export const ADVISORIES: readonly Advisory[] = [
  ...toAdvisories('npm', NPM),
  ...toAdvisories('pypi', PYPI),
];

/** Lower-case name with dashes, as PyPI compares names. */
export function normalPythonName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

/** Looks up the advisories that hold for one version; a version that is no version matches none. */
export type FindAdvisories = (
  ecosystem: Advisory['ecosystem'],
  name: string,
  version: string,
) => Advisory[];

/** A version that ranges can be compared with, or null. */
export function comparableVersion(
  ecosystem: Advisory['ecosystem'],
  version: string,
): string | null {
  return ecosystem === 'npm' ? semver.valid(version, true) : pythonVersion(version);
}

function keyOf(ecosystem: Advisory['ecosystem'], name: string): string {
  return `${ecosystem}:${ecosystem === 'pypi' ? normalPythonName(name) : name}`;
}

/** Makes the look-up over a list of advisories. */
export function createAdvisoryIndex(advisories: readonly Advisory[]): FindAdvisories {
  const byPackage = Map.groupBy(advisories, ({ ecosystem, name }) => keyOf(ecosystem, name));
  return (ecosystem, name, version) => {
    const comparable = comparableVersion(ecosystem, version);
    if (comparable === null) return [];
    return (byPackage.get(keyOf(ecosystem, name)) ?? []).filter(({ range }) =>
      semver.satisfies(comparable, range, { includePrerelease: true, loose: true }),
    );
  };
}

/** A Python version in npm notation: `2.1` → `2.1.0`, `2023.07.22` → `2023.7.22`; null for what has no number. */
export function pythonVersion(version: string): string | null {
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(version);
  if (match === null) return null;
  return `${Number(match[1])}.${Number(match[2] ?? 0)}.${Number(match[3] ?? 0)}`;
}
