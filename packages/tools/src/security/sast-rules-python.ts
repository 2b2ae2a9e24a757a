import { anyTail, type AstRule, type SastRule } from './sast-rule.ts';

const PYTHON = ['python'] as const;
const FORMATTED: AstRule = {
  any: [
    { kind: 'string', regex: '^[rRbB]?[fF]', has: { kind: 'interpolation' } },
    { kind: 'binary_operator', regex: '[%+]', has: { kind: 'string', stopBy: 'end' } },
    { kind: 'call', has: { field: 'function', regex: '["\']\\.format$' } },
  ],
};
const NOT_TEXT: AstRule = { not: { kind: 'string', not: { has: { kind: 'interpolation' } } } };
const SQL =
  '(?is)^[frb]*["\'\\s(]+(?:select\\s.+\\sfrom|insert\\s+into|update\\s.+\\sset|delete\\s+from|drop\\s+table)\\b';

const INJECTION: SastRule[] = [
  {
    id: 'py.eval',
    severity: 'high',
    languages: PYTHON,
    cwe: 95,
    hint: /\beval\b/,
    message: 'eval runs text as code.',
    fix: 'Use ast.literal_eval, json.loads or a lookup table.',
    rule: anyTail('eval($A'),
    constraints: { A: NOT_TEXT },
  },
  {
    id: 'py.exec',
    severity: 'high',
    languages: PYTHON,
    cwe: 95,
    hint: /\bexec\b/,
    message: 'exec runs text as code.',
    fix: 'Call functions by a lookup table instead.',
    rule: anyTail('exec($A'),
    constraints: { A: NOT_TEXT },
  },
  {
    id: 'py.subprocess_shell',
    severity: 'high',
    languages: PYTHON,
    cwe: 78,
    hint: /shell\s*=\s*True/,
    message: 'A process is started through a shell, which interprets its arguments.',
    fix: 'Pass a list of arguments and leave out shell=True.',
    rule: {
      kind: 'call',
      all: [
        {
          has: {
            field: 'function',
            regex: '^(?:subprocess\\.)?(?:run|call|check_call|check_output|Popen|getoutput)$',
          },
        },
        {
          has: {
            field: 'arguments',
            has: { kind: 'keyword_argument', regex: '^shell\\s*=\\s*True$' },
          },
        },
      ],
    },
  },
  {
    id: 'py.os_system',
    severity: 'high',
    languages: PYTHON,
    cwe: 78,
    hint: /\bos\.(?:system|popen)/,
    message: 'A shell command is run from a value.',
    fix: 'Use subprocess.run with a list of arguments.',
    rule: { any: [{ pattern: 'os.system($A)' }, { pattern: 'os.popen($A)' }] },
    constraints: { A: NOT_TEXT },
  },
  {
    id: 'py.sql_formatting',
    severity: 'critical',
    languages: PYTHON,
    cwe: 89,
    hint: /\b(?:select|insert|update|delete|drop)\s/i,
    message:
      'An SQL statement is put together from parts; what they contain can change the statement.',
    fix: 'Use placeholders and pass the values as the second argument.',
    rule: { ...FORMATTED, regex: SQL, not: { inside: { kind: 'binary_operator' } } },
  },
  {
    id: 'py.path_traversal',
    severity: 'high',
    languages: PYTHON,
    cwe: 22,
    hint: /\brequest\b/,
    message: 'A file path is built from what the caller sent; "../" leads out of the folder.',
    fix: 'Resolve the path and check that it lies inside the wanted folder.',
    rule: {
      kind: 'call',
      all: [
        { has: { field: 'function', regex: '^(?:open|os\\.path\\.join|send_file|os\\.remove)$' } },
        {
          has: {
            field: 'arguments',
            regex: '\\brequest\\.(?:args|form|values|json|files|GET|POST|params)\\b',
          },
        },
        { not: { inside: { kind: 'argument_list' } } },
      ],
    },
  },
  {
    id: 'py.template_from_input',
    severity: 'high',
    languages: PYTHON,
    cwe: 1336,
    hint: /render_template_string/,
    message: 'A template is built at run time; what the caller sends can become template code.',
    fix: 'Keep templates in files and pass values as variables.',
    rule: anyTail('render_template_string($A'),
    constraints: { A: NOT_TEXT },
  },
  {
    id: 'py.open_redirect',
    severity: 'medium',
    languages: PYTHON,
    cwe: 601,
    hint: /\bredirect\b/,
    message: 'The caller chooses where the browser is sent.',
    fix: 'Accept only paths of this site.',
    rule: {
      kind: 'call',
      all: [
        { has: { field: 'function', regex: '^(?:redirect|HttpResponseRedirect)$' } },
        { has: { field: 'arguments', regex: '\\brequest\\.(?:args|form|values|GET|POST)\\b' } },
      ],
    },
  },
];

