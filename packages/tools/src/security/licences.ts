/** How far a licence reaches into the work that uses it. */
export type LicenceClass =
  | 'permissive'
  | 'weak_copyleft'
  | 'strong_copyleft'
  | 'restricted'
  | 'unknown';

const PERMISSIVE =
  /^(?:MIT(?:-0)?|ISC|Apache-2\.0|BSD(?:-[0-9]-Clause(?:-\w+)?)?|0BSD|Unlicense|CC0-1\.0|CC-BY-[34]\.0|Zlib|Python-2\.0|PSF-2\.0|BlueOak-1\.0\.0|WTFPL|Artistic-2\.0|BSL-1\.0|OFL-1\.1|PostgreSQL|X11|NCSA|HPND|Unicode-(?:DFS-2016|3\.0)|MIT AND ISC)$/i;
const WEAK = /^(?:LGPL|MPL|EPL|CDDL|EUPL)/i;
const STRONG = /^(?:A?GPL|OSL|CC-BY-SA)/i;
const RESTRICTED =
  /^(?:SSPL|BUSL|BSL-1\.1|Elastic|UNLICENSED|SEE LICEN[CS]E|Commons-Clause|CC-BY-NC|PolyForm|Sustainable)/i;
const RANK: readonly LicenceClass[] = [
  'permissive',
  'weak_copyleft',
  'unknown',
  'strong_copyleft',
  'restricted',
];

function classOfOne(id: string): LicenceClass {
  const name = id
    .trim()
    .replace(/^\(|\)$/g, '')
    .trim();
  if (PERMISSIVE.test(name)) return 'permissive';
  if (RESTRICTED.test(name)) return 'restricted';
  if (WEAK.test(name)) return 'weak_copyleft';
  if (STRONG.test(name)) return 'strong_copyleft';
  return 'unknown';
}

/** Class of an SPDX expression: of alternatives (OR) the freest, of several that all hold (AND) the strictest. */
export function classifyLicence(expression: string): LicenceClass {
  const rank = (name: LicenceClass) => RANK.indexOf(name);
  const alternatives = expression
    .replaceAll(/[()]/g, ' ')
    .split(/\s+OR\s+/i)
    .map(
      (part) =>
        part
          .split(/\s+AND\s+/i)
          .map(classOfOne)
          .toSorted((a, b) => rank(b) - rank(a))[0] ?? 'unknown',
    );
  return alternatives.toSorted((a, b) => rank(a) - rank(b))[0] ?? 'unknown';
}

const TEXTS: readonly [RegExp, string][] = [
  [/Apache License\s*,?\s*Version 2\.0/i, 'Apache-2.0'],
  [/GNU AFFERO GENERAL PUBLIC LICENSE/i, 'AGPL-3.0'],
  [/GNU LESSER GENERAL PUBLIC LICENSE/i, 'LGPL-3.0'],
  [/GNU GENERAL PUBLIC LICENSE\s*Version 2/i, 'GPL-2.0'],
  [/GNU GENERAL PUBLIC LICENSE/i, 'GPL-3.0'],
  [/Mozilla Public License,?\s*(?:v\.?|Version)\s*2\.0/i, 'MPL-2.0'],
  [/Permission is hereby granted, free of charge, to any person obtaining a copy/i, 'MIT'],
  [/Permission to use, copy, modify, and\/or distribute this software for any purpose/i, 'ISC'],
  [/Redistribution and use in source and binary forms/i, 'BSD-3-Clause'],
  [/This is free and unencumbered software released into the public domain/i, 'Unlicense'],
];

/** SPDX id of a licence text by its best-known sentence, or undefined. */
export function recogniseLicence(text: string): string | undefined {
  const flat = text.slice(0, 20_000).replaceAll(/\s+/g, ' ');
  return TEXTS.find(([expression]) => expression.test(flat))?.[1];
}

/** Licence of a manifest's `license` or `licenses` field in its many shapes. */
export function licenceField(manifest: Record<string, unknown>): string | undefined {
  const read = (value: unknown): string | undefined => {
    if (typeof value === 'string' && value.trim() !== '') return value.trim();
    if (
      typeof value === 'object' &&
      value !== null &&
      'type' in value &&
      typeof value.type === 'string'
    )
      return value.type;
    return undefined;
  };
  if (Array.isArray(manifest.licenses)) {
    const all = manifest.licenses.map(read).filter((entry) => entry !== undefined);
    return all.length === 0 ? undefined : all.join(' OR ');
  }
  return read(manifest.license) ?? read(manifest.licence);
}
