import type { ThreatReason } from '@automatos/contracts';
import { RecentlyUsed } from './window.ts';

/** Day of the epoch on which it was last seen, and in how many minutes it was. */
type Seen = [day: number, minutes: number];

/** Where, with what and when a person is usually here. */
export interface PersonProfile {
  /** Networks (/24 and /48). */
  networks: Record<string, Seen>;
  /** Kinds of browser, without versions. */
  agents: Record<string, Seen>;
  /** Requests per hour of the day, UTC, at most one a minute. */
  hours: number[];
  /** Minutes with requests. */
  minutes: number;
}

/** Minutes with requests before anything is new: whoever is new is new everywhere. */
export const PROFILE_WARM_UP = 30;
/** Minutes that a network or browser stays new. */
const NEW_MINUTES = 10;
const PERSONS_MAX = 5_000;
const ENTRIES_MAX = 50;
const DAYS_KEPT = 90;
const DAY_MS = 86_400_000;

export interface Sighting {
  principal: string;
  address: string;
  userAgent: string;
}

export interface Profiles {
  reasonsFor(sighting: Sighting, now: number): ThreatReason[];
  record(sighting: Sighting, now: number): void;
  /** Persons seen for the first time by this process, whose stored profile is to be read; each is given once. */
  takeUnread(): string[];
  /** Gives what is stored; null when nothing is. */
  load(principal: string, profile: PersonProfile | null): void;
  /** Profiles that changed since they were last taken. */
  takeChanged(): [string, PersonProfile][];
}

interface Known {
  profile: PersonProfile;
  /** False while the stored profile was not read: nothing is new until then. */
  isRead: boolean;
  isChanged: boolean;
  lastMinute: number;
}

/** Notices a person at a place, with a browser or at an hour that are new for them. Keys are not people and have none. */
export function createProfiles(options: { personsMax?: number } = {}): Profiles {
  const persons = new RecentlyUsed<Known>(options.personsMax ?? PERSONS_MAX);
  const unread = new Set<string>();
  const isNew = (entries: Record<string, Seen>, name: string, now: number) => {
    const [day, minutes] = (Object.hasOwn(entries, name) ? entries[name] : undefined) ?? [0, 0];
    return minutes < NEW_MINUTES || Math.floor(now / DAY_MS) - day > DAYS_KEPT;
  };

  return {
    reasonsFor({ principal, address, userAgent }, now) {
      const known = persons.get(principal);
      if (known === undefined || !known.isRead) return [];
      const { profile } = known;
      if (profile.minutes < PROFILE_WARM_UP) return [];
      const reasons: ThreatReason[] = [];
      if (isNew(profile.networks, networkOf(address), now))
        reasons.push(unusual('new_network', 12, 'This person was never here from this network.'));
      if (isNew(profile.agents, browserOf(userAgent), now))
        reasons.push(unusual('new_browser', 9, 'This person was never here with this browser.'));
      if (isRareHour(profile, now))
        reasons.push(unusual('unusual_hour', 5, 'This person is hardly ever here at this hour.'));
      return reasons;
    },
    record({ principal, address, userAgent }, now) {
      const known = persons.take(principal, () => {
        unread.add(principal);
        return { profile: emptyProfile(), isRead: false, isChanged: false, lastMinute: 0 };
      });
      const minute = Math.floor(now / 60_000);
      if (known.lastMinute === minute) return;
      known.lastMinute = minute;
      remember(known.profile, { network: networkOf(address), browser: browserOf(userAgent), now });
      known.isChanged = true;
    },
    takeUnread() {
      const taken = [...unread];
      unread.clear();
      return taken;
    },
    load(principal, stored) {
      const known = persons.get(principal);
      if (known === undefined) return;
      if (stored !== null) known.profile = merge(stored, known.profile);
      known.isRead = true;
    },
    takeChanged() {
      const changed: [string, PersonProfile][] = [];
      for (const [principal, known] of persons.entries()) {
        if (!known.isChanged || !known.isRead) continue;
        known.isChanged = false;
        changed.push([principal, known.profile]);
      }
      return changed;
    },
  };
}

const emptyProfile = (): PersonProfile => ({
  networks: {},
  agents: {},
  hours: Array.from({ length: 24 }, () => 0),
  minutes: 0,
});

function remember(
  profile: PersonProfile,
  seen: { network: string; browser: string; now: number },
): void {
  const day = Math.floor(seen.now / DAY_MS);
  profile.networks = keep(profile.networks, seen.network, day);
  profile.agents = keep(profile.agents, seen.browser, day);
  const hour = new Date(seen.now).getUTCHours();
  profile.hours[hour] = (profile.hours[hour] ?? 0) + 1;
  profile.minutes += 1;
}

function keep(entries: Record<string, Seen>, name: string, day: number): Record<string, Seen> {
  const minutes = (Object.hasOwn(entries, name) ? entries[name]?.[1] : 0) ?? 0;
  const next: Record<string, Seen> = { ...entries, [name]: [day, minutes + 1] };
  const names = Object.keys(next);
  if (names.length <= ENTRIES_MAX) return next;
  const byAge = names.toSorted((a, b) => dayOf(next, b) - dayOf(next, a)).slice(0, ENTRIES_MAX);
  return Object.fromEntries(byAge.map((each) => [each, next[each] ?? [day, 1]]));
}

const dayOf = (entries: Record<string, Seen>, name: string) => entries[name]?.[0] ?? 0;

function merge(stored: PersonProfile, seen: PersonProfile): PersonProfile {
  return {
    networks: sum(stored.networks, seen.networks),
    agents: sum(stored.agents, seen.agents),
    hours: stored.hours.map((count, hour) => count + (seen.hours[hour] ?? 0)),
    minutes: stored.minutes + seen.minutes,
  };
}

function sum(a: Record<string, Seen>, b: Record<string, Seen>): Record<string, Seen> {
  const both = { ...a };
  for (const [name, [day, minutes]] of Object.entries(b))
    both[name] = [Math.max(day, dayOf(a, name)), minutes + (a[name]?.[1] ?? 0)];
  return both;
}

/** An hour and its neighbours that hold less than one in a hundred of a person's minutes, once there are many. */
function isRareHour({ hours, minutes }: PersonProfile, now: number): boolean {
  if (minutes < 300) return false;
  const hour = new Date(now).getUTCHours();
  const near = [23, 0, 1].reduce((sum, step) => sum + (hours[(hour + step) % 24] ?? 0), 0);
  return near / minutes < 0.01;
}

/** The /24 of an IPv4 address, the /48 of an IPv6 one. */
export function networkOf(address: string): string {
  if (address.includes('.')) return address.slice(0, address.lastIndexOf('.'));
  return address.split(':').slice(0, 3).join(':');
}

/** Browser and system without their versions. */
export function browserOf(userAgent: string): string {
  const name =
    /\b(?:edg|opr|firefox|chrome|safari|curl|python|node|go-http|java|wget|postman)\w*/i.exec(
      userAgent,
    );
  const system = /\b(?:windows|mac os|android|iphone|ipad|linux|cros)\b/i.exec(userAgent);
  return `${name?.[0] ?? 'other'} ${system?.[0] ?? ''}`.trim().toLowerCase();
}

function unusual(name: string, points: number, why: string): ThreatReason {
  return {
    category: 'behaviour',
    rule: `behaviour.${name}`,
    points,
    why,
    where: 'behaviour',
    excerpt: '',
    decoded: [],
  };
}
