import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentFixture } from './agent-fixture.fixture.ts';
import { copyFixtureFiles, readExpected } from './evaluate-agent.fixture.ts';
import type { TurnResult } from '../runtime/runtime-types.ts';

const STEPS = 1152;
const STEP_MS = 300_000;
const START_MS = Date.UTC(2026, 2, 2);
const DAY = 288;

/** Noise that is the same each time: sums of an even generator are near to normal. */
function createNoise(seed: number): () => number {
  let state = seed;
  const even = () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
  return () => even() + even() + even() + even() + even() + even() - 3;
}

function timeAt(step: number): string {
  return new Date(START_MS + step * STEP_MS).toISOString();
}

function daily(step: number, height: number): number {
  return height * Math.sin((step / DAY) * 2 * Math.PI);
}

type Column = (step: number) => number | null;

/** Columns of `host.csv`: what is planted, and beside it what only looks odd. */
function hostColumns(): Record<string, Column> {
  const noise = createNoise(7);
  const wanted: Record<string, Column> = {
    // Three values far above what is usual at that hour.
    cpu_usage_percent: (step) =>
      45 + daily(step, 20) + noise() + (step >= 500 && step < 503 ? 48 : 0),
    // A leak: grows in a line.
    memory_used_bytes: (step) => 2e9 + step * 1.5e6 + noise() * 2e7,
    // Another level from step 700 on.
    queue_depth: (step) => (step < 700 ? 20 : 60) + noise() * 3,
    // The sensor hangs from step 900 on.
    temperature_celsius: (step) => (step >= 900 && step < 1040 ? 41.5 : 40 + noise()),
    // Twelve values are missing.
    fan_speed_rpm: (step) => (step >= 300 && step < 312 ? null : 1800 + noise() * 40),
    // Innocent: a nightly job, a constant, a setting that was changed by hand twice and back, a quiet random series.
    backup_throughput: (step) => 5 + noise() + (step % DAY >= 24 && step % DAY < 27 ? 80 : 0),
    build_info: () => 1,
    worker_limit: (step) => (step % 400 < 200 ? 8 : 8),
    latency_noise_ms: () => 120 + noise() * 10,
  };
  return wanted;
}

function hostCsv(): string {
  const columns = Object.entries(hostColumns());
  const rows = Array.from({ length: STEPS }, (_, step) =>
    [
      timeAt(step),
      ...columns.map(([, at]) => {
        const value = at(step);
        return value === null ? '' : value.toFixed(3);
      }),
    ].join(','),
  );
  return `time,${columns.map(([name]) => name).join(',')}\n${rows.join('\n')}\n`;
}

/** Requests by status; for an hour one of eight fails. */
function requestCounters(): string {
  const noise = createNoise(11);
  const sums = { '200': 0, '500': 0 };
  const lines = ['# HELP http_requests_total Requests.', '# TYPE http_requests_total counter'];
  for (let step = 0; step < STEPS; step++) {
    const requests = Math.round(3000 + daily(step, 800) + noise() * 30);
    const failed = step >= 800 && step < 812 ? Math.round(requests / 8) : step % 2;
    sums['200'] += requests - failed;
    sums['500'] += failed;
    // Restarted at step 400: counters begin anew, which is no anomaly.
    if (step === 400) Object.assign(sums, { '200': requests, '500': 0 });
    for (const [code, sum] of Object.entries(sums))
      lines.push(`http_requests_total{code="${code}"} ${sum} ${START_MS + step * STEP_MS}`);
  }
  return `${lines.join('\n')}\n`;
}