const DESERIALISATION: SastRule[] = [
  {
    id: 'py.pickle',
    severity: 'high',
    languages: PYTHON,
    cwe: 502,
    hint: /pickle|marshal|shelve|dill/,
    message: 'Loading this format runs whatever code it names.',
    fix: 'Use JSON, or check a signature before loading.',
    rule: {
      kind: 'call',
      has: {
        field: 'function',
        regex: '^(?:c?[pP]ickle|marshal|dill)\\.(?:load|loads|Unpickler)$|^shelve\\.open$',
      },
    },
  },
  {
    id: 'py.yaml_load',
    severity: 'high',
    languages: PYTHON,
    cwe: 502,
    hint: /yaml/,
    message: 'yaml.load without a safe loader can create any object.',
    fix: 'Use yaml.safe_load.',
    rule: {
      kind: 'call',
      all: [
        { has: { field: 'function', regex: '^yaml\\.(?:load|load_all|unsafe_load)$' } },
        { not: { has: { field: 'arguments', regex: '(?:CSafeLoader|SafeLoader|BaseLoader)' } } },
      ],
    },
  },
  {
    id: 'py.tar_extract',
    severity: 'medium',
    languages: PYTHON,
    cwe: 22,
    hint: /extractall/,
    message: 'Archive entries may name paths outside of the target folder.',
    fix: 'Pass filter="data", or check each member.',
    rule: {
      kind: 'call',
      all: [
        { has: { field: 'function', regex: '\\.extractall$' } },
        { not: { has: { field: 'arguments', regex: 'filter\\s*=' } } },
      ],
    },
  },
];

const CRYPTO: SastRule[] = [
  {
    id: 'py.weak_hash',
    severity: 'medium',
    languages: PYTHON,
    cwe: 328,
    hint: /md5|sha1/i,
    message: 'MD5 and SHA-1 can be forged.',
    fix: 'Use hashlib.sha256; for passwords use scrypt or argon2.',
    rule: {
      kind: 'call',
      all: [
        {
          any: [
            { has: { field: 'function', regex: '^hashlib\\.(?:md5|sha1)$' } },
            {
              all: [
                { has: { field: 'function', regex: '^hashlib\\.new$' } },
                { has: { field: 'arguments', regex: '^\\(\\s*["\'](?i:md5|sha1)' } },
              ],
            },
          ],
        },
        { not: { has: { field: 'arguments', regex: 'usedforsecurity\\s*=\\s*False' } } },
      ],
    },
  },
  {
    id: 'py.tls_verification_off',
    severity: 'high',
    languages: PYTHON,
    cwe: 295,
    hint: /verify|_create_unverified_context|CERT_NONE|check_hostname/,
    message: 'Certificates are not checked; anybody on the way can read and change the traffic.',
    fix: 'Leave verification on; name the issuing certificate.',
    rule: {
      any: [
        {
          kind: 'keyword_argument',
          regex: '^verify\\s*=\\s*False$',
          inside: {
            kind: 'argument_list',
            inside: {
              kind: 'call',
              has: { field: 'function', regex: '(?i)(?:requests|session|httpx|client)' },
            },
          },
        },
        { kind: 'call', has: { field: 'function', regex: '^ssl\\._create_unverified_context$' } },
        {
          kind: 'assignment',
          regex:
            '(?:check_hostname\\s*=\\s*False|verify_mode\\s*=\\s*ssl\\.CERT_NONE|_create_default_https_context\\s*=\\s*ssl\\._create_unverified_context)$',
        },
      ],
    },
  },
  {
    id: 'py.insecure_random',
    severity: 'medium',
    languages: PYTHON,
    cwe: 338,
    hint: /\brandom\./,
    message: 'The random module can be predicted; it is used for something that must be secret.',
    fix: 'Use the secrets module.',
    rule: {
      kind: 'call',
      all: [
        {
          has: {
            field: 'function',
            regex: '^random\\.(?:random|randint|choice|choices|randrange|getrandbits|sample)$',
          },
        },
        {
          inside: {
            kind: 'assignment',
            stopBy: 'end',
            has: {
              field: 'left',
              regex: '(?i)(?:token|secret|password|session_?id|otp|nonce|csrf|api_?key|salt)',
            },
          },
        },
      ],
    },
  },
  {
    id: 'py.host_key_ignored',
    severity: 'medium',
    languages: PYTHON,
    cwe: 295,
    hint: /AutoAddPolicy|WarningPolicy/,
    message: 'Unknown SSH host keys are accepted.',
    fix: 'Load known hosts and use RejectPolicy.',
    rule: {
      kind: 'call',
      all: [
        { has: { field: 'function', regex: '\\.set_missing_host_key_policy$' } },
        { has: { field: 'arguments', regex: '(?:AutoAddPolicy|WarningPolicy)' } },
      ],
    },
  },
];

