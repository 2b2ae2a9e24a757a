import { PROMPT_RULES } from './prompt.ts';
import type { ThreatRule } from './rule.ts';
import {
  COMMAND_RULES,
  LOOKUP_RULES,
  NOSQL_RULES,
  PATH_RULES,
  SSRF_RULES,
  TEMPLATE_RULES,
} from './server.ts';
import { SQLI_RULES } from './sqli.ts';
import { HEADER_RULES, PROTOTYPE_RULES, XSS_RULES, XXE_RULES } from './web.ts';

/** Every known attack pattern. */
export const THREAT_RULES: readonly ThreatRule[] = [
  ...SQLI_RULES,
  ...NOSQL_RULES,
  ...PATH_RULES,
  ...TEMPLATE_RULES,
  ...COMMAND_RULES,
  ...SSRF_RULES,
  ...XSS_RULES,
  ...XXE_RULES,
  ...HEADER_RULES,
  ...PROTOTYPE_RULES,
  ...LOOKUP_RULES,
  ...PROMPT_RULES,
];
