import { anyTail, JS_LIKE, type SastRule } from './sast-rule.ts';

const TOKEN_NAME =
  '(?i)(?:token|secret|password|passwd|session_?id|otp|nonce|csrf|api_?key|salt|reset_?code)';

const CRYPTO: SastRule[] = [
  {
    id: 'js.weak_hash',
    severity: 'medium',
    languages: JS_LIKE,
    cwe: 328,
    hint: /createHash|createHmac/,
    message: 'MD5 and SHA-1 can be forged.',
    fix: 'Use sha256; for passwords use scrypt or argon2.',
    rule: {
      kind: 'call_expression',
      all: [
        { has: { field: 'function', regex: '(?:^|\\.)create(?:Hash|Hmac)$' } },
        { has: { field: 'arguments', regex: '^\\(\\s*["\'`](?i:md5|sha-?1|md4|ripemd160)["\'`]' } },
      ],
    },
  },
  {
    id: 'js.weak_cipher',
    severity: 'high',
    languages: JS_LIKE,
    cwe: 327,
    hint: /create(?:Cipher|Decipher)/,
    message: 'The cipher is broken, or shows patterns of the text (ECB).',
    fix: 'Use aes-256-gcm with a random IV.',
    rule: {
      any: [
        {
          kind: 'call_expression',
          has: { field: 'function', regex: '(?:^|\\.)create(?:Cipher|Decipher)$' },
        },
        {
          kind: 'call_expression',
          all: [
            { has: { field: 'function', regex: '(?:^|\\.)create(?:Cipher|Decipher)iv$' } },
            {
              has: {
                field: 'arguments',
                regex: '^\\(\\s*["\'`](?i:des|des-.*|rc4|rc2.*|bf.*|.*-ecb)["\'`]',
              },
            },
          ],
        },
      ],
    },
  },
  {
    id: 'js.insecure_random',
    severity: 'medium',
    languages: JS_LIKE,
    cwe: 338,
    hint: /Math\.random/,
    message: 'Math.random can be predicted; it is used for something that must be secret.',
    fix: 'Use crypto.randomBytes or crypto.randomUUID.',
    rule: {
      pattern: 'Math.random()',
      inside: {
        stopBy: 'end',
        any: [
          { kind: 'variable_declarator', has: { field: 'name', regex: TOKEN_NAME } },
          { kind: 'assignment_expression', has: { field: 'left', regex: TOKEN_NAME } },
          { kind: 'pair', has: { field: 'key', regex: TOKEN_NAME } },
          { kind: 'function_declaration', has: { field: 'name', regex: TOKEN_NAME } },
        ],
      },
    },
  },
  {
    id: 'js.tls_verification_off',
    severity: 'high',
    languages: JS_LIKE,
    cwe: 295,
    hint: /rejectUnauthorized|NODE_TLS_REJECT_UNAUTHORIZED|strictSSL/,
    message: 'Certificates are not checked; anybody on the way can read and change the traffic.',
    fix: 'Leave verification on; add the issuing certificate as "ca".',
    rule: {
      any: [
        { kind: 'pair', regex: '^["\']?(?:rejectUnauthorized|strictSSL)["\']?\\s*:\\s*false$' },
        {
          kind: 'assignment_expression',
          regex:
            '(?:NODE_TLS_REJECT_UNAUTHORIZED["\'\\]]*\\s*=\\s*["\']?0|rejectUnauthorized\\s*=\\s*false)',
        },
      ],
    },
  },
  {
    id: 'js.jwt_none',
    severity: 'high',
    languages: JS_LIKE,
    cwe: 347,
    hint: /none/i,
    message: 'Tokens without a signature are accepted.',
    fix: 'Name the one algorithm that you sign with.',
    rule: {
      kind: 'pair',
      regex: '^["\']?algorithms?["\']?\\s*:\\s*\\[?[^\\]]*["\'](?i:none)["\']',
    },
  },
  {
    id: 'js.jwt_fixed_secret',
    severity: 'high',
    languages: JS_LIKE,
    cwe: 798,
    hint: /jwt|jsonwebtoken/i,
    message: 'The key that signs tokens stands in the source.',
    fix: 'Read it from the credential store.',
    rule: {
      any: [
        anyTail('jwt.sign($P, $S'),
        anyTail('jwt.verify($P, $S'),
        anyTail('jsonwebtoken.sign($P, $S'),
      ],
    },
    constraints: { S: { kind: 'string' } },
  },
];

