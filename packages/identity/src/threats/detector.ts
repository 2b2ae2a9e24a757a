import type { ThreatReason } from '@automatos/contracts';
import { newId } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { createAddressTest, isLoopback } from './address-list.ts';
import { createAnomalies } from './behaviour/anomaly.ts';
import { createBehaviour } from './behaviour/behaviour.ts';
import { createProfiles } from './behaviour/profiles.ts';
import type { Profiles } from './behaviour/profiles.ts';
import { cleanText } from './excerpt.ts';
import { matchRules } from './match-rules.ts';
import type { Finding } from './match-rules.ts';
import { actionOf, combine, levelOf } from './score.ts';
import { accountOf, idsIn, isSignIn } from './sign-ins.ts';
import { collectTexts } from './texts/collect-texts.ts';
import type { Assessment, RequestFacts, ThreatSettings } from './threat-types.ts';

/** A session in which the person proved themselves so lately passes a challenge. */
export const STEP_UP_FRESH_MS = 10 * 60_000;
const REASONS_MAX = 12;

export interface DetectorDeps {
  clock: Clock;
  /** Settings of a workspace, or of the platform for null; from memory. */
  settingsOf: (workspaceId: WorkspaceId | null) => ThreatSettings;
  /** Microseconds of a clock that only goes forward, for how long an assessment took. */
  nowUs?: () => number;
}

/** The judgement on requests: rules, behaviour and habits of callers. All of it is in memory and synchronous. */
export interface Detector {
  /** What a request looks like. Changes nothing. */
  assess(facts: RequestFacts): Assessment;
  /** Learns from how it was answered. */
  record(facts: RequestFacts, status: number): void;
  profiles: Profiles;
}

export function createDetector(deps: DetectorDeps): Detector {
  const { clock, settingsOf } = deps;
  const nowUs = deps.nowUs ?? (() => performance.now() * 1_000);
  const watcher = createWatcher();
  const allowed = createAllowedTest();
  const isSpared = ({ caller, address }: RequestFacts, settings: ThreatSettings) =>
    caller?.kind === 'operator' || isLoopback(address) || allowed(settings, address);

  return {
    profiles: watcher.profiles,
    assess(facts) {
      const startedAt = nowUs();
      const now = clock.now();
      const workspaceId = facts.caller?.workspaceId ?? null;
      const settings = settingsOf(workspaceId);
      const disabled = new Set(settings.disabled_categories);
      const findings = matchRules(collectTexts(facts), disabled);
      const seen = watcher.reasonsFor(facts, now).filter(({ category }) => !disabled.has(category));
      const reasons = [...findings, ...seen];
      const isPerson = facts.caller?.kind === 'user';
      const { level, action } = judge(reasons, findings, { settings, isPerson });
      return {
        ...describe(facts, { now, workspaceId, reasons }),
        level,
        action,
        enforced:
          action !== 'allow' &&
          settings.mode === 'enforce' &&
          !isSpared(facts, settings) &&
          !(action === 'challenge' && isFresh(facts, now)),
        durationUs: Math.round(nowUs() - startedAt),
      };
    },
    record: (facts, status) => watcher.record(facts, { status, now: clock.now() }),
  };
}

/** What callers do over time: behaviour, habits, and where people are. */
function createWatcher() {
  const behaviour = createBehaviour();
  const anomalies = createAnomalies();
  const profiles = createProfiles();
  const sightingOf = ({ caller, address, headers }: RequestFacts) =>
    caller?.kind === 'user'
      ? { principal: `user:${caller.id}`, address, userAgent: headers['user-agent'] ?? '' }
      : null;
  return {
    profiles,
    reasonsFor(facts: RequestFacts, now: number): ThreatReason[] {
      const principal = principalKey(facts);
      const account = isSignIn(facts) ? accountOf(facts) : null;
      const sighting = sightingOf(facts);
      return [
        ...behaviour.reasonsFor({ address: facts.address, principal, account }, now),
        ...(principal === null ? [] : anomalies.reasonsFor(principal, now)),
        ...(sighting === null ? [] : profiles.reasonsFor(sighting, now)),
      ];
    },
    record(facts: RequestFacts, { status, now }: { status: number; now: number }): void {
      const principal = principalKey(facts);
      const { address, method, route, path } = facts;
      const signIn = isSignIn(facts) ? { account: accountOf(facts) } : null;
      const ids = idsIn(path);
      behaviour.record({ address, principal, method, route, ids, status, signIn }, now);
      const sighting = sightingOf(facts);
      if (principal !== null) anomalies.record({ principal, route: route ?? 'none', status }, now);
      if (sighting !== null) profiles.record(sighting, now);
    },
  };
}

/** What agents read is judged and never a reason to refuse: the walls around tools hold for tainted text, and a run may be about attacks. */
function judge(
  reasons: readonly ThreatReason[],
  findings: readonly Finding[],
  { settings, isPerson }: { settings: ThreatSettings; isPerson: boolean },
) {
  const texts = new Set<ThreatReason>(findings.filter(({ inText }) => inText));
  const level = levelOf(combine(reasons), settings.thresholds);
  const acting = combine(reasons.filter((reason) => !texts.has(reason)));
  return { level, action: actionOf(levelOf(acting, settings.thresholds), { isPerson }) };
}

function describe(
  facts: RequestFacts,
  {
    now,
    workspaceId,
    reasons,
  }: { now: number; workspaceId: WorkspaceId | null; reasons: readonly ThreatReason[] },
) {
  const { caller } = facts;
  const sorted = reasons.toSorted((a, b) => b.points - a.points);
  return {
    id: newId(now),
    workspaceId,
    at: now,
    score: combine(reasons),
    categories: [...new Set(sorted.map(({ category }) => category))],
    principal: {
      kind: caller?.kind ?? ('anonymous' as const),
      id: caller?.id ?? '',
      name: caller?.name ?? '',
    },
    address: facts.address.slice(0, 100),
    userAgent: cleanText(facts.headers['user-agent'] ?? '', 200),
    requestId: facts.requestId,
    method: facts.method,
    route: facts.route ?? cleanText(facts.path, 200),
    status: null,
    runId: null,
    reasons: sorted.slice(0, REASONS_MAX).map(toReason),
  };
}

function toReason(finding: ThreatReason): ThreatReason {
  const { category, rule, points, why, where, excerpt, decoded } = finding;
  return { category, rule, points, why, where, excerpt, decoded };
}

function isFresh({ caller }: RequestFacts, now: number): boolean {
  return caller?.verifiedAt !== undefined && now - caller.verifiedAt < STEP_UP_FRESH_MS;
}

function principalKey({ caller }: RequestFacts): string | null {
  return caller === null ? null : `${caller.kind}:${caller.id}`;
}

/** Keeps the parsed lists; settings are replaced as a whole when they change. */
function createAllowedTest() {
  const tests = new WeakMap<ThreatSettings, (address: string) => boolean>();
  return (settings: ThreatSettings, address: string): boolean => {
    if (settings.allowed_addresses.length === 0) return false;
    let test = tests.get(settings);
    if (test === undefined) {
      test = createAddressTest(settings.allowed_addresses);
      tests.set(settings, test);
    }
    return test(address);
  };
}
