import {
  DEFAULT_WORKSPACE_ID,
  isPlatformError,
  noMetrics,
  silentLogger,
  systemClock,
} from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import type { ModelMessage } from 'ai';
import { describe, expect, it } from 'vitest';
import { createProviders } from '../index.ts';
import type { ModelCall, ModelResult, ToolSpec } from '../index.ts';

const providers = createProviders({
  credentials: async () => null,
  clock: systemClock,
  metrics: noMetrics,
  logger: silentLogger,
});

const path = { type: 'string', description: 'Folder inside the workspace' };
type Short = [name: string, description: string, properties: JsonObject, required?: string[]];
function tool(...[name, description, properties, required = []]: Short): ToolSpec {
  return {
    name,
    description,
    inputSchema: { type: 'object', properties, required, additionalProperties: false },
  };
}
const TOOLS: ToolSpec[] = [
  tool(
    'workspace_list',
    'List files and folders of the workspace',
    { path, depth: { type: 'integer', minimum: 1 } },
    ['path'],
  ),
  tool('workspace_read', 'Read a text file of the workspace', { path: { type: 'string' } }, [
    'path',
  ]),
  tool(
    'workspace_write',
    'Write a text file into the workspace',
    { path: { type: 'string' }, content: { type: 'string' } },
    ['path', 'content'],
  ),
  tool(
    'security_scan_secrets',
    'Find passwords, API keys and tokens that are committed in files',
    { path, max_findings: { type: 'integer' } },
    ['path'],
  ),
  tool(
    'security_sast',
    'Static rules for injection and unsafe calls in JavaScript, Python and shell',
    { path },
    ['path'],
  ),
  tool(
    'security_dependencies',
    'Check dependency manifests and lockfiles for known vulnerabilities',
    { path },
    ['path'],
  ),
  tool(
    'security_http_headers',
    'Check the security headers of a URL',
    { url: { type: 'string', format: 'uri' } },
    ['url'],
  ),
  tool(
    'code_metrics',
    'Complexity, size and duplicates of source files',
    { path, languages: { type: 'array', items: { type: 'string' } } },
    ['path'],
  ),
  tool(
    'git_hotspots',
    'Rank files by churn and complexity',
    { path, top: { type: 'integer', maximum: 50 }, sort: { enum: ['churn', 'complexity'] } },
    ['path'],
  ),
  tool('docs_links', 'Find broken links in Markdown', { path }, ['path']),
];
const inputs = (value: JsonObject) =>
  `\n\nInputs (JSON):\n\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\`\n`;

function ask(content: string, extra: Partial<ModelCall> = {}): ModelCall {
  return {
    workspaceId: DEFAULT_WORKSPACE_ID,
    ref: { provider: 'offline', model: 'offline-1' },
    messages: [
      { role: 'system', content: 'You are an agent.' },
      { role: 'user', content },
    ],
    signal: new AbortController().signal,
    ...extra,
  };
}
const calls = (result: ModelResult) => result.toolCalls.map(({ name, input }) => ({ name, input }));
const names = (result: ModelResult) => result.toolCalls.map((call) => call.name);

function toolMessage(
  result: ModelResult,
  output: (name: string) => JsonValue | Error,
): ModelMessage {
  return {
    role: 'tool',
    content: result.toolCalls.map((call) => {
      const value = output(call.name);
      return {
        type: 'tool-result' as const,
        toolCallId: call.id,
        toolName: call.name,
        output:
          value instanceof Error
            ? {
                type: 'error-json' as const,
                value: { code: 'tools.call.failed', message: value.message },
              }
            : { type: 'json' as const, value },
      };
    }),
  };
}

/** Runs calls and answers them until the model writes text; gives that answer and all calls made. */
async function runTurn(
  first: ModelCall,
  output: (name: string) => JsonValue | Error,
): Promise<{ last: ModelResult; made: string[] }> {
  const made: string[] = [];
  let call = first;
  for (let round = 0; round < 8; round += 1) {
    const result = await providers.call(call);
    if (result.toolCalls.length === 0) return { last: result, made };
    made.push(...names(result));
    call = { ...call, messages: [...call.messages, result.message, toolMessage(result, output)] };
  }
  throw new Error(`still calling tools: ${made.join(', ')}`);
}

