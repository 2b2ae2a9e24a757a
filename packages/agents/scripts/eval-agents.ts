/** Prints how well each specialist finds what was planted in its fixture, without a model. `npm run eval:agents [slug …]` */
import { AGENT_FIXTURES } from '../src/evaluation/all-fixtures.fixture.ts';
import { createEvaluator } from '../src/evaluation/evaluate-agent.fixture.ts';
import type { AgentEvaluation } from '../src/evaluation/evaluate-agent.fixture.ts';

const LEAST = 0.9;
const wanted = process.argv.slice(2);
const fixtures = AGENT_FIXTURES.filter(
  ({ agent }) => wanted.length === 0 || wanted.includes(agent),
);
const unknown = wanted.filter((slug) => !AGENT_FIXTURES.some(({ agent }) => agent === slug));
if (unknown.length > 0) {
  console.error(
    `There is no fixture for: ${unknown.join(', ')}. There are: ${AGENT_FIXTURES.map(({ agent }) => agent).join(', ')}.`,
  );
  process.exit(2);
}

const rows: AgentEvaluation[] = [];
const evaluator = await createEvaluator();
for (const fixture of fixtures) rows.push(await evaluator.evaluate(fixture));
await evaluator.close();

console.log(
  '| agent | checks | planted | found | recall | reported | false | precision | also true | evidence resolves | made things hold | ms |',
);
console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- | ---: |');
for (const row of rows) {
  const failed = Object.values(row.checks).filter((status) => status !== 'success').length;
  console.log(
    `| ${[
      row.agent,
      `${Object.keys(row.checks).length}${failed === 0 ? '' : ` (${failed} failed)`}`,
      row.planted,
      row.found,
      row.recall.toFixed(2),
      row.reported,
      row.falseFindings.length,
      row.precision.toFixed(2),
      row.alsoTrue,
      `${row.resolved}/${row.placed}`,
      row.problems.length === 0 ? 'yes' : `${row.problems.length} problems`,
      row.durationMs,
    ].join(' | ')} |`,
  );
}
for (const row of rows) {
  for (const missed of row.missed) console.log(`missed by ${row.agent}: ${JSON.stringify(missed)}`);
  for (const { rule, location, message } of row.falseFindings)
    console.log(
      `false by ${row.agent}: ${rule} ${location?.path ?? ''}:${location?.line ?? ''} ${message}`,
    );
  for (const problem of row.problems) console.log(`made by ${row.agent}: ${problem}`);
}
const bad = rows.filter(
  (row) => row.recall <= LEAST || row.precision <= LEAST || row.problems.length > 0,
);
if (bad.length > 0) {
  console.error(`Below ${LEAST}: ${bad.map(({ agent }) => agent).join(', ')}`);
  process.exit(1);
}
