import type { JsonValue } from '@automatos/kernel';

const SECRET_KEYS =
  /pass(?:word|wd|phrase)?$|secret|token$|api[-_]?key|^auth(?:orization)?$|cookie|credential|private[-_]?key|^x-api-key$/i;
/** Forms that vendors give their keys, and places where URLs and headers carry them. */
const SECRET_TEXTS: readonly [RegExp, string][] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, '[masked]'],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 [masked]'],
  [/\b[a-z][a-z\d+.-]*:\/\/[^\s/@:]+:[^\s/@]+@/gi, '[masked]@'],
  [/\b(?:sk|pk|rk|ak)[-_][\w-]{16,}/g, '[masked]'],
  [/\b(?:gh[pousr]|github_pat|glpat|xox[abprs]|npm)[-_][\w-]{10,}/g, '[masked]'],
  [/\bA(?:KIA|SIA)[A-Z\d]{16}\b/g, '[masked]'],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, '[masked]'],
  [/([?&](?:api[-_]?key|token|secret|password|sig(?:nature)?)=)[^&\s"']+/gi, '$1[masked]'],
];

/** The text with what looks like a secret taken out. */
export function maskText(text: string): string {
  return SECRET_TEXTS.reduce((masked, [pattern, put]) => masked.replaceAll(pattern, put), text);
}

/** A copy for people to read: values under names of secrets, and texts that look like secrets, are masked. */
export function maskSecrets(value: JsonValue): JsonValue {
  if (typeof value === 'string') return maskText(value);
  if (Array.isArray(value)) return value.map(maskSecrets);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      SECRET_KEYS.test(key) && inner !== null && typeof inner !== 'object'
        ? '[masked]'
        : maskSecrets(inner),
    ]),
  );
}
