import { expect, test } from 'vitest';
import { newId } from '@automatos/kernel';
import { combine, levelOf } from '../score.ts';
import { DEFAULT_THRESHOLDS } from '../threat-types.ts';
import { createAnomalies, robustZ, WARM_UP } from './anomaly.ts';
import { createBehaviour, ramp } from './behaviour.ts';
import type { AnsweredRequest } from './behaviour.ts';
import { createProfiles } from './profiles.ts';
import { RecentDistinct, SlidingCounts, WINDOW_MS } from './window.ts';

const START = Date.parse('2026-11-21T12:00:00Z');
const SECOND = 1_000;
const ANSWER: AnsweredRequest = {
  address: '203.0.113.7',
  principal: null,
  method: 'GET',
  route: '/api/runs/:run_id',
  ids: [],
  status: 200,
  signIn: null,
};
const stranger = { address: ANSWER.address, principal: null, account: null };

/** Level of what a caller did, and the rules behind it. */
function judge(reasons: { rule: string; points: number }[]) {
  return {
    level: levelOf(combine(reasons), DEFAULT_THRESHOLDS),
    rules: reasons.map(({ rule }) => rule),
  };
}

test('credential stuffing: one address tries many accounts', () => {
  const behaviour = createBehaviour();
  let now = START;
  let noticedAfter = 0;
  for (let tried = 1; tried <= 20; tried += 1) {
    const account = `person${tried}@example.com`;
    behaviour.record({ ...ANSWER, method: 'POST', status: 401, signIn: { account } }, now);
    now += 3 * SECOND;
    const { level } = judge(behaviour.reasonsFor(stranger, now));
    if (level === 'critical' && noticedAfter === 0) noticedAfter = tried;
  }
  expect(noticedAfter).toBeGreaterThan(5);
  expect(noticedAfter).toBeLessThanOrEqual(12);
  expect(judge(behaviour.reasonsFor(stranger, now)).rules).toContain(
    'behaviour.credential_stuffing',
  );
  // Whoever sits at another address is not concerned, and all is forgotten after the window.
  expect(behaviour.reasonsFor({ ...stranger, address: '198.51.100.1' }, now)).toEqual([]);
  expect(behaviour.reasonsFor(stranger, now + 2 * WINDOW_MS)).toEqual([]);
});

test('a person who mistypes a password four times is left alone', () => {
  const behaviour = createBehaviour();
  for (let tried = 0; tried < 4; tried += 1)
    behaviour.record({ ...ANSWER, status: 401, signIn: { account: 'ada@example.com' } }, START);
  expect(behaviour.reasonsFor({ ...stranger, account: 'ada@example.com' }, START)).toEqual([]);
});

test('guessing from many addresses counts against those addresses, not against the owner of the account', () => {
  const behaviour = createBehaviour();
  const account = 'ada@example.com';
  for (let each = 0; each < 25; each += 1)
    behaviour.record(
      { ...ANSWER, address: `198.51.100.${each}`, status: 401, signIn: { account } },
      START,
    );
  const from = (address: string) =>
    judge(behaviour.reasonsFor({ address, principal: null, account }, START));
  expect(from('198.51.100.3')).toEqual({
    level: 'critical',
    rules: ['behaviour.distributed_guessing'],
  });
  expect(from('203.0.113.99')).toEqual({ level: 'low', rules: [] });
});

test('enumeration: ids of others are tried one after the other', () => {
  const behaviour = createBehaviour();
  const principal = 'user:mallory';
  for (let tried = 0; tried < 80; tried += 1)
    behaviour.record({ ...ANSWER, principal, ids: [newId()], status: 404 }, START + tried * SECOND);
  const now = START + 80 * SECOND;
  expect(judge(behaviour.reasonsFor({ ...stranger, principal }, now))).toEqual({
    level: 'high',
    rules: ['behaviour.enumeration'],
  });
  // The same missing id again and again is a stale page, not a search.
  const id = newId();
  const stale = 'user:ada';
  for (let tried = 0; tried < 80; tried += 1)
    behaviour.record(
      { ...ANSWER, principal: stale, ids: [id], status: 404 },
      START + tried * SECOND,
    );
  expect(behaviour.reasonsFor({ ...stranger, principal: stale }, now)).toEqual([]);
});

test('scraping and scanning are noticed; a busy page is not', () => {
  const behaviour = createBehaviour();
  for (let read = 0; read < 600; read += 1)
    behaviour.record(
      { ...ANSWER, principal: 'api_key:scraper', ids: [newId()] },
      START + read * 200,
    );
  for (let asked = 0; asked < 70; asked += 1)
    behaviour.record({ ...ANSWER, route: null, status: 404 }, START + asked * SECOND);
  for (let read = 0; read < 600; read += 1)
    behaviour.record(
      { ...ANSWER, principal: 'user:busy', ids: [`run-${read % 40}`] },
      START + read * 200,
    );
  const now = START + 120 * SECOND;
  const of = (principal: string) => judge(behaviour.reasonsFor({ ...stranger, principal }, now));
  expect(of('api_key:scraper')).toEqual({ level: 'medium', rules: ['behaviour.scraping'] });
  expect(judge(behaviour.reasonsFor(stranger, now))).toEqual({
    level: 'high',
    rules: ['behaviour.scanning'],
  });
  expect(of('user:busy').rules).toEqual([]);
});