const SECRET = {
  rule: 'aws-access-key',
  severity: 'critical',
  message: 'AWS access key in source',
  location: { path: 'src/config.ts', line: 12 },
  evidence: 'AKIA****************',
  fix: 'Revoke the key and read it from the environment',
  tool: 'security_scan_secrets',
};
const EVAL = {
  rule: 'js-eval',
  severity: 'high',
  message: 'eval of a variable',
  location: { path: 'src/run.js', line: 3 },
  evidence: 'eval(`x`)',
  tool: 'security_sast',
};

describe('tool planning', () => {
  it.each<[string, string, JsonObject, string[]]>([
    [
      'words and synonyms',
      'Look for leaked credentials in the repository.',
      { path: '.' },
      ['security_scan_secrets'],
    ],
    [
      'several needs at once',
      'Scan for secrets, run the SAST rules and check the dependency manifests.',
      { path: '.' },
      ['security_scan_secrets', 'security_sast', 'security_dependencies'],
    ],
    [
      'metrics and hotspots',
      'Measure code complexity and duplicates, and rank the git hotspots.',
      { path: '.' },
      ['code_metrics', 'git_hotspots'],
    ],
    [
      'names in the text win',
      'Use security_sast and `docs_links` for a security review of secrets.',
      { path: '.' },
      ['security_sast', 'docs_links'],
    ],
    [
      'what is ruled out',
      'Check dependencies, but do not scan for secrets.',
      { path: '.' },
      ['security_dependencies'],
    ],
    [
      'a URL',
      'Check the security headers of https://example.org/app.',
      {},
      ['security_http_headers'],
    ],
    ['links', 'Are there broken links in the documentation?', { path: 'docs' }, ['docs_links']],
  ])('chooses by %s', async (_name, ...[task, values, expected]) => {
    expect(names(await providers.call(ask(task + inputs(values), { tools: TOOLS })))).toEqual(
      expected,
    );
  });

  it('takes what the role says for a broad request, and never a tool that changes something', async () => {
    const call = ask(`Review this repository.${inputs({ path: '.' })}`, {
      tools: TOOLS,
      messages: [
        {
          role: 'system',
          content:
            'You are a security expert: find secrets, unsafe code (SAST) and vulnerable dependencies.',
        },
        { role: 'user', content: `Review this repository.${inputs({ path: '.' })}` },
      ],
    });
    const chosen = names(await providers.call(call));
    expect(chosen).toEqual(
      expect.arrayContaining(['security_scan_secrets', 'security_sast', 'security_dependencies']),
    );
    expect(chosen).not.toContain('workspace_write');
    expect(chosen).not.toContain('git_hotspots');
  });

  it('fills arguments from inputs by name and alias, from numbers and enum words in the text, and by default', async () => {
    const result = await providers.call(
      ask(`Rank the top 10 git hotspots by churn.${inputs({ repository: 'services/api' })}`, {
        tools: TOOLS,
      }),
    );
    expect(calls(result)).toEqual([
      { name: 'git_hotspots', input: { path: 'services/api', top: 10, sort: 'churn' } },
    ]);
    const nested = await providers.call(
      ask(`Find secrets.${inputs({ target: { folder: 'lib' }, max_findings: '20' })}`, {
        tools: TOOLS,
      }),
    );
    expect(calls(nested)).toEqual([
      { name: 'security_scan_secrets', input: { path: 'lib', max_findings: 20 } },
    ]);
  });

  it('takes paths from the text, one call for each', async () => {
    const result = await providers.call(ask('Read README.md and docs/api.md.', { tools: TOOLS }));
    expect(calls(result)).toEqual([
      { name: 'workspace_read', input: { path: 'README.md' } },
      { name: 'workspace_read', input: { path: 'docs/api.md' } },
    ]);
  });

  it('does not call a tool without a required argument, and names the argument', async () => {
    const result = await providers.call(
      ask('Check the security headers of our site.', { tools: TOOLS }),
    );
    expect(result.toolCalls).toEqual([]);
    expect(result.text).toContain('security\\_http'.replace('\\', ''));
    expect(result.text).toContain('`url`');
  });

  it('never passes a value that breaks the schema', async () => {
    const result = await providers.call(
      ask(`Rank the git hotspots.${inputs({ path: '.', top: 900 })}`, { tools: TOOLS }),
    );
    expect(calls(result)).toEqual([{ name: 'git_hotspots', input: { path: '.' } }]);
  });

  it('goes on with the outputs of earlier calls, each once', async () => {
    const listing = { summary: '2 files', output: { files: [{ path: 'a.md' }, { path: 'b.md' }] } };
    const { last, made } = await runTurn(
      ask(`Use workspace_list and workspace_read.${inputs({ folder: '.' })}`, {
        tools: [
          TOOLS[0],
          tool('workspace_read', 'Read', { file_path: { type: 'string' } }, ['file_path']),
        ] as ToolSpec[],
      }),
      (name) =>
        name === 'workspace_list' ? listing : { summary: 'read', output: { content: 'x' } },
    );
    expect(made[0]).toBe('workspace_list');
    expect(made.length).toBe(
      new Set(made).size + (made.filter((name) => name === 'workspace_read').length - 1),
    );
    expect(last.text).toContain('workspace_read');
  });

  it('stores the composed report with a tool that the request asks for by a writing word', async () => {
    let written = '';
    const call = ask(
      `Scan for secrets with security_scan_secrets, then workspace_write the report to \`out/report.md\`.${inputs({})}`,
      {
        tools: [
          tool(
            'security_scan_secrets',
            'Find secrets',
            { root: { type: 'string', default: '.' } },
            ['root'],
          ),
          TOOLS[2] as ToolSpec,
        ],
      },
    );
    let messages = call.messages;
    const made: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      const result = await providers.call({ ...call, messages });
      if (result.toolCalls.length === 0) break;
      made.push(...names(result));
      for (const each of result.toolCalls)
        if (each.name === 'workspace_write') written = JSON.stringify(each.input['content']);
      messages = [
        ...messages,
        result.message,
        toolMessage(result, (name) =>
          name === 'workspace_write'
            ? { summary: 'written' }
            : { summary: 'done', findings: [SECRET], findings_total: 1 },
        ),
      ];
    }
    expect(made).toEqual(['security_scan_secrets', 'workspace_write']);
    expect(written).toContain('src/config.ts:12');
  });

  it('reports a failed tool and does not try it again', async () => {
    const { last, made } = await runTurn(
      ask(`Scan for secrets and run the SAST rules.${inputs({ path: '.' })}`, { tools: TOOLS }),
      (name) =>
        name === 'security_sast'
          ? new Error('parser crashed')
          : { summary: 'Scanned 4 files', findings: [SECRET], findings_total: 1 },
    );
    expect(made).toEqual(['security_scan_secrets', 'security_sast']);
    expect(last.text).toMatch(/## Not covered[\s\S]*security_sast[\s\S]*parser crashed/);
  });
});

