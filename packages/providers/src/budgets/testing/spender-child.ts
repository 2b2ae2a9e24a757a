/**
 * A process that spends as fast as it may until a budget refuses it. Argument: `SpenderOptions` as JSON. It asks the vendor's
 * server over HTTP for every answer, of all sorts: plain and streamed, retried, cut, of unknown price, embeddings, from a cache.
 */
import { openDatabase } from '@automatos/database';
import { isPlatformError, newId, noMetrics, silentLogger, systemClock } from '@automatos/kernel';
import type { BudgetClaim, Reservation } from '../../router/ports.ts';
import { createRandom } from '../../router/strategies/sample-beta.ts';
import { createBudgets } from '../create-budgets.ts';
import type { SpenderOptions } from './spenders.ts';
import { UNIT_PRICE, UNKNOWN_PRICE } from './room.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as SpenderOptions;
const random = createRandom(options.seed);
const database = await openDatabase({ url: options.url, logger: silentLogger, poolSize: 4 });
const budgets = createBudgets({
  database,
  clock: systemClock,
  logger: silentLogger,
  metrics: noMetrics,
  agents: async () => [],
  options: { waitMs: 60_000, leaseMs: options.leaseMs, tellMs: 200 },
});

/** What a call is like; chosen anew for each. */
function draw() {
  const kind = random();
  const isUnknown = kind < 0.1;
  const isEmbedding = kind >= 0.1 && kind < 0.2;
  return {
    isCached: kind > 0.95,
    isUnknown,
    /** The first attempt fails: refused by the vendor, or its answer breaks off. */
    first: kind < 0.3 ? 'refuse' : kind < 0.4 ? 'cut' : 'answer',
    inputTokens: Math.ceil(random() * 200),
    maxOutputTokens: isEmbedding ? 0 : kind > 0.9 ? null : Math.ceil(random() * options.outputMax),
  };
}

async function attempt(
  call: ReturnType<typeof draw>,
  callId: string,
  manner: string,
): Promise<boolean> {
  const claim: BudgetClaim = {
    owner: { workspaceId: options.workspaceId, callId, source: 'run', runId: options.runId },
    price: call.isUnknown ? UNKNOWN_PRICE : UNIT_PRICE,
    inputTokens: call.inputTokens,
    maxOutputTokens: call.maxOutputTokens,
    outputLimit: options.outputMax,
    extraMicros: 0,
    signal: new AbortController().signal,
  };
  const reservation = await budgets.gate.reserve(claim);
  const query = new URLSearchParams({
    manner,
    input: String(call.inputTokens),
    most: String(reservation.maxOutputTokens),
    price: call.isUnknown ? '2' : '1',
  });
  return settle(reservation, call, await ask(`${options.vendor}/v?${query.toString()}`));
}

/** The lines that arrived of an answer, whether it was complete or not. */
async function ask(url: string): Promise<{ status: number; lines: string[] }> {
  const response = await fetch(url);
  let text = '';
  try {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk as Uint8Array);
  } catch {
    // The vendor cut the stream: what came before is all there is.
  }
  return { status: response.status, lines: text.split('\n') };
}

async function settle(
  reservation: Reservation,
  call: ReturnType<typeof draw>,
  { status, lines }: { status: number; lines: string[] },
): Promise<boolean> {
  if (status !== 200) {
    await reservation.release();
    return false;
  }
  const usage = lines.find((line) => /^(?:usage|so far) \d+$/.test(line));
  if (usage === undefined) {
    // Broken off without a word of what it cost.
    await reservation.settle(null);
    return false;
  }
  const outputTokens = Number(usage.split(' ').at(-1));
  if (call.isUnknown)
    await reservation.settle(null, { inputTokens: call.inputTokens, outputTokens });
  else await reservation.settle(call.inputTokens + outputTokens);
  return usage.startsWith('usage');
}

async function spend(): Promise<void> {
  for (;;) {
    const call = draw();
    if (call.isCached) continue;
    const callId = newId();
    try {
      if (!(await attempt(call, callId, call.first))) await attempt(call, callId, 'answer');
    } catch (error) {
      if (!isPlatformError(error) || error.code !== 'providers.budget.exceeded') throw error;
      await fetch(`${options.vendor}/refused`);
      return;
    }
  }
}

await Promise.all(Array.from({ length: options.concurrency }, spend));
await budgets.close();
await database.close();