test('the memory for callers is bounded', () => {
  const behaviour = createBehaviour({ callersMax: 100 });
  for (let each = 0; each < 1_000; each += 1)
    behaviour.record(
      { ...ANSWER, address: `10.0.${each >> 8}.${each & 255}`, ids: [newId()], status: 404 },
      START,
    );
  expect(behaviour.size).toBe(100);
  const distinct = new RecentDistinct();
  for (let each = 0; each < 5_000; each += 1) distinct.add(String(each), START);
  expect(distinct.size(START)).toBeLessThanOrEqual(1_024);
});

test('counts slide: five minutes later nothing is left', () => {
  const counts = new SlidingCounts();
  for (let each = 0; each < 10; each += 1) counts.add('requests', START + each * 30 * SECOND);
  expect(counts.read('requests', START + 9 * 30 * SECOND)).toBe(10);
  expect(counts.read('requests', START + 12 * 30 * SECOND)).toBe(7);
  expect(counts.read('requests', START + 9 * 30 * SECOND + WINDOW_MS)).toBe(0);
});

test('a ramp never falls', () => {
  const steps = [
    [5, 30],
    [10, 50],
    [40, 92],
  ] as const;
  const values = Array.from({ length: 60 }, (_, count) => ramp(count, steps));
  expect(values).toEqual(values.toSorted((a, b) => a - b));
  expect([ramp(4, steps), ramp(5, steps), ramp(100, steps)]).toEqual([0, 30, 92]);
});

test('an anomaly is what is far from the usual, once the usual is known', () => {
  const anomalies = createAnomalies();
  const principal = 'user:ada';
  const minute = (index: number, requests: number) => {
    for (let each = 0; each < requests; each += 1)
      anomalies.record(
        { principal, route: `/api/r${each % 4}`, status: 200 },
        START + index * 60 * SECOND,
      );
    return anomalies.reasonsFor(principal, START + index * 60 * SECOND + 1);
  };
  expect(minute(0, 500)).toEqual([]);
  for (let index = 1; index <= WARM_UP + 10; index += 1)
    expect(minute(index, 8 + (index % 5))).toEqual([]);
  const [reason] = minute(WARM_UP + 11, 200);
  expect(reason).toMatchObject({ category: 'anomaly', rule: 'anomaly.requests' });
  expect(reason?.points).toBeGreaterThanOrEqual(10);
  expect(reason?.points).toBeLessThan(DEFAULT_THRESHOLDS.medium);
});

test('outliers of the past do not hide the next one', () => {
  const usual = [10, 11, 9, 10, 12, 10, 9, 11, 10, 10];
  expect(robustZ(100, usual)).toBeGreaterThan(50);
  expect(robustZ(100, [...usual, 900, 950])).toBeGreaterThan(20);
  expect(robustZ(11, usual)).toBeLessThan(3.5);
  expect(robustZ(2, usual)).toBe(0);
});

test('a person at a new place is noticed after a restart too, and only until it is usual', () => {
  const home = {
    principal: 'user:ada',
    address: '198.51.100.7',
    userAgent: 'Mozilla/5.0 (X11; Linux) Firefox/140',
  };
  const first = createProfiles();
  const minutes = (count: number) =>
    Array.from({ length: count }, (_, index) => START + index * 60 * SECOND);
  first.record(home, START);
  first.load('user:ada', null);
  for (const now of minutes(60)) first.record(home, now);
  expect(first.reasonsFor(home, START + 3_600 * SECOND)).toEqual([]);
  const [[, stored] = []] = first.takeChanged();
  if (stored === undefined) throw new Error('nothing was to be stored');

  const second = createProfiles();
  const away = { ...home, address: '203.0.113.50', userAgent: 'curl/8.11' };
  second.record(away, START);
  expect(second.takeUnread()).toEqual(['user:ada']);
  expect(second.reasonsFor(away, START)).toEqual([]);
  second.load('user:ada', structuredClone(stored));
  const rules = second.reasonsFor(away, START).map(({ rule }) => rule);
  expect(rules).toEqual(['behaviour.new_network', 'behaviour.new_browser']);
  expect(second.reasonsFor(home, START)).toEqual([]);
  for (const now of minutes(12)) second.record(away, now + 60 * SECOND);
  expect(second.reasonsFor(away, START)).toEqual([]);
});
