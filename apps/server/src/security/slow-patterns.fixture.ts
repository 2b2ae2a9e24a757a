import { Worker } from 'node:worker_threads';

export interface Pattern {
  source: string;
  flags: string;
}

/** Runs inside of the worker: of each text and a longer one of the same kind the shortest of five times, in ms: a busy machine cannot lengthen all of them. */
const WORKER = `
const { parentPort, workerData } = require('node:worker_threads');
const time = (pattern, text) => {
  const each = [];
  for (let n = 0; n < 5; n += 1) {
    const from = performance.now();
    pattern.lastIndex = 0;
    pattern.test(text);
    each.push(performance.now() - from);
  }
  return Math.min(...each);
};
for (const { pattern, pairs } of workerData) {
  const regex = new RegExp(pattern.source, pattern.flags);
  const times = [];
  for (const texts of pairs) {
    times.push(texts.map((text) => time(regex, text)));
    parentPort.postMessage(null);
  }
  parentPort.postMessage(times);
}
`;
const CHARS = 2_000;
/** How much longer the second text is. */
const LONGER = 8;
/** What grows with the text takes eight times as long, what grows with its square sixty-four times. */
const GROWTH_MAX = 24;
/** Below this nothing can be measured, and nobody is kept waiting. */
const NOISE_MS = 4;
/** Processor time for one text; what is not done then is taken to have no end. */
const PATIENCE_MS = 1_500;
const LOOK_EVERY_MS = 100;

/** Texts made of what patterns like, and ended by what they do not. */
function hostileTexts({ source }: Pattern, chars: number): string[] {
  const liked = ['a', '0', 'a.', 'a-', 'a_', '-', '.', ' ', '/', 'a/', '{{a', '%', "'", '<', '\\'];
  const written = [...new Set(source.match(/[a-z0-9]{3,}/gi))].slice(0, 8);
  return [...liked, ...written].flatMap((piece) => {
    const text = piece.repeat(Math.ceil(chars / piece.length)).slice(0, chars);
    return [`${text}\u0000`, `a${text}!`];
  });
}

const isSlow = (times: [number, number][]) =>
  times.some(([short, long]) => long > NOISE_MS && long > GROWTH_MAX * short);

/** Those of the patterns that, in this one run, take longer by more than the text is longer, or do not end. */
export async function slowPatterns(patterns: readonly Pattern[]): Promise<string[]> {
  const slow: string[] = [];
  let rest = [...patterns];
  while (rest.length > 0) {
    const { measured, isStuck } = await measure(rest);
    measured.forEach((times, index) => {
      if (isSlow(times)) slow.push(rest[index]?.source ?? '');
    });
    if (isStuck) slow.push(rest[measured.length]?.source ?? '');
    rest = rest.slice(measured.length + Number(isStuck));
  }
  return slow;
}

/** Times of patterns in their order, until one does not end. */
async function measure(
  patterns: readonly Pattern[],
): Promise<{ measured: [number, number][][]; isStuck: boolean }> {
  const workerData = patterns.map((pattern) => {
    const long = hostileTexts(pattern, LONGER * CHARS);
    return {
      pattern,
      pairs: hostileTexts(pattern, CHARS).map((text, index) => [text, long[index] ?? '']),
    };
  });
  const worker = new Worker(WORKER, { eval: true, workerData });
  const measured: [number, number][][] = [];
  const ended = Promise.withResolvers<boolean>();
  worker.on('error', ended.reject);
  worker.on('exit', () => ended.resolve(false));
  let spentMs = 0;
  worker.on('message', (times: [number, number][] | null) => {
    if (times !== null) measured.push(times);
    spentMs = Number.NaN;
  });
  // How busy the machine is does not count, only what this thread used since its last answer.
  const looking = setInterval(() => {
    void worker.cpuUsage().then(
      ({ user, system }) => {
        const nowMs = (user + system) / 1000;
        if (Number.isNaN(spentMs)) spentMs = nowMs;
        if (nowMs - spentMs > PATIENCE_MS) ended.resolve(true);
      },
      () => undefined, // it has ended between two looks
    );
  }, LOOK_EVERY_MS);
  const isStuck = await ended.promise;
  clearInterval(looking);
  await worker.terminate();
  return { measured, isStuck };
}
