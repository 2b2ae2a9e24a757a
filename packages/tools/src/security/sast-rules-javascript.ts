import { anyTail, JS_LIKE, type SastRule } from './sast-rule.ts';
import {
  FROM_REQUEST,
  INTERPOLATED,
  NOT_LITERAL,
  REQUEST,
  SQL,
} from './sast-patterns-javascript.ts';

/** Rules about input of strangers that ends up in code, commands, statements or paths. */
export const JAVASCRIPT_INJECTION_RULES: readonly SastRule[] = [
  {
    id: 'js.eval',
    severity: 'high',
    languages: JS_LIKE,
    cwe: 95,
    hint: /\beval\b/,
    message: 'eval runs text as code.',
    fix: 'Parse the value (JSON.parse, a lookup table) instead of running it.',
    rule: {
      any: [
        { pattern: 'eval($A)' },
        { pattern: 'window.eval($A)' },
        { pattern: 'globalThis.eval($A)' },
      ],
    },
    constraints: { A: NOT_LITERAL },
  },
  {
    id: 'js.new_function',
    severity: 'high',
    languages: JS_LIKE,
    cwe: 95,
    hint: /\bFunction\s*\(/,
    message: 'The Function constructor runs text as code.',
    fix: 'Use a real function, or an interpreter with a sandbox.',
    rule: { any: [{ pattern: 'new Function($$$ARGS)' }, { pattern: 'Function($$$ARGS)' }] },
  },
  {
    id: 'js.timer_string',
    severity: 'medium',
    languages: JS_LIKE,
    cwe: 95,
    hint: /\bset(?:Timeout|Interval)\b/,
    message: 'A timer is given text, which it runs as code.',
    fix: 'Pass a function.',
    rule: { any: [anyTail('setTimeout($A'), anyTail('setInterval($A')] },
    constraints: { A: { any: [{ kind: 'string' }, { kind: 'template_string' }] } },
  },
  {
    id: 'js.shell_injection',
    severity: 'critical',
    languages: JS_LIKE,
    cwe: 78,
    hint: /\bexec(?:Sync|Async)?\b/,
    message: 'A shell command is put together from parts; what it contains can add commands.',
    fix: 'Use execFile or spawn with an array of arguments.',
    rule: {
      kind: 'call_expression',
      all: [
        {
          has: {
            field: 'function',
            regex:
              '^(?:exec|execSync|execAsync|(?:child_process|childProcess|cp|shell|shelljs|require\\([^)]*child_process[^)]*\\))\\.(?:exec|execSync))$',
          },
        },
        { has: { field: 'arguments', has: INTERPOLATED } },
      ],
    },
  },
  {
    id: 'js.spawn_shell',
    severity: 'medium',
    languages: JS_LIKE,
    cwe: 78,
    hint: /shell\s*:\s*true/,
    message: 'A process is started through a shell, which interprets its arguments.',
    fix: 'Leave out "shell: true" and pass the arguments as an array.',
    rule: {
      kind: 'call_expression',
      all: [
        {
          has: {
            field: 'function',
            regex: '(?:^|\\.)(?:spawn|spawnSync|execFile|execFileSync|execa)$',
          },
        },
        {
          has: {
            field: 'arguments',
            has: { kind: 'object', has: { kind: 'pair', regex: '^shell\\s*:\\s*true$' } },
          },
        },
      ],
    },
  },
  {
    id: 'js.sql_concatenation',
    severity: 'critical',
    languages: JS_LIKE,
    cwe: 89,
    hint: /\b(?:select|insert|update|delete|drop|alter)\s/i,
    message:
      'An SQL statement is put together from parts; what they contain can change the statement.',
    fix: 'Use placeholders ($1, ?) and pass the values separately.',
    rule: {
      any: [
        {
          kind: 'template_string',
          regex: SQL,
          has: { kind: 'template_substitution' },
          not: { inside: { kind: 'call_expression' } },
        },
        {
          kind: 'binary_expression',
          regex: SQL,
          all: [INTERPOLATED, { not: { inside: { kind: 'binary_expression' } } }],
        },
      ],
    },
  },
  {
    id: 'js.vm_run',
    severity: 'medium',
    languages: JS_LIKE,
    cwe: 95,
    hint: /\bvm2?\b/,
    message: 'node:vm runs code without isolating it.',
    fix: 'Run foreign code in a process of its own with operating-system isolation.',
    rule: {
      any: ['runInNewContext', 'runInThisContext', 'runInContext'].map((name) =>
        anyTail(`vm.${name}($A`),
      ),
    },
    constraints: { A: NOT_LITERAL },
  },
  {
    id: 'js.path_traversal',
    severity: 'high',
    languages: JS_LIKE,
    cwe: 22,
    hint: /\b(?:req|request|ctx|context)\b/,
    message: 'A file path is built from what the caller sent; "../" leads out of the folder.',
    fix: 'Resolve the path, then check that it lies inside the wanted folder.',
    rule: {
      kind: 'call_expression',
      all: [
        {
          has: {
            field: 'function',
            regex:
              '(?:^|\\.)(?:readFile|readFileSync|createReadStream|writeFile|writeFileSync|createWriteStream|unlink|unlinkSync|rm|rmSync|sendFile|download)$|^path\\.(?:join|resolve)$',
          },
        },
        { has: { field: 'arguments', ...FROM_REQUEST } },
        { not: { inside: { kind: 'arguments', regex: REQUEST } } },
      ],
    },
  },
  {
    id: 'js.open_redirect',
    severity: 'medium',
    languages: JS_LIKE,
    cwe: 601,
    hint: /\bredirect\b/,
    message: 'The caller chooses where the browser is sent.',
    fix: 'Accept only paths of this site, or names from a list.',
    rule: {
      kind: 'call_expression',
      all: [
        { has: { field: 'function', regex: '\\.redirect$' } },
        { has: { field: 'arguments', ...FROM_REQUEST } },
      ],
    },
  },
  {
    id: 'js.ssrf',
    severity: 'high',
    languages: JS_LIKE,
    cwe: 918,
    hint: /\b(?:fetch|axios|got|request)\b/,
    message: 'The caller chooses which address the server requests.',
    fix: 'Accept only hosts from a list and refuse private addresses.',
    rule: {
      kind: 'call_expression',
      all: [
        {
          has: {
            field: 'function',
            regex:
              '^(?:fetch|got|axios|axios\\.(?:get|post|put|request)|https?\\.(?:get|request))$',
          },
        },
        {
          has: {
            field: 'arguments',
            regex:
              '^\\(\\s*(?:req|request|ctx|context)(?:\\.request)?\\.(?:query|params|body|headers)\\b',
          },
        },
      ],
    },
  },
  {
    id: 'js.regex_from_input',
    severity: 'medium',
    languages: JS_LIKE,
    cwe: 1333,
    hint: /new RegExp/,
    message: 'A regular expression is built from what the caller sent; it can stop the process.',
    fix: 'Escape the text, or search for it as plain text.',
    rule: anyTail('new RegExp($A'),
    constraints: { A: FROM_REQUEST },
  },
];
