import type { Finding } from '@automatos/contracts';
import type { Encoded, Outcome } from './observe.ts';
import type { Observation } from './write-test-file.ts';

/** What two rounds of the same calls agreed on. */
export interface Agreement {
  observations: Observation[];
  /** Why nothing is left; undefined when something is. */
  reason?: string;
}

/** Keeps the cases that ended the same way in both rounds, one of each result first. */
export function agree(
  cases: readonly (readonly string[])[],
  rounds: readonly [readonly Outcome[], readonly Outcome[]],
  keepMax: number,
): Agreement {
  const [first, second] = rounds;
  const same = first.map(
    (outcome, index) => JSON.stringify(outcome) === JSON.stringify(second[index]),
  );
  if (same.includes(false)) return { observations: [], reason: 'gives another result each time' };
  const usable = cases.flatMap((args, index): Observation[] => {
    const outcome = first[index];
    if (outcome === undefined || outcome.kind === 'unusable' || isDoubtful(outcome)) return [];
    return [{ args, outcome }];
  });
  if (usable.length === 0) {
    const why = first.find((outcome) => outcome.kind === 'unusable');
    const reason = why?.kind === 'unusable' ? why.why : 'fails or gives NaN in every case';
    return { observations: [], reason };
  }
  const byOutcome = [...Map.groupBy(usable, ({ outcome }) => JSON.stringify(outcome)).values()];
  const chosen: Observation[] = [];
  for (let round = 0; chosen.length < keepMax && round < usable.length; round += 1)
    for (const group of byOutcome) {
      const one = group[round];
      if (one !== undefined && chosen.length < keepMax) chosen.push(one);
    }
  return { observations: chosen };
}

/** A crash or NaN is reported; a test that demands it would keep the defect. */
function isDoubtful(outcome: Outcome): boolean {
  return outcome.kind === 'throws'
    ? !outcome.own
    : outcome.kind === 'value' && holdsNaN(outcome.value);
}

function holdsNaN(value: Encoded): boolean {
  if (value.t === 'number') return value.v === 'NaN';
  if (value.t === 'array') return value.v.some(holdsNaN);
  return value.t === 'object' && value.v.some(([, each]) => holdsNaN(each));
}

export interface Place {
  name: string;
  path: string;
  line: number;
  lineText: string;
}

/** What the calls themselves brought to light: a crash, or NaN, on values that the types allow. */
export function boundaryFindings(
  { name, path, line, lineText }: Place,
  cases: readonly (readonly string[])[],
  outcomes: readonly Outcome[],
): Finding[] {
  const calls = cases.map((args, index) => ({
    call: `${name}(${args.join(', ')})`,
    allowed: !args.some((arg) => arg.includes('NaN') || arg.includes('Infinity')),
    outcome: outcomes[index],
  }));
  const place = { location: { path, line }, evidence: lineText, tool: 'generate_tests' };
  const crash = calls.find(({ outcome }) => outcome?.kind === 'throws' && !outcome.own);
  const nan = calls.find(
    ({ outcome, allowed }) => allowed && outcome?.kind === 'value' && holdsNaN(outcome.value),
  );
  const findings: Finding[] = [];
  if (crash?.outcome?.kind === 'throws')
    findings.push({
      rule: 'testing.boundary_crash',
      severity: 'medium',
      message: `${crash.call} fails with ${crash.outcome.name}: ${crash.outcome.message.slice(0, 200)}, though its types allow the call.`,
      ...place,
      fix: 'Handle the value, or refuse it with an error that says what is allowed.',
    });
  if (nan !== undefined)
    findings.push({
      rule: 'testing.boundary_nan',
      severity: 'medium',
      message: `${nan.call} gives NaN.`,
      ...place,
      fix: 'Say what the result of this call is, and return or refuse accordingly.',
    });
  return findings;
}
