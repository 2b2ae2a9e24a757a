import { either } from './rule.ts';
import type { ThreatRule } from './rule.ts';

/** Script in what becomes a page. */
export const XSS_RULES: readonly ThreatRule[] = [
  {
    id: 'xss.script_tag',
    category: 'xss',
    points: 82,
    why: 'A script element stands in the value.',
    literals: either('<script¦</script¦< script'),
    pattern: /<\s{0,3}\/?script(?:[\s/>]|$)/,
    hits: ['<script>alert(1)</script>', '"><script src=//x.example>'],
    misses: ['a script for the play', 'scripts/build.ts', '<scripted>'],
  },
  {
    id: 'xss.event_handler',
    category: 'xss',
    points: 78,
    why: 'An attribute runs script when something happens to the element.',
    literals: either('on'),
    pattern: /(?:<[a-z!/][^<>]{0,300}|['"`]\s{0,3})[\s/'"]on[a-z]{3,24}\s{0,4}=\s{0,4}['"`\w(\\&]/,
    hits: ['<img src=x onerror=alert(1)>', '" onmouseover="alert(1)', '<svg/onload=x()>'],
    misses: ['carry on = go on', '<b>on time</b>', 'onboarding=done'],
  },
  {
    id: 'xss.script_url',
    category: 'xss',
    points: 75,
    why: 'An address runs script instead of opening a page.',
    literals: either(
      'script:¦data:text/html¦data:image/svg¦data:application/x¦srcdoc¦script&colon;',
    ),
    pattern:
      /(?:^|[\s'"=(<,;])(?:java|vb|live)\s{0,2}script(?::|&colon;)(?:[\w(/%'"`[]|\s{0,9}[\w.]{1,30}\s{0,2}[(`=])|data:(?:text\/html|image\/svg\+xml|application\/xhtml)[;,]|\bsrcdoc\s{0,3}=/,
    hits: ['javascript:alert(1)', '<a href="javascript:x()">', 'data:text/html,<h1>'],
    misses: ['JavaScript: the good parts (2008)', 'data: text and html'],
  },
  {
    id: 'xss.active_element',
    category: 'xss',
    points: 70,
    why: 'An element stands in the value that loads or embeds something else.',
    literals: either(
      '<iframe¦<object¦<embed¦<svg¦<math¦<base¦<link¦<meta¦<form¦<applet¦<frameset¦<template¦<details¦<marquee¦<style¦<body¦<video¦<audio¦<input¦<img¦<isindex¦<animate¦<xss',
    ),
    pattern:
      /\bxlink:href\s{0,3}=|<(?:iframe|object|embed|applet|frameset|base|isindex|marquee|animate)\b[^<>]{0,200}[\s/>=]|<(?:svg|math|details|body|video|audio|input|img|style|form|link|meta|template)\b[^<>]{0,200}\b(?:src|href|http-equiv|action|formaction|xlink|on[a-z]{3,20}|@import)\s{0,3}[=(]/,
    hits: [
      '<iframe src=//x.example>',
      '<base href=//x>',
      '<meta http-equiv=refresh>',
      '<img src=//x/y>',
    ],
    misses: ['<T extends object>', 'a form to fill in'],
  },
  {
    id: 'xss.dom_access',
    category: 'xss',
    points: 60,
    why: 'Script reads cookies or storage, or sends the page elsewhere.',
    literals: either(
      'document.¦window.¦localstorage¦alert(¦confirm(¦prompt(¦eval(¦fromcharcode¦alert`¦.constructor(¦settimeout(',
    ),
    pattern:
      /\bdocument\s{0,2}[.[]\s{0,2}['"]?(?:cookie|location|write|domain|body)\b|\bwindow\s{0,2}[.[]\s{0,2}['"]?(?:location|name|alert)\b|\blocalstorage\s{0,2}[.[]|(?:^|[;:='"`>{(,\s-])(?:alert|confirm|prompt|eval)\s{0,2}[(`]\s{0,2}(?:\d|['"`]|document|window|string|atob|self|this|\))|string\.fromcharcode\s{0,2}\(|\[\]\[['"(]|\.constructor\s{0,2}\(\s{0,2}['"`]/,
    hits: ["';alert(1)//", 'document.cookie', "eval(atob('x'))"],
    misses: ['document the cookie policy', 'alert (all of us)', 'prompt the user'],
  },
];

/** Entities that make a parser fetch or repeat. */
export const XXE_RULES: readonly ThreatRule[] = [
  {
    id: 'xxe.external_entity',
    category: 'xxe',
    points: 94,
    why: 'A document type declares an entity whose content comes from a file or an address.',
    literals: either('<!entity¦<! entity'),
    pattern: /<!\s{0,2}entity\s{1,9}(?:%\s{1,4})?[\w:.-]{1,60}\s{1,9}(?:system|public)\b/,
    hits: [
      '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
      '<!ENTITY % p PUBLIC "a" "http://x">',
    ],
    misses: ['an entity, public or not', '<!doctype html>'],
  },
  {
    id: 'xxe.entity_declaration',
    category: 'xxe',
    points: 62,
    why: 'A document type declares entities, as bombs of repeated entities do.',
    literals: either('<!entity'),
    pattern: /<!entity\s{1,9}(?:%\s{1,4})?[\w:.-]{1,60}\s{1,9}['"]/,
    hits: ['<!DOCTYPE z [<!ENTITY lol "lol"><!ENTITY l2 "&lol;&lol;">]>'],
    misses: ['<!element x>'],
  },
  {
    id: 'xxe.doctype_system',
    category: 'xxe',
    points: 66,
    why: 'A document type is loaded from a file or an address.',
    literals: either('<!doctype'),
    pattern:
      /<!doctype\s{1,9}[\w:-]{1,40}\s{1,9}system\s{0,9}['"]|<!doctype\s{1,9}[\w:-]{1,40}\s{0,9}\[/,
    hits: ['<!DOCTYPE r SYSTEM "http://x.example/a.dtd">', '<!DOCTYPE a ['],
    misses: ['<!doctype html>', '<!DOCTYPE html PUBLIC "-//W3C//DTD">'],
  },
  {
    id: 'xxe.include',
    category: 'xxe',
    points: 70,
    why: 'XInclude or a style sheet makes the parser fetch something.',
    literals: either('xi:include¦xml-stylesheet¦xinclude'),
    pattern: /<xi:include\b|<\?xml-stylesheet\s[^?]{0,120}href|www\.w3\.org\/2001\/xinclude/,
    hits: ['<xi:include parse="text" href="file:///etc/passwd"/>'],
    misses: ['include <xi> here'],
  },
];

/** Lines that would become headers of an answer or of an e-mail. */
export const HEADER_RULES: readonly ThreatRule[] = [
  {
    id: 'header_injection.line_break',
    category: 'header_injection',
    points: 80,
    why: 'A line break is followed by the name of a header.',
    literals: either('\r¦\n'),
    pattern:
      /[\r\n]\s{0,3}(?:set-cookie|location|content-type|content-length|transfer-encoding|content-disposition|refresh|access-control-allow-[a-z]{1,12}|x-[a-z][a-z-]{1,40}|host|link|status|bcc|cc|to|from|subject|reply-to|mime-version)\s{0,2}:\s{0,3}\S/,
    places: ['path', 'query', 'header', 'body'],
    hits: ['x\r\nSet-Cookie: a=b', 'a\nBcc: x@example.com'],
    misses: ['two\nlines', 'note\nfrom me'],
  },
  {
    id: 'header_injection.response_split',
    category: 'header_injection',
    points: 85,
    why: 'A line break is followed by a whole answer or request.',
    literals: either('http/1'),
    pattern:
      /[\r\n]\s{0,3}(?:http\/1\.[01]\s{1,3}\d{3}|(?:get|post|put|delete|head|options)\s{1,3}\/\S{0,200}\s{1,3}http\/1)/,
    hits: ['x\r\n\r\nHTTP/1.1 200 OK', 'a\r\nGET /x HTTP/1.1'],
    misses: ['HTTP/1.1 200 OK', 'we speak http/1 here'],
  },
  {
    id: 'header_injection.raw_break',
    category: 'header_injection',
    points: 45,
    why: 'A carriage return stands in an address or a header, where there are no lines.',
    literals: either('\r¦\u560a¦\u560d¦%0d'),
    pattern: /\r\n?|[\u560a\u560d]|%0d%0a/,
    places: ['path', 'query', 'header'],
    hits: ['a\r\nb', '嘊嘍x'],
    misses: ['a\nb'],
  },
  {
    id: 'header_injection.method_override',
    category: 'header_injection',
    points: 40,
    why: 'A header asks for another path than the one that was checked.',
    literals: either('/'),
    pattern: /^\/(?:admin|internal|private|actuator|manage|api\/admin)\b/,
    places: ['header'],
    hits: ['/admin/users'],
    misses: ['https://app.example/admin', '/runs'],
  },
];

/** Keys and paths that reach what all objects inherit from. */
export const PROTOTYPE_RULES: readonly ThreatRule[] = [
  {
    id: 'prototype_pollution.proto_key',
    category: 'prototype_pollution',
    points: 90,
    why: 'A field named __proto__ changes what all objects inherit.',
    literals: either('__proto__'),
    pattern: /__proto__/,
    places: ['path', 'query', 'key'],
    hits: ['__proto__[isAdmin]', '__proto__', 'a.__proto__.b'],
    misses: ['proto', '__prototype'],
  },
  {
    id: 'prototype_pollution.constructor_key',
    category: 'prototype_pollution',
    points: 85,
    why: 'A field reaches the prototype by way of the constructor.',
    literals: either('constructor'),
    pattern:
      /constructor['"]?\s{0,2}(?:\.|\]?\s{0,2}\[\s{0,2}['"]?|:\s{0,2}\{\s{0,2}['"])\s{0,2}prototype/,
    places: ['path', 'query', 'key', 'body'],
    hits: [
      'constructor[prototype][x]',
      'constructor.prototype.isAdmin',
      'a[constructor][prototype][x]',
    ],
    misses: ['the constructor of a prototype'],
  },
  {
    id: 'prototype_pollution.proto_path',
    category: 'prototype_pollution',
    points: 80,
    why: 'A path of a field goes through __proto__.',
    literals: either('__proto__¦__definegetter__¦__definesetter__¦__lookupgetter__'),
    pattern:
      /['"[.]\s{0,2}__(?:proto|definegetter|definesetter|lookupgetter)__\s{0,2}['"\].:]|^\/?__proto__[/.[]/,
    places: ['body'],
    hits: ['{"__proto__": {"a": 1}}', 'x.__proto__.y', '/__proto__/isAdmin'],
    misses: ['__proto__ explained'],
  },
];
