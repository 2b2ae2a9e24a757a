import {
  createAnswerCache,
  createPriceBook,
  createRedisAnswers,
  createSemanticAnswers,
  usageRowOfEmbedding,
} from '@automatos/providers';
import type { Clock } from '@automatos/kernel';
import type { AnswerCache, EmbedTexts, Providers, StoredPriceBook } from '@automatos/providers';
import { createGuardedFetch } from '@automatos/tools';
import { createUsageWriter } from '../v1/usage-writer.ts';
import type { UsageWriter } from '../v1/usage-writer.ts';
import type { BaseDeps } from './base-deps.ts';

/** The public package has about 4 MB. */
const PACKAGE_BYTES_MAX = 32 * 1024 * 1024;
const PACKAGE_MS_MAX = 60_000;

/** Opens the price book; packages are fetched by the way that keeps private addresses out. */
export async function composePrices({
  config,
  database,
  clock,
  logger,
  closers,
}: BaseDeps): Promise<StoredPriceBook> {
  const outbound = createGuardedFetch({ allow: [...config.outboundAllow] });
  closers.add('price package connections', () => outbound.close());
  const prices = await createPriceBook({
    database,
    clock,
    logger,
    packageUrl: config.providers.pricesUrl,
    fetchPackage: (url, signal) =>
      outbound.fetch(url, {
        headers: { accept: 'application/json' },
        bytesMax: PACKAGE_BYTES_MAX,
        timeoutMs: PACKAGE_MS_MAX,
        ...(signal === undefined ? {} : { signal }),
      }),
  });
  closers.add('prices', () => prices.close());
  return prices;
}

/** Opens the cache of answers; what it spends on embeddings is written down as the platform's own. */
export async function composeAnswers(
  { config, database, clock, logger, metrics, closers }: BaseDeps,
  embed: Providers['embed'],
): Promise<AnswerCache> {
  const { redisUrl } = config;
  const usage = createUsageWriter({ database, clock, logger });
  closers.add('usage of kept answers', () => usage.close());
  const answers = createAnswerCache({
    clock,
    logger,
    metrics,
    database,
    bytesMax: config.providers.cacheBytesMax,
    semantic: {
      answers: createSemanticAnswers(database),
      embed: embedding({ usage, clock, embed }),
    },
    ...(redisUrl === undefined ? {} : { shared: createRedisAnswers({ url: redisUrl, logger }) }),
  });
  closers.add('kept answers', () => answers.close());
  await answers.start();
  return answers;
}

function embedding(deps: {
  usage: UsageWriter;
  clock: Clock;
  embed: Providers['embed'];
}): EmbedTexts {
  return async ({ owner, ref, texts, signal }) => {
    const { workspaceId } = owner;
    const result = await deps.embed({
      workspaceId,
      owner,
      ref,
      values: texts,
      inputType: 'query',
      signal,
    });
    deps.usage.add(
      usageRowOfEmbedding(result, {
        workspaceId,
        runId: owner.runId ?? null,
        callKey: owner.callId,
        agentSlug: owner.agent ?? null,
        source: 'platform',
        at: new Date(deps.clock.now()),
      }),
    );
    return result.vectors;
  };
}
