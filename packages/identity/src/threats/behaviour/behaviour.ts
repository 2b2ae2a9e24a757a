import type { ThreatReason } from '@automatos/contracts';
import { RecentDistinct, RecentlyUsed, SlidingCounts } from './window.ts';

/** What is known of a request once it was answered. */
export interface AnsweredRequest {
  address: string;
  /** `user:<id>`, `api_key:<id>`; null for nobody. */
  principal: string | null;
  method: string;
  /** Template of the route; null when there is none. */
  route: string | null;
  /** Ids that stood in the path. */
  ids: readonly string[];
  status: number;
  /** Whether it tried to prove somebody, and as whom. */
  signIn: { account: string | null } | null;
}

export interface Caller {
  address: string;
  principal: string | null;
  /** Account that this request wants to sign in to. */
  account: string | null;
}

export interface Behaviour {
  /** What a caller did lately that honest ones do not; nothing when there is too little to say. */
  reasonsFor(caller: Caller, now: number): ThreatReason[];
  record(answered: AnsweredRequest, now: number): void;
  /** Callers remembered, for tests of the bound. */
  readonly size: number;
}

/** Callers remembered at most, about 1 KiB each; who was quiet for longest is forgotten first. */
const CALLERS_MAX = 20_000;

interface Doings {
  counts: SlidingCounts;
  /** Ids that were asked for and refused or not there. */
  missed: RecentDistinct;
  /** Ids that were read. */
  read: RecentDistinct;
  /** Accounts whose sign-in failed from here. */
  accounts: RecentDistinct;
}

type Steps = readonly (readonly [count: number, points: number])[];

/** Points of a count by straight lines between the steps: never less for more. */
export function ramp(count: number, steps: Steps): number {
  let [lowCount, lowPoints] = [0, 0];
  const [first] = steps;
  if (first === undefined || count < first[0]) return 0;
  for (const [stepCount, stepPoints] of steps) {
    if (count < stepCount) {
      const share = (count - lowCount) / (stepCount - lowCount);
      return Math.round(lowPoints + share * (stepPoints - lowPoints));
    }
    [lowCount, lowPoints] = [stepCount, stepPoints];
  }
  return lowPoints;
}

interface Sign {
  rule: string;
  why: (count: number) => string;
  steps: Steps;
  count: (doings: Doings, now: number) => number;
}

/** What is looked at for every caller, each as a number of the last five minutes. */
const SIGNS: readonly Sign[] = [
  {
    rule: 'behaviour.brute_force',
    why: (count) => `${count} sign-ins failed within five minutes.`,
    steps: [
      [5, 30],
      [10, 50],
      [20, 75],
      [40, 92],
    ],
    count: ({ counts }, now) => counts.read('signInFailed', now),
  },
  {
    rule: 'behaviour.credential_stuffing',
    why: (count) => `Sign-ins to ${count} different accounts failed within five minutes.`,
    steps: [
      [3, 35],
      [6, 68],
      [12, 92],
    ],
    count: ({ accounts }, now) => accounts.size(now),
  },
  {
    rule: 'behaviour.enumeration',
    why: (count) => `${count} different ids were asked for that are not there or not theirs.`,
    steps: [
      [12, 25],
      [25, 48],
      [60, 75],
      [150, 92],
    ],
    count: ({ missed }, now) => missed.size(now),
  },
  {
    rule: 'behaviour.scanning',
    why: (count) => `${count} requests went to addresses that do not exist.`,
    steps: [
      [10, 25],
      [25, 50],
      [60, 75],
      [120, 92],
    ],
    count: ({ counts }, now) => counts.read('unknownRoute', now),
  },
  {
    rule: 'behaviour.forbidden',
    why: (count) => `${count} requests asked for what the caller may not do.`,
    steps: [
      [15, 25],
      [40, 50],
      [100, 75],
    ],
    count: ({ counts }, now) => counts.read('forbidden', now),
  },
  {
    rule: 'behaviour.bad_credentials',
    why: (count) => `${count} requests came without valid credentials.`,
    steps: [
      [30, 25],
      [80, 45],
      [200, 70],
    ],
    count: ({ counts }, now) => counts.read('unauthenticated', now),
  },
  {
    rule: 'behaviour.pushing_limits',
    why: (count) => `${count} requests came although the limit was reached.`,
    steps: [
      [30, 20],
      [100, 40],
      [300, 68],
    ],
    count: ({ counts }, now) => counts.read('limited', now),
  },
  {
    rule: 'behaviour.scraping',
    why: (count) => `${count} different objects were read one by one within five minutes.`,
    steps: [
      [250, 22],
      [500, 42],
      [1_000, 66],
    ],
    count: ({ read }, now) => read.size(now),
  },
];

