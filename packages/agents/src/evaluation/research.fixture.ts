import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TurnResult } from '../runtime/runtime-types.ts';
import type { AgentFixture } from './agent-fixture.fixture.ts';
import { copyFixtureFiles, readExpected } from './evaluate-agent.fixture.ts';
import { startLocalServer } from './local-server.fixture.ts';

const PAGES = {
  '/corvid': {
    body: `<!doctype html><html><head><title>Corvid</title><meta name="author" content="Tom Rask"><meta name="date" content="2026-02-01"></head><body><article><h1>Corvid</h1>
      <p>Corvid is a broker for small machines that was written by two students and is kept up by a few people who use it at home and in workshops.</p>
      <p>The median latency of Corvid is 18 ms on three nodes. The price of Corvid is $120 per node and year.</p></article></body></html>`,
  },
};

interface Citation {
  origin: string;
  line: number;
  end_line: number;
  quote: string;
}
interface Outputs {
  research_plan?: { options: string[]; criteria: string[]; sub_questions: unknown[] };
  search_sources?: { passages: { origin: string; text: string }[] };
  compare_sources?: {
    comparison: { option: string; criterion: string; agreement: string; values: string[] }[];
  };
  synthesise_claims?: { claims: { text: string; voices: number }[]; citations: Citation[] };
}

function outputsOf(result: TurnResult): Outputs {
  return Object.fromEntries(
    Object.entries(result.tools).map(([name, { output }]) => [name, output]),
  ) as unknown as Outputs;
}

/** Every citation into a local file must have its words on its lines. */
async function verifyCitations(folder: string, citations: readonly Citation[]): Promise<string[]> {
  const problems: string[] = [];
  for (const { origin, line, end_line: end, quote } of citations) {
    if (origin.startsWith('http')) continue;
    const lines = (await readFile(join(folder, origin), 'utf8')).split('\n');
    const there = lines.slice(line - 1, end).join(' ');
    if (!there.includes(quote)) problems.push(`"${quote}" does not stand in ${origin}:${line}`);
  }
  return citations.length < 6 ? [...problems, `${citations.length} citations only`] : problems;
}

const CELLS: readonly (readonly [string, string, string])[] = [
  ['Kestrel', 'latency', 'differ'],
  ['Kestrel', 'price', 'agree'],
  ['Kestrel', 'licence', 'single'],
  ['Petrel', 'latency', 'agree'],
  ['Petrel', 'price', 'differ'],
  ['Corvid', 'latency', 'agree'],
  ['Corvid', 'price', 'agree'],
  ['Corvid', 'licence', 'none'],
];

async function verify(result: TurnResult, folder: string): Promise<string[]> {
  const { research_plan: plan, compare_sources: compared, ...rest } = outputsOf(result);
  const cells = compared?.comparison ?? [];
  const wrong = CELLS.filter(
    ([option, criterion, agreement]) =>
      cells.find((cell) => cell.option === option && cell.criterion === criterion)?.agreement !==
      agreement,
  );
  const claims = rest.synthesise_claims?.claims ?? [];
  const backed = claims.find(({ text }) => /Petrel .*30 ms/.test(text));
  return [
    ...(plan?.options.join() === 'Kestrel,Petrel,Corvid' &&
    plan.criteria.join() === 'latency,price,licence,telemetry' &&
    plan.sub_questions.length === 12
      ? []
      : [`the plan is ${JSON.stringify(plan)}`]),
    ...wrong.map(
      ([option, criterion, agreement]) =>
        `${option} by ${criterion} should be "${agreement}": ${JSON.stringify(cells.find((cell) => cell.option === option && cell.criterion === criterion))}`,
    ),
    ...((rest.search_sources?.passages.length ?? 0) >= 6 ? [] : ['fewer than six passages']),
    ...(backed?.voices === 2 ? [] : ['the latency of Petrel should have two voices']),
    ...(await verifyCitations(folder, rest.synthesise_claims?.citations ?? [])),
  ];
}

export const researchFixture: AgentFixture = {
  agent: 'research',
  async prepare(folder) {
    await copyFixtureFiles('research', folder);
    const server = await startLocalServer(PAGES);
    const draft = join(folder, 'draft.md');
    await writeFile(draft, (await readFile(draft, 'utf8')).replace('SERVER', server.url));
    return {
      task: {
        task_type: 'research',
        parameters: {
          question: 'Compare Kestrel, Petrel and Corvid by latency, price, licence and telemetry.',
          sources: [
            ...['kestrel.md', 'petrel.md', 'benchmark.md'].map((name) => join(folder, name)),
            `${server.url}/corvid`,
          ],
          draft,
        },
      },
      expected: await readExpected('research'),
      verify: (result) => verify(result, folder),
      close: () => server.close(),
    };
  },
};