describe('reports', () => {
  it('reads results in the form of the agent runtime: status and error inside the JSON, shortened lists, nothing but a pointer', async () => {
    const { last } = await runTurn(
      ask(
        `Scan for secrets, run the SAST rules and check the dependencies.${inputs({ path: '.' })}`,
        {
          tools: TOOLS,
        },
      ),
      (name) => {
        if (name === 'security_sast')
          return {
            summary: '',
            status: 'timeout',
            error: { code: 'tools.call.timeout', message: 'stopped after 240 s' },
            findings_total: 0,
            findings: [],
            output: null,
            truncated: false,
          };
        if (name === 'security_dependencies')
          return { status: 'success', truncated: true, pointer: 'step:1' };
        return {
          summary: 'Scanned 12 files',
          status: 'success',
          findings_total: 5,
          findings: [SECRET],
          output: { files_scanned: 12 },
          truncated: true,
          pointer: 'step:2',
        };
      },
    );
    expect(last.text).toContain(
      '5 findings from 2 sources: 1 critical (of the 1 listed by the tools)',
    );
    expect(last.text).toContain('security_sast (`.`) failed: stopped after 240 s.');
    expect(last.text).toContain('security_scan_secrets: 4 more findings not listed here.');
    expect(last.text).toContain('- files_scanned: 12');
    expect(last.text).not.toMatch(/step:[12]|"status"|- status/);
  });

  const report = () =>
    runTurn(
      ask(`Scan for secrets and run the SAST rules.${inputs({ path: '.' })}`, { tools: TOOLS }),
      (name) =>
        name === 'security_sast'
          ? { summary: 'Checked 9 files', findings: [EVAL], findings_total: 40 }
          : { summary: 'Scanned 12 files', findings: [SECRET], findings_total: 1 },
    );

  it('says first that no language model was used, then counts, findings with place and evidence, and what is left out', async () => {
    const { last } = await report();
    expect(last.text.split('\n')[0]).toBe('Composed without a language model (offline provider).');
    expect(last.text).toContain('41 findings from 2 sources: 1 critical, 1 high');
    expect(last.text).toContain(
      '- **critical** `src/config.ts:12` `aws-access-key`: AWS access key in source.',
    );
    expect(last.text).toContain(
      'Evidence: ``eval(`x`)``'.replace('``eval(`x`)``', '`` eval(`x`) ``'),
    );
    expect(last.text).toContain('39 more findings not listed');
    expect(last).toMatchObject({
      offline: true,
      costMicros: 0,
      usageEstimated: false,
      finishReason: 'stop',
    });
    expect(last.usage.outputTokens).toBeGreaterThan(50);
  });

  it('is the same for the same request, and streams in words', async () => {
    const pieces: string[] = [];
    const call = ask(
      `Summarise.\n\nContext:\n[1] notes\nThe cache was full. The cache evicted hot rows. Rows were read again from disk.\n`,
      { onDelta: (text) => pieces.push(text) },
    );
    const first = await providers.call(call);
    const second = await providers.call({ ...call, onDelta: () => undefined });
    expect(second.text).toBe(first.text);
    expect(pieces.length).toBeGreaterThan(10);
    expect(pieces.join('')).toBe(first.text);
  });

  it('keeps within the output bound by leaving out lesser findings, and says how many', async () => {
    const many = Array.from({ length: 200 }, (_, index) => ({
      ...EVAL,
      severity: 'low',
      location: { path: `src/file-${index}.ts`, line: index + 1 },
    }));
    const { last } = await runTurn(
      ask(`Scan for secrets.${inputs({ path: '.' })}`, { tools: TOOLS, maxOutputTokens: 600 }),
      () => ({ summary: 'Scanned', findings: [...many, SECRET], findings_total: 201 }),
    );
    expect(last.usage.outputTokens).toBeLessThanOrEqual(600);
    expect(last.finishReason).toBe('stop');
    expect(last.text).toContain('src/config.ts:12');
    expect(last.text).toMatch(/\d+ more findings not listed here because of the bound/);
  });

  it('makes a report of findings handed over as inputs or pasted into the prompt', async () => {
    const byInputs = await providers.call(
      ask(
        `Write a report.${inputs({ security: { summary: 'two tools ran', findings: [SECRET] }, code: { findings: [EVAL] } })}`,
      ),
    );
    expect(byInputs.text).toContain('2 findings from 2 sources');
    const pasted = await providers.call(
      ask(
        `Write a report from these results:\n${JSON.stringify({ findings: [SECRET] })}\nKeep it short.`,
      ),
    );
    expect(pasted.text).toContain('src/config.ts:12');
  });

  it('does not let evidence shape the document', async () => {
    const evil = {
      ...SECRET,
      message: '<script>alert(1)</script> [click](http://evil) | `x`',
      evidence: '```\n# Title',
    };
    const { last } = await runTurn(
      ask(`Scan for secrets.${inputs({ path: '.' })}`, { tools: TOOLS }),
      () => ({ summary: 'ok', findings: [evil], findings_total: 1 }),
    );
    expect(last.text).not.toMatch(/(?<!\\)<script|(?<!\\)\[click\]|^# Title/m);
  });
});

describe('text work', () => {
  const CONTEXT = `\n\nContext:\n[1] Runbook\nThe nightly backup starts at 02:00 UTC. It is written to the vault bucket.\n[2] Handbook\nHolidays are agreed with the team. Lunch is at noon.\n`;

  it('answers from the context with citations that name the source', async () => {
    const { text } = await providers.call(ask(`When does the nightly backup start?${CONTEXT}`));
    expect(text).toContain('The nightly backup starts at 02:00 UTC. [1]');
    expect(text).toContain('[1] Runbook');
    expect(text).not.toContain('Lunch');
  });

  it('says so when the context does not answer', async () => {
    const { text } = await providers.call(ask(`Who invented penicillin?${CONTEXT}`));
    expect(text).toContain('is not answered');
  });

  it('classifies among the labels of the task', async () => {
    const { text } = await providers.call(
      ask(
        `Classify the message as billing, shipping or security.\n\nContext:\n[1] message\nMy invoice shows a double billing, please refund.\n`,
      ),
    );
    expect(text).toContain('Label: billing');
  });

  it('refuses to answer from nothing', async () => {
    await expect(providers.call(ask('Write a poem about the sea'))).rejects.toMatchObject({
      code: 'providers.offline.cannot_answer',
      retryable: false,
    });
  });
});

describe('structured output', () => {
  const SCHEMA: JsonObject = {
    type: 'object',
    properties: {
      summary: { type: 'string' },
      severity: { enum: ['none', 'low', 'medium', 'high', 'critical'] },
      findings_total: { type: 'integer' },
      findings: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            rule: { type: 'string' },
            path: { type: 'string' },
            line: { type: 'integer' },
          },
          required: ['rule'],
          additionalProperties: false,
        },
      },
      note: { type: ['string', 'null'] },
    },
    required: ['summary', 'severity', 'findings_total', 'findings', 'note'],
    additionalProperties: false,
  };

  it('runs the tools first, then gives an object of their results that fits', async () => {
    const { last, made } = await runTurn(
      ask(`Scan for secrets.${inputs({ path: '.' })}`, { tools: TOOLS, responseSchema: SCHEMA }),
      () => ({ summary: 'Scanned', findings: [SECRET, EVAL], findings_total: 2 }),
    );
    expect(made).toEqual(['security_scan_secrets']);
    expect(last.object).toEqual({
      summary: expect.stringContaining('2 findings'),
      severity: 'critical',
      findings_total: 2,
      findings: [
        { rule: 'aws-access-key', path: 'src/config.ts', line: 12 },
        { rule: 'js-eval', path: 'src/run.js', line: 3 },
      ],
      note: null,
    });
  });

  it('takes values from inputs and chooses labels by words', async () => {
    const schema: JsonObject = {
      type: 'object',
      properties: { ticket: { type: 'integer' }, team: { enum: ['billing', 'shipping'] } },
      required: ['ticket', 'team'],
    };
    const { object } = await providers.call(
      ask(`Route the ticket.${inputs({ ticket: 41, message: 'The shipping label is wrong' })}`, {
        responseSchema: schema,
      }),
    );
    expect(object).toEqual({ ticket: 41, team: 'shipping' });
  });

  it('refuses with the field for which there is nothing', async () => {
    const schema: JsonObject = {
      type: 'object',
      properties: { revenue: { type: 'number' } },
      required: ['revenue'],
    };
    const error: unknown = await providers
      .call(ask(`Forecast the revenue.${inputs({ region: 'EU' })}`, { responseSchema: schema }))
      .catch((thrown: unknown) => thrown);
    expect(isPlatformError(error) && error.code).toBe('providers.offline.cannot_answer');
    expect(isPlatformError(error) && error.errors?.[0]?.pointer).toBe('/revenue');
  });
});
