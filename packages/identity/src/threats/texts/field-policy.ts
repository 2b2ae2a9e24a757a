import type { PatternCategory } from '../rules/rule.ts';

/**
 * How a field is read. `strict`: a name, an id, a number, a path; nothing of an attack belongs there. `search`: words somebody
 * looks for. `address`: a URL that the server will open. `text`: what people and agents read, where SQL, code and shell are
 * ordinary. `code`: programs and documents. `secret`: never looked at.
 */
export type FieldProfile = 'strict' | 'search' | 'address' | 'text' | 'code' | 'secret';

/** Share of its points that a finding of a category keeps in a field; absent: not looked for. */
export type CategoryWeights = Partial<Record<PatternCategory, number>>;

const ALL: CategoryWeights = {
  sqli: 1,
  nosql: 1,
  path_traversal: 1,
  template_injection: 1,
  command_injection: 1,
  ssrf: 1,
  xss: 1,
  xxe: 1,
  header_injection: 1,
  prototype_pollution: 1,
  lookup_injection: 1,
  prompt_injection: 0.6,
};

export const PROFILE_WEIGHTS: Readonly<Record<FieldProfile, CategoryWeights>> = {
  strict: ALL,
  search: Object.fromEntries(Object.entries(ALL).map(([name, weight]) => [name, weight * 0.75])),
  // The outbound guard is the wall; operators may allow private addresses, so an address alone is no more than `medium`.
  address: { ...ALL, ssrf: 0.7, path_traversal: 0.7, prompt_injection: 0.3 },
  text: { prompt_injection: 1, lookup_injection: 0.4 },
  code: { prompt_injection: 0.5 },
  secret: {},
};

/** Areas whose bodies are names and settings; all other bodies are text. */
const STRICT_TAGS: ReadonlySet<string> = new Set([
  'auth',
  'workspaces',
  'admin',
  'audit',
  'budgets',
  'webhooks',
  'gdpr',
  'privacy',
  'system',
]);

interface FieldRule {
  /** Tag or operation id; absent: everywhere. */
  of?: readonly string[];
  pointer: RegExp;
  profile: FieldProfile;
}

/** The first that fits decides. Pointers are lower-case, numbers of list items as `#`. */
const FIELD_RULES: readonly FieldRule[] = [
  // The dry run is there to be given attacks.
  { of: ['assessThreat', 'credentials'], pointer: /^(?!\/name$)/, profile: 'secret' },
  {
    pointer:
      /pass(?:word|wd|phrase)|secret|token|otp|api_?key|private_?key|authorization|signature|(?:^|\/)(?:pin|state|nonce|code_verifier)$/,
    profile: 'secret',
  },
  { of: ['auth'], pointer: /(?:^|\/)code$/, profile: 'secret' },
  { of: ['security'], pointer: /(?:^|\/)reason$/, profile: 'text' },
  {
    pointer: /(?:^|\/)(?:url|uri|endpoint|base_url|redirect_uri|callback|href|webhook)$/,
    profile: 'address',
  },
  { of: ['openai'], pointer: /^\/(?:messages|input|prompt)/, profile: 'text' },
  { pointer: /(?:^|\/)(?:search|query|q|filter)$/, profile: 'search' },
  {
    pointer:
      /(?:^|\/)(?:code|source|diff|patch|script|sql|content|document|file|html|stdin|command)(?:\/|$)/,
    profile: 'code',
  },
  {
    of: ['agents', 'personas', 'recipes', 'triggers', 'providers'],
    pointer: /^\/(?:name|slug|title|model|provider|role|color|icon|category)$/,
    profile: 'strict',
  },
];

/** How the field of a body or a query is read. `area` is the tag of its route, empty for none. */
export function profileOf(
  field: { area: string; operationId: string; pointer: string },
  otherwise: FieldProfile = STRICT_TAGS.has(field.area) || field.area === '' ? 'strict' : 'text',
): FieldProfile {
  for (const { of, pointer, profile } of FIELD_RULES) {
    if (of !== undefined && !of.includes(field.area) && !of.includes(field.operationId)) continue;
    if (pointer.test(field.pointer)) return profile;
  }
  return otherwise;
}

/** Headers whose value somebody may have written by hand; the rest is credentials or made by clients. */
export const SCANNED_HEADERS: readonly string[] = [
  'user-agent',
  'referer',
  'origin',
  'from',
  'via',
  'accept-language',
  'content-type',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-original-url',
  'x-rewrite-url',
  'x-api-version',
  'x-client-ip',
  'x-real-ip',
  'true-client-ip',
  'x-request-id',
  'x-workspace-id',
  'x-requested-with',
  'if-match',
  'last-event-id',
];
