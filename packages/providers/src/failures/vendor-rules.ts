/** What a vendor's refusal means to us; `classify-failure.ts` maps each to one error. */
export type FailureMeaning =
  | 'credential'
  | 'no-credit'
  | 'rate-limited'
  | 'overloaded'
  | 'context-overflow'
  | 'model-unavailable'
  | 'rejected'
  | 'upstream';

/** What a refusal carried: status, vendor code and type, message (lower case) and whether it said how long to wait. */
export interface FailureSignal {
  provider: string;
  status: number;
  code: string;
  message: string;
  hasRetryAfter: boolean;
  body: string;
}

interface VendorRule {
  /** Null: every provider. */
  provider: string | null;
  status: readonly number[] | null;
  code?: RegExp;
  message?: RegExp;
  body?: RegExp;
  withoutRetryAfter?: true;
  meaning: FailureMeaning;
}

const OVERFLOW =
  /context[ _]length|context window|maximum context|prompt is too long|too many tokens|input token count .* exceeds|exceeds the maximum number of tokens|reduce the length|exceeded model token limit|tokens \+ .?max_new_tokens.? must be/;

/**
 * First match wins: vendors' own rows before the general ones. Order and content follow the table "Which failures are which"
 * of the provider reference; a status alone does not tell, e.g. OpenAI's 429 for spent credit must not be retried.
 */
export const VENDOR_RULES: readonly VendorRule[] = [
  {
    provider: 'openai',
    status: [429],
    code: /credit_balance_exhausted|(organization|project)_spend_limit_exceeded|organization_usage_limit_exceeded|insufficient_quota/,
    meaning: 'no-credit',
  },
  { provider: 'openai', status: [503], code: /server_is_overloaded/, meaning: 'overloaded' },
  {
    provider: 'anthropic',
    status: [429],
    body: /enforced_spend_limit_reached/,
    withoutRetryAfter: true,
    meaning: 'no-credit',
  },
  {
    provider: 'anthropic',
    status: [400],
    message: /spend limit|credit balance is too low/,
    meaning: 'no-credit',
  },
  { provider: 'anthropic', status: [529, 409], meaning: 'overloaded' },
  { provider: 'google', status: [402], meaning: 'no-credit' },
  // A quota per day, or one of 0 (the tier has none): waiting is useless until the reset or an upgrade.
  {
    provider: 'google',
    status: [429],
    body: /perday|"quotavalue"\s*:\s*"?0"?\s*[,}]/i,
    meaning: 'no-credit',
  },
  {
    provider: 'google',
    status: [400],
    message: /api key not valid|api key expired/,
    meaning: 'credential',
  },
  { provider: 'together', status: [403], meaning: 'context-overflow' },
  { provider: 'moonshot', status: [403], message: /balance/, meaning: 'no-credit' },
  { provider: 'moonshot', status: [429], message: /engine.*overloaded/, meaning: 'overloaded' },
  { provider: 'groq', status: [498], meaning: 'overloaded' },
  { provider: 'cohere', status: [499], meaning: 'upstream' },
  { provider: null, status: [402], meaning: 'no-credit' },
  { provider: null, status: [400, 413, 422], message: OVERFLOW, meaning: 'context-overflow' },
  { provider: null, status: [400], code: /context_length_exceeded/, meaning: 'context-overflow' },
  { provider: null, status: [413], meaning: 'context-overflow' },
  { provider: null, status: [401, 403], meaning: 'credential' },
  { provider: null, status: [404], meaning: 'model-unavailable' },
  { provider: null, status: [429], meaning: 'rate-limited' },
  { provider: null, status: [503, 529], meaning: 'overloaded' },
  { provider: null, status: [408, 409, 425], meaning: 'upstream' },
];

/** The meaning of a refusal by its first matching row; otherwise 4xx is the caller's and the rest the vendor's fault. */
export function meaningOf(signal: FailureSignal): FailureMeaning {
  const rule = VENDOR_RULES.find((row) => matches(row, signal));
  if (rule !== undefined) return rule.meaning;
  return signal.status >= 400 && signal.status < 500 ? 'rejected' : 'upstream';
}

function matches(rule: VendorRule, signal: FailureSignal): boolean {
  if (rule.provider !== null && rule.provider !== signal.provider) return false;
  if (rule.status !== null && !rule.status.includes(signal.status)) return false;
  if (rule.code !== undefined && !rule.code.test(signal.code)) return false;
  if (rule.message !== undefined && !rule.message.test(signal.message)) return false;
  if (rule.body !== undefined && !rule.body.test(signal.body)) return false;
  return rule.withoutRetryAfter !== true || !signal.hasRetryAfter;
}
