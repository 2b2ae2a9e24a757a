import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_WORKSPACE_ID } from '@automatos/kernel';
import type { Finding } from '@automatos/contracts';
import { createFaultyRepository, type FaultyRepository } from '@automatos/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createToolRegistry } from './registry.ts';
import { createToolExecutor } from './executor/tool-executor.ts';

const TOOLS = [
  'secret_scan',
  'sast_scan',
  'dependency_audit',
  'licence_check',
  'code_metrics',
  'duplicates',
  'import_cycles',
  'git_hotspots',
  'doc_coverage',
  'link_check',
];

let root: string;
let repository: FaultyRepository;
let executor: ReturnType<typeof createToolExecutor>;
const findings: Finding[] = [];

async function review(tool: string) {
  return executor.execute({
    tool,
    input: { path: repository.path },
    callId: tool,
    idempotencyKey: tool,
    workspaceId: DEFAULT_WORKSPACE_ID,
    grants: 'all',
    signal: new AbortController().signal,
  });
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'review-'));
  repository = await createFaultyRepository(join(root, 'shop'));
  executor = createToolExecutor({
    registry: createToolRegistry(),
    roots: () => [root],
    outboundAllow: [],
  });
  for (const tool of TOOLS) {
    const outcome = await review(tool);
    if (outcome.status !== 'success') throw new Error(`${tool}: ${outcome.summary}`);
    findings.push(...outcome.findings);
  }
});
afterAll(async () => {
  await executor.close();
  await rm(root, { recursive: true });
});

describe('review of a repository with planted faults', () => {
  it('plants at least twelve kinds', () => {
    expect(new Set(repository.planted.map((fault) => fault.rule)).size).toBeGreaterThanOrEqual(12);
  });

  it('finds each planted fault at its line', () => {
    const found = new Set(
      findings.map(
        (finding) => `${finding.rule} ${finding.location?.path}:${finding.location?.line}`,
      ),
    );
    const missed = repository.planted
      .map((fault) => `${fault.rule} ${fault.path}:${fault.line}`)
      .filter((key) => !found.has(key));
    expect(missed).toEqual([]);
  });

  it('reports security faults only where they were planted', () => {
    const planted = new Set(repository.planted.map((fault) => `${fault.path}:${fault.line}`));
    const extra = findings.filter(
      (finding) =>
        /^(?:secret|js|py|sh)\./.test(finding.rule) &&
        !planted.has(`${finding.location?.path}:${finding.location?.line}`),
    );
    expect(extra).toEqual([]);
  });

  it('shows no secret in any finding', () => {
    const text = JSON.stringify(findings);
    expect(text).not.toMatch(/AKIA[A-Z0-9]{16}|ghp_[A-Za-z0-9]{36}|9zQm/);
    expect(
      findings
        .filter((finding) => finding.rule.startsWith('secret.'))
        .every((finding) => finding.evidence.includes('****')),
    ).toBe(true);
  });

  it('judges licences, hotspots and the sample of advisories honestly', async () => {
    expect(findings).toContainEqual(
      expect.objectContaining({
        rule: 'licence.copyleft_dependency',
        evidence: 'minimist@1.2.5: GPL-3.0',
      }),
    );
    expect(findings).toContainEqual(
      expect.objectContaining({
        rule: 'code.hotspot',
        location: { path: 'src/shipping.ts', line: 1 },
      }),
    );
    expect((await review('dependency_audit')).output).toMatchObject({
      advisory_source: { kind: 'built_in_sample', note: expect.stringContaining('not complete') },
    });
  });

  it('gives the same result for the same input', async () => {
    for (const tool of TOOLS) {
      const [first, second] = await Promise.all([review(tool), review(tool)]);
      expect({ ...second, durationMs: 0 }).toEqual({ ...first, durationMs: 0 });
    }
  });
});
