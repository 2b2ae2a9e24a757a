const MASK = '[masked]';
/** Shorter values would mask ordinary text. */
const VALUE_MIN = 4;

/** Takes values out of a text, also where they stand encoded as base64, in hexadecimal or for a URL. */
export function maskValues(text: string, values: readonly string[]): string {
  const forms = values
    .filter((value) => value.length >= VALUE_MIN)
    .flatMap((value) => {
      const bytes = Buffer.from(value);
      return [
        value,
        encodeURIComponent(value),
        bytes.toString('base64').replace(/=+$/, ''),
        bytes.toString('hex'),
      ];
    });
  return [...new Set(forms)]
    .toSorted((a, b) => b.length - a.length)
    .reduce((masked, form) => masked.replaceAll(form, MASK), text);
}
