import { anyTail, JS_LIKE, type SastRule } from './sast-rule.ts';
import { INTERPOLATED, NOT_LITERAL, REQUEST } from './sast-patterns-javascript.ts';

/** Rules about code in browsers and HTML answers. */
export const JAVASCRIPT_WEB_RULES: readonly SastRule[] = [
  {
    id: 'js.inner_html',
    severity: 'high',
    languages: JS_LIKE,
    cwe: 79,
    hint: /\b(?:inner|outer)HTML\b/,
    message: 'HTML is set from a value; scripts in it run.',
    fix: 'Use textContent, or clean the HTML with a sanitiser first.',
    rule: {
      any: [
        { pattern: '$X.innerHTML = $V' },
        { pattern: '$X.outerHTML = $V' },
        { pattern: '$X.innerHTML += $V' },
      ],
    },
    constraints: { V: NOT_LITERAL },
  },
  {
    id: 'js.document_write',
    severity: 'medium',
    languages: JS_LIKE,
    cwe: 79,
    hint: /document\.write|insertAdjacentHTML/,
    message: 'HTML is written into the page from a value; scripts in it run.',
    fix: 'Create elements and set textContent.',
    rule: {
      any: [
        { pattern: 'document.write($V)' },
        { pattern: 'document.writeln($V)' },
        { pattern: '$X.insertAdjacentHTML($P, $V)' },
      ],
    },
    constraints: { V: NOT_LITERAL },
  },
  {
    id: 'js.dangerous_html',
    severity: 'medium',
    languages: ['javascript', 'tsx'],
    cwe: 79,
    hint: /dangerouslySetInnerHTML/,
    message: 'dangerouslySetInnerHTML puts unescaped HTML into the page.',
    fix: 'Render text, or clean the HTML with a sanitiser first.',
    rule: { kind: 'jsx_attribute', regex: '^dangerouslySetInnerHTML' },
  },
  {
    id: 'js.response_html',
    severity: 'high',
    languages: JS_LIKE,
    cwe: 79,
    hint: /\.(?:send|write|end)\b/,
    message: 'What the caller sent is put into an HTML answer without escaping.',
    fix: 'Escape it, or use a template engine that does.',
    rule: {
      kind: 'call_expression',
      all: [
        { has: { field: 'function', regex: '^(?:res|response|reply)\\.(?:send|write|end)$' } },
        {
          has: { field: 'arguments', regex: '<[a-zA-Z]', has: { ...INTERPOLATED, regex: REQUEST } },
        },
      ],
    },
  },
  {
    id: 'js.post_message_any',
    severity: 'low',
    languages: JS_LIKE,
    cwe: 346,
    hint: /postMessage/,
    message: 'A message is posted to a window of any origin.',
    fix: 'Name the origin that may receive it.',
    rule: anyTail('$W.postMessage($M, $O'),
    constraints: { O: { regex: '^["\']\\*["\']$' } },
  },
];
