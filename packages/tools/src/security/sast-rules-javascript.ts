import { anyTail, JS_LIKE, type AstRule, type SastRule } from './sast-rule.ts';

/** Text put together from parts: a template with an insertion, or a sum with something that is not a literal. */
const INTERPOLATED: AstRule = {
  any: [
    { kind: 'template_string', has: { kind: 'template_substitution' } },
    { kind: 'binary_expression', regex: '\\+', has: { any: [{ kind: 'identifier' }, { kind: 'member_expression' }, { kind: 'call_expression' }, { kind: 'subscript_expression' }], stopBy: 'end' } },
  ],
};
const NOT_LITERAL: AstRule = { not: { any: [{ kind: 'string' }, { kind: 'number' }, { all: [{ kind: 'template_string' }, { not: { has: { kind: 'template_substitution' } } }] }] } };
/** Where web frameworks put what the caller sent. */
const REQUEST = '(?:^|[^\\w.])(?:req|request|ctx|context)(?:\\.request)?\\.(?:query|params|body|headers|cookies)\\b';
const FROM_REQUEST: AstRule = { regex: REQUEST };
const SQL = '(?is)^[("\'`\\s]*(?:select\\s.+\\sfrom|insert\\s+into|update\\s.+\\sset|delete\\s+from|drop\\s+table|alter\\s+table)\\b';
const TOKEN_NAME = '(?i)(?:token|secret|password|passwd|session_?id|otp|nonce|csrf|api_?key|salt|reset_?code)';

