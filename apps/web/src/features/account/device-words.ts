/** What a browser says of itself, in words that people recognise. Pure. */

const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdgA?\/|\bEdgiOS\//, 'Edge'],
  [/\bOPR\/|\bOpera\b/, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bCriOS\/|\bChrom(?:e|ium)\/|\bHeadlessChrome\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMacintosh\b|\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
];

export interface Device {
  /** E.g. `Firefox on Linux`, or the name of a program. */
  name: string;
  kind: 'phone' | 'computer' | 'program';
}

export function deviceOf(userAgent: string | null): Device {
  if (userAgent === null || userAgent.trim() === '')
    return { name: 'Unknown device', kind: 'program' };
  const find = (known: typeof BROWSERS) => known.find(([pattern]) => pattern.test(userAgent))?.[1];
  const browser = find(BROWSERS);
  const system = find(SYSTEMS);
  if (browser === undefined) {
    const program = userAgent.split(/[\s/]/)[0] ?? '';
    return { name: program.slice(0, 40) || 'Unknown device', kind: 'program' };
  }
  return {
    name: system === undefined ? browser : `${browser} on ${system}`,
    kind: /\bMobile\b|\biPhone\b|\biPad\b|\bAndroid\b/.test(userAgent) ? 'phone' : 'computer',
  };
}
