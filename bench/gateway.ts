/**
 * What the /v1 endpoint adds to a call of a model, with sign-in, budget, cost and logging on, beside a bare proxy, Portkey's gateway and
 * the direct call, all in one run: `node bench/gateway.ts [--rounds 5] [--ms 400]`. Portkey: `npm ci --prefix bench/foreign --ignore-scripts`.
 */
import { parseArgs } from 'node:util';
import { createTestDatabase } from '@automatos/database/testing';
import {
  load,
  memoryOf,
  startBare,
  startOurs,
  startPortkey,
  startVendor,
} from './gateway-parts.ts';
import type { Contender, Ours, Sample } from './gateway-parts.ts';
import { median, table } from './measure.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    ms: { type: 'string', default: '400' },
    only: { type: 'string' },
    profile: { type: 'string' },
  },
});
const ROUNDS = Number(values.rounds);
const MS = Number(values.ms);
const AT = [1, 16, 64];

/** Medians of rounds by contender, mode and connections. */
const figures = new Map<string, number[]>();
const note = (key: string, value: number) => figures.set(key, [...(figures.get(key) ?? []), value]);
const figure = (key: string) => median(figures.get(key) ?? [Number.NaN]);
const p50 = (samples: readonly Sample[], pick: (sample: Sample) => number) =>
  median(samples.map(pick));

function noteRound(
  { contender, stream, at }: { contender: Contender; stream: boolean; at: number },
  samples: readonly Sample[],
): void {
  const key = `${contender.name} ${stream ? 'stream' : 'plain'} ${at}`;
  note(
    key,
    p50(samples, ({ ms }) => ms),
  );
  if (!stream) return;
  note(
    `${key} first`,
    p50(samples, ({ firstTokenMs }) => firstTokenMs),
  );
}

async function measure(contenders: readonly Contender[]): Promise<void> {
  const modes = [false, true].flatMap((stream) => AT.map((at) => ({ stream, at })));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const mode of modes) {
      for (const contender of contenders) {
        const samples = await load(contender, { ...mode, ms: MS });
        // The first round warms everything up.
        if (round > 0) noteRound({ contender, ...mode }, samples);
      }
    }
  }
}

function rows(contenders: readonly Contender[]) {
  const added = (name: string, suffix: string) =>
    figure(`${name} ${suffix}`) - figure(`direct ${suffix}`);
  const kinds = AT.flatMap((at) => [
    { what: `plain, ${at}`, suffix: `plain ${at}` },
    { what: `stream, ${at}`, suffix: `stream ${at}` },
    { what: `first token, ${at}`, suffix: `stream ${at} first` },
  ]);
  return kinds.map(({ what, suffix }) => ({
    'added p50, ms': what,
    direct: figure(`direct ${suffix}`).toFixed(2),
    ...Object.fromEntries(
      contenders
        .filter(({ name }) => name !== 'direct')
        .map(({ name }) => [name, added(name, suffix).toFixed(2)]),
    ),
    'ours ÷ bare': (added('ours', suffix) / added('bare proxy', suffix)).toFixed(2),
    'ours ÷ portkey': (added('ours', suffix) / added('portkey', suffix)).toFixed(2),
  }));
}

/** A first choice that is down: with its circuit closed each call asks it in vain, with it open none does. */
async function fallback(ours: Ours): Promise<Record<string, string>[]> {
  const model = 'openai-compatible/down';
  const settings = await ours.api<{ settings: object; version: number }>(
    'GET',
    '/api/providers/router',
  );
  const put = async (breaker: object) => {
    const { version } = await ours.api<{ version: number }>('GET', '/api/providers/router');
    const chain = [{ provider: 'openai', model: 'gpt-5.4-mini' }];
    await ours.api(
      'PUT',
      '/api/providers/router',
      { ...settings.settings, chain, breaker },
      { 'if-match': `"${version}"` },
    );
  };
  const never = { consecutive_failures: 100, failure_rate: 1, min_calls: 10_000 };
  const result: Record<string, string>[] = [];
  for (const [what, breaker] of [
    ['closed', never],
    ['open', { consecutive_failures: 1 }],
  ] as const) {
    await put(breaker);
    const p50s: number[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const samples = await load(ours, { stream: false, at: 1, ms: MS, model });
      if (round > 0) p50s.push(p50(samples, ({ ms }) => ms));
    }
    const direct = figure('direct plain 1');
    result.push({
      'fallback, circuit': what,
      'added p50, ms': (median(p50s) - direct).toFixed(2),
      '÷ bare': ((median(p50s) - direct) / (figure('bare proxy plain 1') - direct)).toFixed(2),
    });
  }
  return result;
}

/** A day's budget that this run cannot use up, so that each call is held against it. */
async function setBudget(ours: Ours): Promise<string> {
  try {
    await ours.api('POST', '/api/budgets', {
      name: 'bench',
      window: 'day',
      limit_micros: 1_000_000_000_000,
    });
    return 'on';
  } catch (error) {
    return `off (${String(error).slice(0, 200)})`;
  }
}

const own = await createTestDatabase();
const [vendor, down] = await Promise.all([startVendor(), startVendor('down')]);
const ours = await startOurs(vendor, {
  databaseUrl: own.url,
  down,
  flags: values.profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', values.profile],
});
const others =
  values.only === undefined ? [await startBare(vendor), await startPortkey(vendor)] : [];
const contenders = [vendor, ...others.filter((each) => each !== null), ours];
try {
  process.stdout.write(`budget: ${await setBudget(ours)}\n`);
  await measure(contenders);
  process.stdout.write(`${table(rows(contenders))}\n\n`);
  const memory = await Promise.all(
    contenders.map(async (each) => ({
      process: each.name,
      'memory MB': Math.round(await memoryOf(each)),
    })),
  );
  process.stdout.write(`${table(memory)}\n\n`);
  process.stdout.write(`${table(await fallback(ours))}\n`);
} finally {
  const stopped = new Promise((resolve) => ours.child.once('exit', resolve));
  ours.child.kill('SIGTERM');
  await stopped;
  for (const { child } of [...contenders, down]) child.kill();
  await own.close();
}
process.exit();