/** Remembers what callers do over five minutes, by address and by principal, and says what of it looks like an attack. */
export function createBehaviour(options: { callersMax?: number } = {}): Behaviour {
  const callers = new RecentlyUsed<Doings>(options.callersMax ?? CALLERS_MAX);
  /** Addresses from which sign-ins to an account failed. */
  const attackers = new RecentlyUsed<RecentDistinct>(options.callersMax ?? CALLERS_MAX);

  return {
    get size() {
      return callers.size;
    },
    reasonsFor(caller, now) {
      const known = keysOf(caller).flatMap((key) => callers.get(key) ?? []);
      const reasons = SIGNS.flatMap((sign) => {
        const count = Math.max(0, ...known.map((doings) => sign.count(doings, now)));
        const points = ramp(count, sign.steps);
        return points === 0 ? [] : [reason(sign.rule, points, sign.why(count))];
      });
      const spread = spreadOf(caller, now);
      return spread === undefined ? reasons : [...reasons, spread];
    },
    record(answered, now) {
      for (const key of keysOf(answered)) {
        const doings = callers.take(key, () => ({
          counts: new SlidingCounts(),
          missed: new RecentDistinct(),
          read: new RecentDistinct(),
          accounts: new RecentDistinct(),
        }));
        note(doings, answered, now);
      }
      const account = answered.signIn?.account;
      if (account != null && isRefused(answered))
        attackers.take(account, () => new RecentDistinct()).add(answered.address, now);
    },
  };

  /** One account, many addresses: counts against those that failed before, so its owner elsewhere is not kept out. */
  function spreadOf(caller: Caller, now: number): ThreatReason | undefined {
    if (caller.account === null) return undefined;
    const from = attackers.get(caller.account);
    if (from === undefined || !from.has(caller.address, now)) return undefined;
    const count = from.size(now);
    const points = ramp(count, [
      [3, 40],
      [8, 68],
      [20, 90],
    ]);
    const why = `Sign-ins to this account failed from ${count} addresses within five minutes.`;
    return points === 0 ? undefined : reason('behaviour.distributed_guessing', points, why);
  }
}

function keysOf({ address, principal }: { address: string; principal: string | null }): string[] {
  // Whoever is proven counts as themselves; many people may share an address.
  return principal === null ? [`address ${address}`] : [`principal ${principal}`];
}

const isRefused = ({ status }: AnsweredRequest) =>
  status === 401 || status === 403 || status === 422;

function note(doings: Doings, answered: AnsweredRequest, now: number): void {
  const { counts } = doings;
  const { status, route, ids, method, signIn } = answered;
  counts.add('requests', now);
  if (signIn !== null && isRefused(answered)) {
    counts.add('signInFailed', now);
    if (signIn.account !== null) doings.accounts.add(signIn.account, now);
    return;
  }
  if (status === 401) counts.add('unauthenticated', now);
  if (status === 403) counts.add('forbidden', now);
  if (status === 429) counts.add('limited', now);
  if (status === 404) counts.add(route === null ? 'unknownRoute' : 'notFound', now);
  if (route === null) return;
  if (status === 404 || status === 403) for (const id of ids) doings.missed.add(id, now);
  else if (method === 'GET' && status === 200) for (const id of ids) doings.read.add(id, now);
}

function reason(rule: string, points: number, why: string): ThreatReason {
  const category = rule.startsWith('anomaly') ? 'anomaly' : 'behaviour';
  return { category, rule, points, why, where: 'behaviour', excerpt: '', decoded: [] };
}
