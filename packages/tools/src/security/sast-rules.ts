import type { SastRule } from './sast-rule.ts';
import { JAVASCRIPT_INJECTION_RULES } from './sast-rules-javascript.ts';
import { JAVASCRIPT_CRYPTO_RULES } from './sast-rules-javascript-crypto.ts';
import { JAVASCRIPT_WEB_RULES } from './sast-rules-javascript-web.ts';
import { PYTHON_RULES } from './sast-rules-python.ts';
import { SHELL_RULES } from './sast-rules-shell.ts';

/** All security rules. */
export const SAST_RULES: readonly SastRule[] = [
  ...JAVASCRIPT_INJECTION_RULES,
  ...JAVASCRIPT_WEB_RULES,
  ...JAVASCRIPT_CRYPTO_RULES,
  ...PYTHON_RULES,
  ...SHELL_RULES,
];
