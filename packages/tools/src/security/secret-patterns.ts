import type { Severity } from '@automatos/contracts';

/** One own pattern; group 1 is the secret itself. */
export interface SecretPattern {
  rule: string;
  severity: Severity;
  message: string;
  expression: RegExp;
  /** Refuses matches that only look like secrets. */
  accepts?: (value: string, line: string) => boolean;
}

/** Shannon entropy in bits per character. */
export function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values())
    bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

const PLACEHOLDER =
  /^(?:x{3,}|\*+|\.{3,}|-+|<.*>|\{\{.*\}\}|\$\{.*\}|\$[A-Z_a-z(].*|%.*%|#\{.*\}|none|null|nil|undefined|true|false|string|secret|password|passwd|changeme|change-me|change_me|example|test|testing|dummy|fake|sample|placeholder|redacted|hidden|todo|tbd|your[-_ ].*|my[-_ ]?(?:secret|password|key|token)|.*(?:example|placeholder|changeme|redacted|dummy|your[-_]).*)$/i;
const CODE_REFERENCE =
  /^(?:process\.env|os\.environ|env\.|config\.|settings\.|self\.|this\.|request\.|req\.|ctx\.|args\.|options\.|getenv|new |await |function|import|require|[a-z]+\()/i;

/** True for words that stand where a secret goes: placeholders, references to variables, plain words. */
export function isPlaceholder(value: string): boolean {
  if (/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/.test(value)) return true; // the name of a variable
  return PLACEHOLDER.test(value) || CODE_REFERENCE.test(value) || new Set(value).size < 4;
}

function isMixed(value: string): boolean {
  return [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(value)).length >= 2;
}

const NAME = String.raw`[A-Za-z0-9_.\-]*(?:password|passwd|pwd|secret|api[_\-]?key|apikey|access[_\-]?key|auth[_\-]?token|access[_\-]?token|private[_\-]?key|client[_\-]?secret|credentials?|signing[_\-]?key|encryption[_\-]?key)[A-Za-z0-9_\-]*`;

export const SECRET_PATTERNS: readonly SecretPattern[] = [
  {
    rule: 'secret.private_key',
    severity: 'critical',
    message: 'A private key is stored in the repository.',
    expression:
      /(-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED |PGP )?PRIVATE KEY(?: BLOCK)?-----)/g,
  },
  {
    rule: 'secret.aws_access_key_id',
    severity: 'high',
    message: 'An AWS access key id is stored in the repository.',
    expression: /(?<![A-Za-z0-9])((?:AKIA|ASIA)[A-Z2-7]{16})(?![A-Za-z0-9])/g,
    accepts: (value) => !value.includes('EXAMPLE'),
  },
  {
    rule: 'secret.google_api_key',
    severity: 'high',
    message: 'A Google API key is stored in the repository.',
    expression: /(?<![A-Za-z0-9])(AIza[A-Za-z0-9_-]{35})(?![A-Za-z0-9_-])/g,
  },
  {
    rule: 'secret.jwt',
    severity: 'medium',
    message: 'A signed JSON web token is stored in the repository; it may still be valid.',
    expression:
      /(?<![A-Za-z0-9_-])(eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,})/g,
  },
  {
    rule: 'secret.url_password',
    severity: 'high',
    message: 'A URL carries a password.',
    expression: /[a-z][a-z0-9+.-]*:\/\/[^\s:@/"'`$<{]+:([^\s@/"'`$<{]{4,})@[A-Za-z0-9.-]+/g,
    accepts: (value) =>
      !isPlaceholder(value) && !/^(?:pass|password|postgres|user|root|guest|admin)$/i.test(value),
  },
  {
    rule: 'secret.bearer_token',
    severity: 'high',
    message: 'An authorization header with a fixed token is stored in the repository.',
    expression:
      /authorization["']?\s*[:=]\s*["'`]?(?:bearer|basic|token)\s+([A-Za-z0-9._~+/=-]{20,})/gi,
    accepts: (value) => !isPlaceholder(value) && entropy(value) > 3.2,
  },
  {
    rule: 'secret.assigned_literal',
    severity: 'high',
    message: 'A password or key is written into the source.',
    expression: new RegExp(
      String.raw`(?:^|[^A-Za-z0-9_])["']?${NAME}["']?\s*(?::\s*[A-Za-z]+\s*)?(?:=>|:=|=(?!=)|:)\s*["'\x60]([^"'\x60\s]{8,200})["'\x60]`,
      'gi',
    ),
    accepts: (value, line) =>
      !isPlaceholder(value) &&
      isMixed(value) &&
      entropy(value) > 2.8 &&
      !/\b(?:placeholder|example|label|message|title|description)\b/i.test(line) &&
      !/^[a-z]+(?:[-_./:][a-z]+)+$/.test(value) &&
      !/^(?:[a-z]+:)?\/\//.test(value),
  },
];

/** Lines of .env files: NAME=value without quotes. Only used for these files, elsewhere such lines are code. */
export const ENV_LINE: SecretPattern = {
  rule: 'secret.env_value',
  severity: 'high',
  message: 'An environment file with a secret value is stored in the repository.',
  expression: new RegExp(String.raw`^\s*(?:export\s+)?${NAME}\s*=\s*["']?([^\s"'#]{8,})`, 'gim'),
  accepts: (value) => !isPlaceholder(value) && entropy(value) > 2.5,
};

/** True for `.env`, `.env.production` and the like, not for templates. */
export function isEnvFile(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return /^\.env(?:\.[a-z]+)*$/i.test(name) && !/example|sample|template|dist|schema/i.test(name);
}

/** First characters and length only: enough to find it, too little to use it. */
export function maskSecret(value: string): string {
  const shown = value.length >= 16 ? 4 : value.length >= 10 ? 2 : 0;
  return `${value.slice(0, shown)}${'*'.repeat(Math.min(12, Math.max(4, value.length - shown)))} (${value.length} characters)`;
}