/** The answer of a range query: one series that scatters four times as much from the middle on, one with a sudden drop. */
function rangeQuery(): string {
  const noise = createNoise(13);
  const values = (at: (step: number) => number) =>
    Array.from({ length: STEPS }, (_, step) => [START_MS / 1000 + step * 300, at(step).toFixed(4)]);
  return JSON.stringify(
    {
      status: 'success',
      data: {
        resultType: 'matrix',
        result: [
          {
            metric: { __name__: 'response_seconds', route: '/pay' },
            values: values((step) => 0.4 + noise() * (step < 576 ? 0.01 : 0.05)),
          },
          {
            metric: { __name__: 'payload_bytes' },
            values: values((step) => (step === 250 ? 20 : 900) + noise() * 12),
          },
        ],
      },
    },
    null,
    1,
  );
}

/** Six hours of a service; for half an hour its database refuses connections. */
function serviceLog(): string {
  const lines: string[] = [];
  for (let index = 0; index < 2160; index++) {
    const time = new Date(START_MS + 66 * 3_600_000 + index * 10_000).toISOString();
    const down = index >= 1080 && index < 1260;
    if (down)
      lines.push(
        `${time} ERROR [pool-${index % 5}] connection to 10.0.0.${index % 9}:5432 refused after ${index} ms`,
        '    at connect (pool.js:12:3)',
      );
    else lines.push(`${time} INFO request ${index} served in ${index % 90} ms`);
    // Looks like an error and is none.
    if (index % 300 === 7)
      lines.push(`${time} INFO retry of job ${index} after error was successful`);
    if (index === 1259) lines.push(`${time} FATAL worker ran out of memory, restarting`);
  }
  return `${lines.join('\n')}\n`;
}

interface SuggestedRule {
  alert: string;
  expr: string;
}

/** Holds the offered bound of the processor against the data: it must fire for the three planted values and no other one. */
function verify(result: TurnResult, made: ReadonlyMap<string, string>): Promise<string[]> {
  const problems: string[] = [];
  const output = result.tools['alert_rule_suggest']?.output as {
    rules?: SuggestedRule[];
    refused?: unknown[];
  } | null;
  const rules = output?.rules ?? [];
  const bound = Number(
    /^cpu_usage_percent > ([\d.]+)$/.exec(
      rules.find(({ expr }) => expr.startsWith('cpu_usage_percent'))?.expr ?? '',
    )?.[1] ?? Number.NaN,
  );
  const cpu = hostCsv()
    .split('\n')
    .slice(1, -1)
    .map((line) => Number(line.split(',')[1]));
  const fires = cpu.flatMap((value, step) => (value > bound ? [step] : []));
  if (JSON.stringify(fires) !== '[500,501,502]')
    problems.push(
      `the rule for cpu_usage_percent (${bound}) fires at ${JSON.stringify(fires.slice(0, 10))}`,
    );
  for (const wanted of [
    /absent_over_time\(fan_speed_rpm/,
    /changes\(temperature_celsius/,
    /predict_linear\(memory_used_bytes/,
    /http_requests_total\{code=~"5\.\."\}\[1h\]/,
  ])
    if (!rules.some(({ expr }) => wanted.test(expr))) problems.push(`no rule has ${wanted.source}`);
  for (const file of ['alert-rules.yaml', 'slo-alerts.yaml'])
    if (!(made.get(file) ?? '').startsWith('groups:\n'))
      problems.push(`${file} is missing or holds no groups`);
  return Promise.resolve(problems);
}

export const monitoringFixture: AgentFixture = {
  agent: 'monitoring',
  async prepare(folder) {
    await copyFixtureFiles('monitoring', folder);
    await mkdir(join(folder, 'metrics'));
    await mkdir(join(folder, 'logs'));
    await writeFile(join(folder, 'metrics/host.csv'), hostCsv());
    await writeFile(join(folder, 'metrics/http.prom'), requestCounters());
    await writeFile(join(folder, 'metrics/range.json'), rangeQuery());
    await writeFile(join(folder, 'logs/service.log'), serviceLog());
    return {
      task: {
        task_type: 'monitoring',
        target: folder,
        parameters: { slo: { objective: 0.999, window: '30d' } },
      },
      expected: await readExpected('monitoring'),
      verify,
    };
  },
};
