import type { AstRule } from './sast-rule.ts';

/** Text put together from parts: a template with an insertion, or a sum with something that is not a literal. */
export const INTERPOLATED: AstRule = {
  any: [
    { kind: 'template_string', has: { kind: 'template_substitution' } },
    {
      kind: 'binary_expression',
      regex: '\\+',
      has: {
        any: [
          { kind: 'identifier' },
          { kind: 'member_expression' },
          { kind: 'call_expression' },
          { kind: 'subscript_expression' },
        ],
        stopBy: 'end',
      },
    },
  ],
};
export const NOT_LITERAL: AstRule = {
  not: {
    any: [
      { kind: 'string' },
      { kind: 'number' },
      { all: [{ kind: 'template_string' }, { not: { has: { kind: 'template_substitution' } } }] },
    ],
  },
};
/** Where web frameworks put what the caller sent. */
export const REQUEST =
  '(?:^|[^\\w.])(?:req|request|ctx|context)(?:\\.request)?\\.(?:query|params|body|headers|cookies)\\b';
export const FROM_REQUEST: AstRule = { regex: REQUEST };
export const SQL =
  '(?is)^[("\'`\\s]*(?:select\\s.+\\sfrom|insert\\s+into|update\\s.+\\sset|delete\\s+from|drop\\s+table|alter\\s+table)\\b';
