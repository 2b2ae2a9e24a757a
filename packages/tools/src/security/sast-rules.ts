import type { SastRule } from './sast-rule.ts';
import { JAVASCRIPT_RULES } from './sast-rules-javascript.ts';
import { PYTHON_RULES } from './sast-rules-python.ts';
import { SHELL_RULES } from './sast-rules-shell.ts';

/** All security rules. */
export const SAST_RULES: readonly SastRule[] = [...JAVASCRIPT_RULES, ...PYTHON_RULES, ...SHELL_RULES];
