/* Prints how well tools are found for requests: node packages/tools/scripts/eval-hints.ts [--missed] */
import { measureRecall } from '../src/hints/recall.fixture.ts';

for (const part of ['dev', 'held-out'] as const) {
  const { requests, at1, at5, missed } = measureRecall(part);
  console.log(
    `${part}: ${requests} requests, recall@1 ${at1.toFixed(3)}, recall@5 ${at5.toFixed(3)}`,
  );
  // What is held out stays unread, else it would be tuned to.
  if (part === 'dev' && process.argv.includes('--missed'))
    for (const { request, wanted, got } of missed)
      console.log(`  "${request}" wants ${wanted.join(' or ')}, got ${got.join(', ')}`);
}