const INJECTION: SastRule[] = [
  {
    id: 'js.eval', severity: 'high', languages: JS_LIKE, cwe: 95, hint: /\beval\b/, message: 'eval runs text as code.',
    fix: 'Parse the value (JSON.parse, a lookup table) instead of running it.',
    rule: { any: [{ pattern: 'eval($A)' }, { pattern: 'window.eval($A)' }, { pattern: 'globalThis.eval($A)' }] }, constraints: { A: NOT_LITERAL },
  },
  {
    id: 'js.new_function', severity: 'high', languages: JS_LIKE, cwe: 95, hint: /\bFunction\s*\(/, message: 'The Function constructor runs text as code.',
    fix: 'Use a real function, or an interpreter with a sandbox.',
    rule: { any: [{ pattern: 'new Function($$$ARGS)' }, { pattern: 'Function($$$ARGS)' }] },
  },
  {
    id: 'js.timer_string', severity: 'medium', languages: JS_LIKE, cwe: 95, hint: /\bset(?:Timeout|Interval)\b/, message: 'A timer is given text, which it runs as code.',
    fix: 'Pass a function.',
    rule: { any: [anyTail('setTimeout($A'), anyTail('setInterval($A')] }, constraints: { A: { any: [{ kind: 'string' }, { kind: 'template_string' }] } },
  },
  {
    id: 'js.shell_injection', severity: 'critical', languages: JS_LIKE, cwe: 78, hint: /\bexec(?:Sync|Async)?\b/, message: 'A shell command is put together from parts; what it contains can add commands.',
    fix: 'Use execFile or spawn with an array of arguments.',
    rule: { kind: 'call_expression', all: [
      { has: { field: 'function', regex: '^(?:exec|execSync|execAsync|(?:child_process|childProcess|cp|shell|shelljs|require\\([^)]*child_process[^)]*\\))\\.(?:exec|execSync))$' } },
      { has: { field: 'arguments', has: INTERPOLATED } },
    ] },
  },
  {
    id: 'js.spawn_shell', severity: 'medium', languages: JS_LIKE, cwe: 78, hint: /shell\s*:\s*true/, message: 'A process is started through a shell, which interprets its arguments.',
    fix: 'Leave out "shell: true" and pass the arguments as an array.',
    rule: { kind: 'call_expression', all: [
      { has: { field: 'function', regex: '(?:^|\\.)(?:spawn|spawnSync|execFile|execFileSync|execa)$' } },
      { has: { field: 'arguments', has: { kind: 'object', has: { kind: 'pair', regex: '^shell\\s*:\\s*true$' } } } },
    ] },
  },
  {
    id: 'js.sql_concatenation', severity: 'critical', languages: JS_LIKE, cwe: 89, hint: /\b(?:select|insert|update|delete|drop|alter)\s/i, message: 'An SQL statement is put together from parts; what they contain can change the statement.',
    fix: 'Use placeholders ($1, ?) and pass the values separately.',
    rule: { any: [
      { kind: 'template_string', regex: SQL, has: { kind: 'template_substitution' }, not: { inside: { kind: 'call_expression' } } },
      { kind: 'binary_expression', regex: SQL, all: [INTERPOLATED, { not: { inside: { kind: 'binary_expression' } } }] },
    ] },
  },
  {
    id: 'js.vm_run', severity: 'medium', languages: JS_LIKE, cwe: 95, hint: /\bvm2?\b/, message: 'node:vm runs code without isolating it.',
    fix: 'Run foreign code in a process of its own with operating-system isolation.',
    rule: { any: ['runInNewContext', 'runInThisContext', 'runInContext'].map((name) => anyTail(`vm.${name}($A`)) }, constraints: { A: NOT_LITERAL },
  },
  {
    id: 'js.path_traversal', severity: 'high', languages: JS_LIKE, cwe: 22, hint: /\b(?:req|request|ctx|context)\b/, message: 'A file path is built from what the caller sent; "../" leads out of the folder.',
    fix: 'Resolve the path, then check that it lies inside the wanted folder.',
    rule: { kind: 'call_expression', all: [
      { has: { field: 'function', regex: '(?:^|\\.)(?:readFile|readFileSync|createReadStream|writeFile|writeFileSync|createWriteStream|unlink|unlinkSync|rm|rmSync|sendFile|download)$|^path\\.(?:join|resolve)$' } },
      { has: { field: 'arguments', ...FROM_REQUEST } },
      { not: { inside: { kind: 'arguments', regex: REQUEST } } },
    ] },
  },
  {
    id: 'js.open_redirect', severity: 'medium', languages: JS_LIKE, cwe: 601, hint: /\bredirect\b/, message: 'The caller chooses where the browser is sent.',
    fix: 'Accept only paths of this site, or names from a list.',
    rule: { kind: 'call_expression', all: [{ has: { field: 'function', regex: '\\.redirect$' } }, { has: { field: 'arguments', ...FROM_REQUEST } }] },
  },
  {
    id: 'js.ssrf', severity: 'high', languages: JS_LIKE, cwe: 918, hint: /\b(?:fetch|axios|got|request)\b/, message: 'The caller chooses which address the server requests.',
    fix: 'Accept only hosts from a list and refuse private addresses.',
    rule: { kind: 'call_expression', all: [
      { has: { field: 'function', regex: '^(?:fetch|got|axios|axios\\.(?:get|post|put|request)|https?\\.(?:get|request))$' } },
      { has: { field: 'arguments', regex: '^\\(\\s*(?:req|request|ctx|context)(?:\\.request)?\\.(?:query|params|body|headers)\\b' } },
    ] },
  },
  {
    id: 'js.regex_from_input', severity: 'medium', languages: JS_LIKE, cwe: 1333, hint: /new RegExp/, message: 'A regular expression is built from what the caller sent; it can stop the process.',
    fix: 'Escape the text, or search for it as plain text.',
    rule: anyTail('new RegExp($A'), constraints: { A: FROM_REQUEST },
  },
];

const BROWSER: SastRule[] = [
  {
    id: 'js.inner_html', severity: 'high', languages: JS_LIKE, cwe: 79, hint: /\b(?:inner|outer)HTML\b/, message: 'HTML is set from a value; scripts in it run.',
    fix: 'Use textContent, or clean the HTML with a sanitiser first.',
    rule: { any: [{ pattern: '$X.innerHTML = $V' }, { pattern: '$X.outerHTML = $V' }, { pattern: '$X.innerHTML += $V' }] }, constraints: { V: NOT_LITERAL },
  },
  {
    id: 'js.document_write', severity: 'medium', languages: JS_LIKE, cwe: 79, hint: /document\.write|insertAdjacentHTML/, message: 'HTML is written into the page from a value; scripts in it run.',
    fix: 'Create elements and set textContent.',
    rule: { any: [{ pattern: 'document.write($V)' }, { pattern: 'document.writeln($V)' }, { pattern: '$X.insertAdjacentHTML($P, $V)' }] }, constraints: { V: NOT_LITERAL },
  },
  {
    id: 'js.dangerous_html', severity: 'medium', languages: ['javascript', 'tsx'], cwe: 79, hint: /dangerouslySetInnerHTML/, message: 'dangerouslySetInnerHTML puts unescaped HTML into the page.',
    fix: 'Render text, or clean the HTML with a sanitiser first.',
    rule: { kind: 'jsx_attribute', regex: '^dangerouslySetInnerHTML' },
  },
  {
    id: 'js.response_html', severity: 'high', languages: JS_LIKE, cwe: 79, hint: /\.(?:send|write|end)\b/, message: 'What the caller sent is put into an HTML answer without escaping.',
    fix: 'Escape it, or use a template engine that does.',
    rule: { kind: 'call_expression', all: [
      { has: { field: 'function', regex: '^(?:res|response|reply)\\.(?:send|write|end)$' } },
      { has: { field: 'arguments', regex: '<[a-zA-Z]', has: { ...INTERPOLATED, regex: REQUEST } } },
    ] },
  },
  {
    id: 'js.post_message_any', severity: 'low', languages: JS_LIKE, cwe: 346, hint: /postMessage/, message: 'A message is posted to a window of any origin.',
    fix: 'Name the origin that may receive it.',
    rule: anyTail('$W.postMessage($M, $O'), constraints: { O: { regex: '^["\']\\*["\']$' } },
  },
];

const CRYPTO: SastRule[] = [
  {
    id: 'js.weak_hash', severity: 'medium', languages: JS_LIKE, cwe: 328, hint: /createHash|createHmac/, message: 'MD5 and SHA-1 can be forged.',
    fix: 'Use sha256; for passwords use scrypt or argon2.',
    rule: { kind: 'call_expression', all: [{ has: { field: 'function', regex: '(?:^|\\.)create(?:Hash|Hmac)$' } }, { has: { field: 'arguments', regex: '^\\(\\s*["\'`](?i:md5|sha-?1|md4|ripemd160)["\'`]' } }] },
  },
  {
    id: 'js.weak_cipher', severity: 'high', languages: JS_LIKE, cwe: 327, hint: /create(?:Cipher|Decipher)/, message: 'The cipher is broken, or shows patterns of the text (ECB).',
    fix: 'Use aes-256-gcm with a random IV.',
    rule: { any: [
      { kind: 'call_expression', has: { field: 'function', regex: '(?:^|\\.)create(?:Cipher|Decipher)$' } },
      { kind: 'call_expression', all: [{ has: { field: 'function', regex: '(?:^|\\.)create(?:Cipher|Decipher)iv$' } }, { has: { field: 'arguments', regex: '^\\(\\s*["\'`](?i:des|des-.*|rc4|rc2.*|bf.*|.*-ecb)["\'`]' } }] },
    ] },
  },
  {
    id: 'js.insecure_random', severity: 'medium', languages: JS_LIKE, cwe: 338, hint: /Math\.random/, message: 'Math.random can be predicted; it is used for something that must be secret.',
    fix: 'Use crypto.randomBytes or crypto.randomUUID.',
    rule: { pattern: 'Math.random()', inside: { stopBy: 'end', any: [
      { kind: 'variable_declarator', has: { field: 'name', regex: TOKEN_NAME } },
      { kind: 'assignment_expression', has: { field: 'left', regex: TOKEN_NAME } },
      { kind: 'pair', has: { field: 'key', regex: TOKEN_NAME } },
      { kind: 'function_declaration', has: { field: 'name', regex: TOKEN_NAME } },
    ] } },
  },
  {
    id: 'js.tls_verification_off', severity: 'high', languages: JS_LIKE, cwe: 295, hint: /rejectUnauthorized|NODE_TLS_REJECT_UNAUTHORIZED|strictSSL/, message: 'Certificates are not checked; anybody on the way can read and change the traffic.',
    fix: 'Leave verification on; add the issuing certificate as "ca".',
    rule: { any: [
      { kind: 'pair', regex: '^["\']?(?:rejectUnauthorized|strictSSL)["\']?\\s*:\\s*false$' },
      { kind: 'assignment_expression', regex: '(?:NODE_TLS_REJECT_UNAUTHORIZED["\'\\]]*\\s*=\\s*["\']?0|rejectUnauthorized\\s*=\\s*false)' },
    ] },
  },
  {
    id: 'js.jwt_none', severity: 'high', languages: JS_LIKE, cwe: 347, hint: /none/i, message: 'Tokens without a signature are accepted.',
    fix: 'Name the one algorithm that you sign with.',
    rule: { kind: 'pair', regex: '^["\']?algorithms?["\']?\\s*:\\s*\\[?[^\\]]*["\'](?i:none)["\']' },
  },
  {
    id: 'js.jwt_fixed_secret', severity: 'high', languages: JS_LIKE, cwe: 798, hint: /jwt|jsonwebtoken/i, message: 'The key that signs tokens stands in the source.',
    fix: 'Read it from the credential store.',
    rule: { any: [anyTail('jwt.sign($P, $S'), anyTail('jwt.verify($P, $S'), anyTail('jsonwebtoken.sign($P, $S')] }, constraints: { S: { kind: 'string' } },
  },
];

const SETTINGS: SastRule[] = [
  {
    id: 'js.bind_all', severity: 'low', languages: JS_LIKE, cwe: 605, hint: /0\.0\.0\.0/, message: 'The server listens on all network interfaces by a fixed address.',
    fix: 'Listen on 127.0.0.1 by default and make the address a setting.',
    rule: { any: [
      { kind: 'call_expression', all: [{ has: { field: 'function', regex: '\\.listen$' } }, { has: { field: 'arguments', regex: '["\']0\\.0\\.0\\.0["\']' } }] },
      { kind: 'pair', regex: '^["\']?(?:host|hostname|bind|address)["\']?\\s*:\\s*["\']0\\.0\\.0\\.0["\']$', not: { inside: { kind: 'call_expression', stopBy: 'end', has: { field: 'function', regex: '\\.listen$' } } } },
    ] },
  },
  {
    id: 'js.cors_any', severity: 'low', languages: JS_LIKE, cwe: 942, hint: /Access-Control-Allow-Origin|cors/i, message: 'Every web site may call this service from its visitors’ browsers.',
    fix: 'Name the origins that may.',
    rule: { any: [
      { kind: 'arguments', regex: '^\\(\\s*["\'](?i:access-control-allow-origin)["\']\\s*,\\s*["\']\\*["\']' },
      { kind: 'pair', regex: '^["\'](?i:access-control-allow-origin)["\']\\s*:\\s*["\']\\*["\']$' },
      { kind: 'call_expression', all: [{ has: { field: 'function', regex: '^cors$' } }, { has: { field: 'arguments', regex: 'origin\\s*:\\s*(?:["\']\\*["\']|true)' } }] },
    ] },
  },
  {
    id: 'js.cookie_unprotected', severity: 'low', languages: JS_LIKE, cwe: 1004, hint: /httpOnly|secure/, message: 'A cookie is readable by scripts, or sent without encryption.',
    fix: 'Set httpOnly and secure to true.',
    rule: { kind: 'pair', regex: '^["\']?(?:httpOnly|secure)["\']?\\s*:\\s*false$', inside: { stopBy: 'end', any: [
      { kind: 'pair', regex: '^["\']?cookie' }, { kind: 'call_expression', has: { field: 'function', regex: '(?i)cookie|session' } },
    ] } },
  },
  {
    id: 'js.world_writable', severity: 'medium', languages: JS_LIKE, cwe: 732, hint: /chmod/, message: 'Everybody on the machine may change the file.',
    fix: 'Give only the rights that are needed, such as 0o600.',
    rule: { kind: 'call_expression', all: [{ has: { field: 'function', regex: '(?:^|\\.)chmod(?:Sync)?$' } }, { has: { field: 'arguments', regex: '(?:0o|["\']?0?)(?:777|666)["\']?\\s*[,)]' } }] },
  },
];

/** Rules for JavaScript and TypeScript. */
export const JAVASCRIPT_RULES: readonly SastRule[] = [...INJECTION, ...BROWSER, ...CRYPTO, ...SETTINGS];
