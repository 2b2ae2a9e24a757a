import type { SastRule } from './sast-rule.ts';

const BASH = ['bash'] as const;

/** Rules for shell scripts. */
export const SHELL_RULES: readonly SastRule[] = [
  {
    id: 'sh.download_and_run',
    severity: 'high',
    languages: BASH,
    cwe: 494,
    hint: /curl|wget/,
    message: 'What a server sends is run at once, without being checked.',
    fix: 'Download to a file, compare its checksum, then run it.',
    rule: {
      any: [
        {
          kind: 'pipeline',
          regex:
            '^(?:sudo\\s+)?(?:curl|wget)\\b[\\s\\S]*\\|\\s*(?:sudo\\s+(?:-\\S+\\s+)*)?(?:ba|z|da|k)?sh\\b',
        },
        {
          kind: 'command',
          regex: '^(?:ba|z|da)?sh\\s+(?:-c\\s+)?["\']?(?:<\\(|\\$\\()\\s*(?:curl|wget)\\b',
        },
      ],
    },
  },
  {
    id: 'sh.eval',
    severity: 'high',
    languages: BASH,
    cwe: 95,
    hint: /\beval\b/,
    message: 'eval runs the contents of a variable as a command.',
    fix: 'Use an array for the command and "${array[@]}" to run it.',
    rule: {
      kind: 'command',
      all: [
        { has: { field: 'name', regex: '^eval$' } },
        {
          has: {
            any: [
              { kind: 'simple_expansion' },
              { kind: 'expansion' },
              { kind: 'command_substitution' },
            ],
            stopBy: 'end',
          },
        },
      ],
    },
  },
  {
    id: 'sh.rm_variable',
    severity: 'medium',
    languages: BASH,
    cwe: 73,
    hint: /\brm\b/,
    message:
      'A recursive delete takes its path from a variable; empty, it deletes from the root or the current folder.',
    fix: 'Use "${NAME:?}" so that an empty value stops the script.',
    rule: {
      kind: 'command',
      all: [
        { has: { field: 'name', regex: '^rm$' } },
        { has: { kind: 'word', regex: '^-[a-zA-Z]*[rR]' } },
        {
          any: [
            { regex: '["\'\\s]\\$[A-Za-z_]\\w*(?:/|["\']?/|\\s|["\']?$)' },
            { regex: '["\'\\s]\\$\\{[A-Za-z_]\\w*\\}' },
          ],
        },
      ],
    },
  },
  {
    id: 'sh.world_writable',
    severity: 'medium',
    languages: BASH,
    cwe: 732,
    hint: /chmod/,
    message: 'Everybody on the machine may change the file.',
    fix: 'Give only the rights that are needed.',
    rule: { kind: 'command', regex: '^chmod\\s+(?:-\\S+\\s+)*(?:0?777|0?666|a\\+rwx|o\\+w)\\b' },
  },
  {
    id: 'sh.tls_verification_off',
    severity: 'high',
    languages: BASH,
    cwe: 295,
    hint: /curl|wget|git|pip|npm/,
    message: 'Certificates are not checked; anybody on the way can read and change the traffic.',
    fix: 'Leave verification on; name the issuing certificate.',
    rule: {
      any: [
        { kind: 'command', regex: '^curl\\b[^|;]*\\s(?:-[a-zA-Z]*k[a-zA-Z]*|--insecure)(?:\\s|$)' },
        { kind: 'command', regex: '^wget\\b[^|;]*\\s--no-check-certificate\\b' },
        { kind: 'command', regex: '^git\\b[^|;]*http\\.sslVerify[= ]false' },
        { kind: 'command', regex: '^npm\\s+config\\s+set\\s+strict-ssl[= ]false' },
      ],
    },
  },
  {
    id: 'sh.sudo_password',
    severity: 'high',
    languages: BASH,
    cwe: 214,
    hint: /sudo/,
    message: 'A password is piped into sudo; it stands in the script or the process list.',
    fix: 'Allow the one command in sudoers.',
    rule: {
      kind: 'pipeline',
      regex: '^(?:echo|printf)\\b[\\s\\S]*\\|\\s*sudo\\s+(?:-\\S+\\s+)*-S\\b',
    },
  },
  {
    id: 'sh.fixed_temporary',
    severity: 'low',
    languages: BASH,
    cwe: 377,
    hint: /\/tmp\//,
    message: 'A file of a fixed name in /tmp can be prepared by somebody else.',
    fix: 'Use mktemp.',
    rule: { kind: 'file_redirect', regex: '^\\d*>{1,2}\\|?\\s*["\']?/tmp/[\\w.-]+["\']?$' },
  },
  {
    id: 'sh.password_argument',
    severity: 'medium',
    languages: BASH,
    cwe: 214,
    hint: /password|mysql|PGPASSWORD|-u\s/i,
    message: 'A password stands on the command line, where every user of the machine can read it.',
    fix: 'Give it by a file or the environment.',
    rule: {
      kind: 'command',
      any: [
        { regex: '^(?:mysql|mysqldump|mysqladmin)\\b[^|;]*\\s(?:-p[^\\s-]\\S*|--password=\\S+)' },
        { regex: '^curl\\b[^|;]*\\s(?:-u|--user)[= ]["\']?[^\\s:$"\']+:[^\\s$"\']+' },
        { regex: '^sshpass\\s+-p\\b' },
      ],
    },
  },
];
