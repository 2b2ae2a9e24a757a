import type { Severity } from '@automatos/contracts';

/** What differs between the findings about one answer. */
export interface HeaderProblem {
  rule: string;
  severity: Severity;
  message: string;
  evidence: string;
  fix: string;
}

function directivesOf(policy: string): Map<string, string[]> {
  const directives = new Map<string, string[]>();
  for (const part of policy.split(/[;,]/)) {
    const [name = '', ...sources] = part.trim().split(/\s+/);
    // The first one counts, as in browsers.
    if (name !== '' && !directives.has(name.toLowerCase()))
      directives.set(
        name.toLowerCase(),
        sources.map((source) => source.toLowerCase()),
      );
  }
  return directives;
}

const ANYWHERE = new Set(['*', 'http:', 'https:', 'data:', 'blob:']);

/** What is wrong with a content security policy, as far as it is to keep foreign scripts out. */
export function judgePolicy(policy: string | undefined): HeaderProblem[] {
  if (policy === undefined)
    return [
      {
        rule: 'csp_missing',
        severity: 'medium',
        message: 'No policy says where scripts may come from, so injected ones run.',
        evidence: 'no content-security-policy header',
        fix: "Start with \"default-src 'self'; object-src 'none'; base-uri 'self'\" and open what is needed.",
      },
    ];
  const directives = directivesOf(policy);
  const scripts = directives.get('script-src') ?? directives.get('default-src');
  const evidence = `content-security-policy: ${policy.slice(0, 300)}`;
  if (scripts === undefined)
    return [
      {
        rule: 'csp_scripts_open',
        severity: 'medium',
        message: 'The policy does not limit where scripts come from.',
        evidence,
        fix: 'Add "script-src \'self\'".',
      },
    ];
  const problems: HeaderProblem[] = [];
  // With a nonce or a hash browsers ignore 'unsafe-inline'; it stands there for old ones.
  const isNonced = scripts.some((source) => /^'(?:nonce-|sha\d{3}-|strict-dynamic)/.test(source));
  if (scripts.includes("'unsafe-inline'") && !isNonced)
    problems.push({
      rule: 'csp_inline_scripts',
      severity: 'medium',
      message: 'The policy allows scripts inside the page, and with them injected ones.',
      evidence,
      fix: "Replace 'unsafe-inline' by nonces or hashes.",
    });
  if (scripts.includes("'unsafe-eval'"))
    problems.push({
      rule: 'csp_eval',
      severity: 'low',
      message: 'The policy allows text to be run as code.',
      evidence,
      fix: "Remove 'unsafe-eval'.",
    });
  const open = scripts.filter((source) => ANYWHERE.has(source));
  if (open.length > 0 && !isNonced)
    problems.push({
      rule: 'csp_scripts_open',
      severity: 'medium',
      message: `The policy allows scripts from ${open.join(', ')}.`,
      evidence,
      fix: 'Name the hosts.',
    });
  return problems;
}
