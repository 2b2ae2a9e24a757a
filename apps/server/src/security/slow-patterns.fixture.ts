import { Worker } from 'node:worker_threads';

export interface Pattern {
  source: string;
  flags: string;
}

/** What grows with the text takes a few ms for it, what grows with its square a minute. */
const CHARS = 100_000;
/** Processor time for one text; what is not done then is taken to have no end. */
const PATIENCE_MS = 3_000;
const LOOK_EVERY_MS = 100;

/** Runs inside of the worker: each pattern reads each of its texts once. */
const WORKER = `
const { parentPort, workerData } = require('node:worker_threads');
for (const { pattern, texts } of workerData) {
  const regex = new RegExp(pattern.source, pattern.flags);
  for (const [before, piece, after] of texts) {
    const text = before + piece.repeat(Math.ceil(${CHARS} / piece.length)) + after;
    regex.lastIndex = 0;
    regex.test(text);
    parentPort.postMessage('text');
  }
  parentPort.postMessage('pattern');
}
`;

/** Texts made of what patterns like, and ended by what they do not: a start, a piece that comes again and again, an end. */
function hostileTexts({ source }: Pattern): [string, string, string][] {
  const liked = ['a', '0', 'a.', 'a-', 'a_', '-', '.', ' ', '/', 'a/', '{{a', '%', "'", '<', '\\'];
  const written = [...new Set(source.match(/[a-z0-9]{3,}/gi))].slice(0, 8);
  return [...liked, ...written].flatMap((piece): [string, string, string][] => [
    ['', piece, '\u0000'],
    ['a', piece, '!'],
  ]);
}

/** Those of the patterns that do not come to the end of a long text. */
export async function slowPatterns(patterns: readonly Pattern[]): Promise<string[]> {
  const slow: string[] = [];
  let rest = [...patterns];
  while (rest.length > 0) {
    const { done, isStuck } = await read(rest);
    if (isStuck) slow.push(rest[done]?.source ?? '');
    rest = rest.slice(done + Number(isStuck));
  }
  return slow;
}

/** How many of the patterns were through, in their order, until one did not end. */
async function read(patterns: readonly Pattern[]): Promise<{ done: number; isStuck: boolean }> {
  const workerData = patterns.map((pattern) => ({
    pattern,
    texts: hostileTexts(pattern),
  }));
  const worker = new Worker(WORKER, { eval: true, workerData });
  let done = 0;
  const ended = Promise.withResolvers<boolean>();
  worker.on('error', ended.reject);
  worker.on('exit', () => ended.resolve(false));
  let spentMs = Number.NaN;
  worker.on('message', (finished: 'text' | 'pattern') => {
    if (finished === 'pattern') done += 1;
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
  return { done, isStuck };
}
