import { either } from './rule.ts';
import type { ThreatRule } from './rule.ts';

const category = 'sqli';

/** SQL that breaks out of a value. Ordinary sentences with `select`, `union` or an apostrophe must pass. */
export const SQLI_RULES: readonly ThreatRule[] = [
  {
    id: 'sqli.union_select',
    category,
    points: 90,
    why: 'UNION SELECT joins rows of another table to an answer.',
    literals: either('union'),
    pattern: /\bunion[\s(+]{1,20}(?:all[\s(+]{1,20}|distinct[\s(+]{1,20})?select\b/,
    hits: ["1' UNION SELECT name, secret FROM users", '0) union all select null,null'],
    misses: ['Select the student union room', 'union of two sets'],
  },
  {
    id: 'sqli.tautology',
    category,
    points: 88,
    why: 'A condition that is always true is appended to a value.',
    literals: either(' or ¦ and ¦\'or¦"or¦)or¦||¦&&¦\tor¦\nor¦ or(¦\'and¦"and¦)and'),
    pattern:
      /(?:['")`]\s{0,9}|\b\d{1,9}\s{1,9})(?:or|and|\|\||&&|xor)[\s(]{0,9}(?:not\s{1,4})?(?:(['"]?)(\w{1,20})\1\s{0,4}(?:=|like|<=>|<|>|!=)\s{0,4}\(?['"]?\2?|true\b|\d{1,6}\s{0,4}[=<>])/,
    hits: ["x' OR '1'='1", '5 or 1=1', "admin') or ('a'='a", "' or true --"],
    misses: ["Don't or won't = both fine", 'cats and dogs', '3 or 4 people'],
  },
  {
    id: 'sqli.quote_comment',
    category,
    points: 80,
    why: 'A quote ends the value and a comment cuts off the rest of the statement.',
    literals: either('--¦#¦/*'),
    pattern:
      /^[^'"]{0,64}['"]\s{0,4}\)?\s{0,4}(?:;|--|#|\/\*)\s{0,4}(?:-|\+|$)|^[\w.@ ]{0,40}['"]\)?\s{0,3}(?:--|#)/,
    hits: ["admin'--", "admin' #", "x') -- -"],
    misses: ["it's a # sign", '"quoted" -- then an aside', 'issue #12'],
  },
  {
    id: 'sqli.stacked',
    category,
    points: 92,
    why: 'A second statement follows the first.',
    literals: either(
      'drop¦delete¦insert¦update¦alter¦create¦truncate¦exec¦declare¦shutdown¦grant¦select¦copy',
    ),
    pattern:
      /;\s{0,9}(?:drop\s{1,9}(?:table|database|schema|user|view)|delete\s{1,9}from|insert\s{1,9}into|update\s{1,9}\w{1,40}\s{1,9}set|alter\s{1,9}(?:table|user|role)|create\s{1,9}(?:table|user|role|or)|truncate\s|exec(?:ute)?[\s(]|declare\s{1,4}@|shutdown\b|grant\s{1,9}\w|select\s{1,9}(?:\*|pg_|sleep|\w{1,20}\()|copy\s{1,9}\w)/,
    hits: ['1; DROP TABLE users', "x'; insert into admins values (1)", '1;select pg_sleep(9)'],
    misses: ['Wash; drop off the keys', 'a; update me tomorrow'],
  },
  {
    id: 'sqli.time_delay',
    category,
    points: 92,
    why: 'A function that waits tells blind attackers whether their statement ran.',
    literals: either('sleep¦benchmark¦waitfor¦receive_message¦randomblob'),
    pattern:
      /\b(?:pg_sleep(?:_for|_until)?|sleep|benchmark)\s{0,4}\(\s{0,4}['"]?[\d(]|\bwaitfor\s{1,9}(?:delay|time)\s{0,4}['"]|\bdbms_pipe\.receive_message|\brandomblob\s{0,4}\(\s{0,4}\d{5}/,
    hits: ['1 and sleep(5)', "x'||pg_sleep(10)--", "1 waitfor delay '0:0:5'"],
    misses: ['sleep well (8 hours)', 'a benchmark of models', 'wait for delay'],
  },
  {
    id: 'sqli.schema_tables',
    category,
    points: 80,
    why: 'The tables that describe the database are asked for.',
    literals: either(
      'information_schema¦pg_catalog¦pg_shadow¦pg_user¦pg_authid¦sysobjects¦sqlite_master¦mysql.user¦all_tables¦syscolumns',
    ),
    pattern:
      /\b(?:information_schema\s{0,3}\.\s{0,3}\w|pg_catalog\.\w|pg_shadow\b|pg_authid\b|pg_user\b|sysobjects\b|syscolumns\b|sqlite_master\b|mysql\.user\b|from\s{1,9}all_tables\b)/,
    hits: ['(select table_name from information_schema.tables)', '1 from sqlite_master'],
    misses: ['an information schema', 'all tables are taken'],
  },
  {
    id: 'sqli.subselect',
    category,
    points: 78,
    why: 'A statement stands inside of a value.',
    literals: either('select'),
    pattern:
      /(?:\(|\b(?:and|or|exists|in|not|then|when|case|,)\s{0,4}\(?)\s{0,4}select\s{1,9}[\w*@'"(.,\s]{1,80}\bfrom\s{1,9}(?!(?:the|a|an|my|our|your|this|that|these|those|among)\b)[\w."]|\(\s{0,4}select\s{1,9}(?:count|substr|substring|ascii|char|concat|group_concat|string_agg|version|user|current_user|database|load_file|\d|@@|case|null)\b/,
    hits: ['1 and (select count(*) from users) > 0', "x' and exists(select 1 from users)"],
    misses: ['(select one from the list)', 'please select from the menu'],
  },
  {
    id: 'sqli.error_based',
    category,
    points: 82,
    why: 'A function is called whose error message carries data.',
    literals: either(
      'extractvalue¦updatexml¦floor(¦convert(¦ctxsys¦utl_inaddr¦cast(¦exp(~¦gtid_subset¦xmltype',
    ),
    pattern:
      /\b(?:extractvalue|updatexml|gtid_subset|xmltype)\s{0,4}\(|\bfloor\s{0,3}\(\s{0,3}rand\s{0,3}\(|\bexp\s{0,3}\(~|\bctxsys\.|\butl_inaddr\.|\bconvert\s{0,3}\(\s{0,3}int\s{0,3},|\bcast\s{0,3}\(\s{0,3}\(?\s{0,3}(?:select|version\s{0,2}\(|current_user)/,
    hits: ['1 and extractvalue(1,concat(0x7e,version()))', 'cast((select 1) as int)'],
    misses: ['the cast (of the play)', 'convert (to pdf)'],
  },
  {
    id: 'sqli.files_and_commands',
    category,
    points: 95,
    why: 'A database function reads or writes files, or runs programs.',
    literals: either(
      'load_file¦outfile¦dumpfile¦xp_cmdshell¦xp_dirtree¦lo_import¦lo_export¦pg_read_file¦copy ¦dblink¦sp_oacreate¦pg_ls_dir¦openrowset¦query_to_xml',
    ),
    pattern:
      /\b(?:load_file\s{0,3}\(|into\s{1,9}(?:outfile|dumpfile)\b|xp_(?:cmdshell|dirtree|regread)\b|lo_(?:import|export)\s{0,3}\(|pg_(?:read_file|ls_dir|read_binary_file)\s{0,3}\(|sp_oacreate\b|openrowset\s{0,3}\(|dblink(?:_connect)?\s{0,3}\(|query_to_xml\s{0,3}\()|\bcopy\s{1,9}[\w(][^\n]{0,60}\b(?:from|to)\s{1,9}program\s{1,4}['"$]/,
    hits: ["1' into outfile '/var/www/x.php'", "copy x from program 'id'", 'exec xp_cmdshell'],
    misses: ['copy the file to program managers', 'into outfitting'],
  },
  {
    id: 'sqli.order_probe',
    category,
    points: 55,
    why: 'A count of columns is guessed after the end of a value.',
    literals: either('order by¦group by¦having¦order/**/by¦procedure analyse¦limit'),
    pattern:
      /['")\d]\s{1,6}(?:order|group)\s{1,6}by\s{1,6}\d{1,3}\b|['"]\s{0,6}having\s{1,6}['"\d]|procedure\s{1,6}analyse\s{0,3}\(|['"]\)?\s{1,6}limit\s{1,4}\d{1,5}\s{0,3}(?:,|offset|--|#|$)/,
    hits: ["1' order by 10", "x' having 1=1", "1' limit 1,1"],
    misses: ['order by 5 pm', 'a group by itself', 'limit 5'],
  },
  {
    id: 'sqli.function_probe',
    category,
    points: 60,
    why: 'Functions that tell about the database, or that build text from codes, are called behind a quote or an operator.',
    literals: either(
      'char(¦chr(¦concat(¦version(¦@@version¦user(¦database(¦substring(¦ascii(¦substr(¦if(¦mid(¦current_setting(¦hex(',
    ),
    pattern:
      /(?:['")|&=<>+]|\b(?:and|or|select|case when)\b)\s{0,4}\(?(?:(?:char|chr|unhex|hex)\s{0,2}\(\s{0,2}(?:0x)?[\da-f]{1,8}\s{0,2}[),]|(?:version|user|database|current_user|session_user|system_user)\s{0,2}\(\s{0,2}\)|concat\s{0,2}\(\s{0,2}(?:0x|char|['"])|(?:substring|substr|mid|ascii)\s{0,2}\(\s{0,2}(?:\(|\w{1,20}\s{0,2}[,(])|if\s{0,2}\(\s{0,2}\d{1,6}\s{0,2}[=<>]|current_setting\s{0,2}\()|@@(?:version|hostname|datadir|global)\b/,
    hits: ["' and substring(version(),1,1)='5", "'||chr(65)", 'select @@version'],
    misses: ['f(x) = user(id)', 'char (a kind of fish)'],
  },
  {
    id: 'sqli.inline_comment',
    category,
    points: 65,
    why: 'Comments stand between the words of a statement to hide it.',
    literals: either('/*'),
    pattern:
      /\b(?:union|select|or|and|from|where|insert|drop|by)\s{0,3}\/\*[^*]{0,40}\*\/\s{0,3}\(?['"\w*]|\/\*!\d{0,6}\s{0,3}\w/,
    hits: ['1/**/union/**/select/**/1', '/*!50000select*/'],
    misses: ['/* a comment */', 'src/**/*.ts'],
  },
  {
    id: 'sqli.hex_or_concat_break',
    category,
    points: 50,
    why: 'A quote is followed by an operator that joins texts or compares.',
    literals: either("'||¦'+¦'=¦' =¦\"||¦' ||¦'<¦'>¦' and¦' or¦'%20or¦' like¦' in (¦' between"),
    pattern:
      /^[^'"\n]{0,60}['"]\s{0,4}(?:\|\|\s{0,4}['"(\w]|\+\s{0,3}['"(]|(?:=|<|>|!=|<>)\s{0,3}['"]|(?:like|in|between|is|rlike|regexp)\s{1,4}['"(\d%n])/,
    hits: ["x'||'y", "a' like '%", "id'='id"],
    misses: ["it's || that", "name = 'x'", 'the boss’ in tray'],
  },
];