const SETTINGS: SastRule[] = [
  {
    id: 'js.bind_all',
    severity: 'low',
    languages: JS_LIKE,
    cwe: 605,
    hint: /0\.0\.0\.0/,
    message: 'The server listens on all network interfaces by a fixed address.',
    fix: 'Listen on 127.0.0.1 by default and make the address a setting.',
    rule: {
      any: [
        {
          kind: 'call_expression',
          all: [
            { has: { field: 'function', regex: '\\.listen$' } },
            { has: { field: 'arguments', regex: '["\']0\\.0\\.0\\.0["\']' } },
          ],
        },
        {
          kind: 'pair',
          regex: '^["\']?(?:host|hostname|bind|address)["\']?\\s*:\\s*["\']0\\.0\\.0\\.0["\']$',
          not: {
            inside: {
              kind: 'call_expression',
              stopBy: 'end',
              has: { field: 'function', regex: '\\.listen$' },
            },
          },
        },
      ],
    },
  },
  {
    id: 'js.cors_any',
    severity: 'low',
    languages: JS_LIKE,
    cwe: 942,
    hint: /Access-Control-Allow-Origin|cors/i,
    message: 'Every web site may call this service from its visitors’ browsers.',
    fix: 'Name the origins that may.',
    rule: {
      any: [
        {
          kind: 'arguments',
          regex: '^\\(\\s*["\'](?i:access-control-allow-origin)["\']\\s*,\\s*["\']\\*["\']',
        },
        {
          kind: 'pair',
          regex: '^["\'](?i:access-control-allow-origin)["\']\\s*:\\s*["\']\\*["\']$',
        },
        {
          kind: 'call_expression',
          all: [
            { has: { field: 'function', regex: '^cors$' } },
            { has: { field: 'arguments', regex: 'origin\\s*:\\s*(?:["\']\\*["\']|true)' } },
          ],
        },
      ],
    },
  },
  {
    id: 'js.cookie_unprotected',
    severity: 'low',
    languages: JS_LIKE,
    cwe: 1004,
    hint: /httpOnly|secure/,
    message: 'A cookie is readable by scripts, or sent without encryption.',
    fix: 'Set httpOnly and secure to true.',
    rule: {
      kind: 'pair',
      regex: '^["\']?(?:httpOnly|secure)["\']?\\s*:\\s*false$',
      inside: {
        stopBy: 'end',
        any: [
          { kind: 'pair', regex: '^["\']?cookie' },
          { kind: 'call_expression', has: { field: 'function', regex: '(?i)cookie|session' } },
        ],
      },
    },
  },
  {
    id: 'js.world_writable',
    severity: 'medium',
    languages: JS_LIKE,
    cwe: 732,
    hint: /chmod/,
    message: 'Everybody on the machine may change the file.',
    fix: 'Give only the rights that are needed, such as 0o600.',
    rule: {
      kind: 'call_expression',
      all: [
        { has: { field: 'function', regex: '(?:^|\\.)chmod(?:Sync)?$' } },
        { has: { field: 'arguments', regex: '(?:0o|["\']?0?)(?:777|666)["\']?\\s*[,)]' } },
      ],
    },
  },
];

/** Rules about cryptography and settings. */
export const JAVASCRIPT_CRYPTO_RULES: readonly SastRule[] = [...CRYPTO, ...SETTINGS];
