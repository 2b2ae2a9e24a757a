import { expect, test } from 'vitest';
import { THREAT_CATEGORIES } from '@automatos/contracts';
import { matchRules } from '../match-rules.ts';
import { combine, levelOf } from '../score.ts';
import { collectTexts } from '../texts/collect-texts.ts';
import { DEFAULT_THRESHOLDS } from '../threat-types.ts';
import { readLabelled, relabel } from './labelled-set.fixture.ts';
import type { Labelled } from './labelled-set.fixture.ts';

const attacks = readLabelled('attacks');
const benign = readLabelled('benign');
const FLOORS = { recall: 0.9, precision: 0.98 };

/** Categories found, when the whole reaches `medium`. */
function found({ facts }: Labelled): Set<string> {
  const findings = matchRules(collectTexts(facts));
  const level = levelOf(combine(findings), DEFAULT_THRESHOLDS);
  return new Set(level === 'low' ? [] : findings.map(({ category }) => category));
}

test('the sets are as large as they claim', () => {
  expect(attacks.length).toBeGreaterThanOrEqual(300);
  expect(benign.length).toBeGreaterThanOrEqual(300);
  const labels = new Set(attacks.map(({ label }) => label));
  expect([...labels].toSorted()).toEqual(
    THREAT_CATEGORIES.filter((name) => name !== 'behaviour' && name !== 'anomaly').toSorted(),
  );
});

test('recall and precision of each category stay above their floors', () => {
  const foundInAttacks = attacks.map((each) => ({ label: each.label, categories: found(each) }));
  const foundInBenign = benign.map(found);
  const table: Record<string, { attacks: number; recall: number; precision: number }> = {};
  for (const label of new Set(attacks.map((each) => each.label))) {
    const own = foundInAttacks.filter((each) => each.label === label);
    const hits = own.filter(({ categories }) => categories.has(label)).length;
    const wrong = foundInBenign.filter((categories) => categories.has(label)).length;
    table[label] = {
      attacks: own.length,
      recall: hits / own.length,
      precision: hits / (hits + wrong),
    };
  }
  process.stdout.write(
    `${Object.entries(table)
      .map(
        ([label, row]) =>
          `${label.padEnd(22)} n ${row.attacks}  recall ${row.recall.toFixed(3)}  precision ${row.precision.toFixed(3)}`,
      )
      .join('\n')}\n`,
  );
  for (const [label, row] of Object.entries(table)) {
    expect.soft(row.recall, `${label}: recall`).toBeGreaterThanOrEqual(FLOORS.recall);
    expect.soft(row.precision, `${label}: precision`).toBeGreaterThanOrEqual(FLOORS.precision);
  }
});

/** Ways in which attacks are disguised; none of them was looked at while the patterns were written. */
const DISGUISES: Readonly<Record<string, (text: string) => string>> = {
  'upper case': (text) => text.toUpperCase(),
  'mixed case': (text) =>
    Array.from(text)
      .map((each, index) => (index % 2 === 0 ? each.toUpperCase() : each.toLowerCase()))
      .join(''),
  'wide spaces': (text) => text.replaceAll(' ', '  '),
  tabs: (text) => text.replaceAll(' ', '\t'),
  percent: (text) =>
    [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  'percent, twice': (text) =>
    [...Buffer.from(text)].map((byte) => `%25${byte.toString(16).padStart(2, '0')}`).join(''),
  'unicode escapes': (text) =>
    Array.from(text)
      .map((each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  entities: (text) => text.replaceAll(/[<>"'&=()]/g, (each) => `&#${each.charCodeAt(0)};`),
  'inside of other words': (text) => `hello world ${text} and good bye`,
  base64: (text) => Buffer.from(`${text.trim()}            `).toString('base64'),
};

test.each(Object.entries(DISGUISES))('%s hides at most one attack in ten', (_name, disguise) => {
  const own = attacks.filter(
    ({ place, text }) =>
      'qn'.includes(place) && /^[\x20-\x7e]+$/.test(text) && !/%[0-9a-f]{2}|&lt;|\\u/i.test(text),
  );
  const missed = own.filter((each) => !found(relabel(each, disguise(each.text))).has(each.label));
  process.stdout.write(`${_name}: ${missed.length} of ${own.length} missed\n`);
  expect(missed.length / own.length, missed.map(({ text }) => text).join('\n')).toBeLessThanOrEqual(
    0.1,
  );
});

test('nothing harmless is called for a block, and at most one in a hundred for anything', () => {
  const scores = benign.map((each) => combine(matchRules(collectTexts(each.facts))));
  expect(scores.filter((score) => score >= DEFAULT_THRESHOLDS.critical)).toEqual([]);
  const noticed = scores.filter((score) => score >= DEFAULT_THRESHOLDS.medium);
  expect(noticed.length / benign.length).toBeLessThanOrEqual(0.01);
});