const SETTINGS: SastRule[] = [
  {
    id: 'py.debug_server',
    severity: 'high',
    languages: PYTHON,
    cwe: 489,
    hint: /debug\s*=\s*True/,
    message: 'The debug server runs any code that a visitor types.',
    fix: 'Switch debug on by a local setting only.',
    rule: {
      kind: 'call',
      all: [
        { has: { field: 'function', regex: '\\.run$' } },
        {
          has: {
            field: 'arguments',
            has: { kind: 'keyword_argument', regex: '^debug\\s*=\\s*True$' },
          },
        },
      ],
    },
  },
  {
    id: 'py.bind_all',
    severity: 'low',
    languages: PYTHON,
    cwe: 605,
    hint: /0\.0\.0\.0/,
    message: 'The server listens on all network interfaces by a fixed address.',
    fix: 'Listen on 127.0.0.1 by default and make the address a setting.',
    rule: {
      any: [
        {
          kind: 'keyword_argument',
          regex: '^(?:host|bind|address)\\s*=\\s*["\']0\\.0\\.0\\.0["\']$',
        },
        {
          kind: 'call',
          all: [
            { has: { field: 'function', regex: '\\.bind$' } },
            { has: { field: 'arguments', regex: '["\']0\\.0\\.0\\.0["\']' } },
          ],
        },
      ],
    },
  },
  {
    id: 'py.temporary_name',
    severity: 'medium',
    languages: PYTHON,
    cwe: 377,
    hint: /mktemp/,
    message: 'Between choosing the name and opening the file, somebody else can create it.',
    fix: 'Use tempfile.mkstemp or NamedTemporaryFile.',
    rule: { pattern: 'tempfile.mktemp($$$ARGS)' },
  },
  {
    id: 'py.autoescape_off',
    severity: 'medium',
    languages: PYTHON,
    cwe: 79,
    hint: /autoescape|mark_safe/,
    message: 'Values are put into HTML without escaping.',
    fix: 'Leave autoescape on.',
    rule: { kind: 'keyword_argument', regex: '^autoescape\\s*=\\s*False$' },
  },
  {
    id: 'py.world_writable',
    severity: 'medium',
    languages: PYTHON,
    cwe: 732,
    hint: /chmod/,
    message: 'Everybody on the machine may change the file.',
    fix: 'Give only the rights that are needed, such as 0o600.',
    rule: {
      kind: 'call',
      all: [
        { has: { field: 'function', regex: '^os\\.chmod$' } },
        { has: { field: 'arguments', regex: '0o(?:777|666)\\s*\\)' } },
      ],
    },
  },
];

/** Rules for Python. */
export const PYTHON_RULES: readonly SastRule[] = [
  ...INJECTION,
  ...DESERIALISATION,
  ...CRYPTO,
  ...SETTINGS,
];
