import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { toolSchema } from '@automatos/contracts';
import { describe, expect, it } from 'vitest';
import { builtInTools } from './built-in-tools.ts';
import { TOOLS_ERROR_CODES } from './error-codes.ts';
import { createToolRegistry } from './registry.ts';

describe('registry', () => {
  const registry = createToolRegistry();

  it('describes each tool as the API promises, with closed input schemas', () => {
    for (const tool of registry.list()) {
      const description = registry.describe(tool.name);
      expect(toolSchema.safeParse(description).success, tool.name).toBe(true);
      expect(description.input_schema, tool.name).toMatchObject({
        type: 'object',
        additionalProperties: false,
      });
      expect(description.description.length).toBeGreaterThan(30);
    }
  });

  it('holds the tools of the seeded recipes', () => {
    const names = registry.list().map((tool) => tool.name);
    expect(names).toEqual(names.toSorted());
    expect(names).toEqual(
      expect.arrayContaining([
        'secret_scan',
        'dependency_audit',
        'sast_scan',
        'licence_check',
        'code_metrics',
        'duplicates',
        'import_cycles',
        'git_hotspots',
        'doc_coverage',
        'link_check',
        'data_profile',
        'data_outliers',
        'data_correlations',
        'data_quality_rules',
        'chart_svg',
        'log_cluster',
        'error_rates',
        'change_points',
        'git_log',
      ]),
    );
  });

  it('refuses double and malformed names, and worker tools that no worker could load', () => {
    const [first] = builtInTools();
    if (first === undefined) throw new Error('no tools');
    expect(() => createToolRegistry([first, first])).toThrow(/Two tools/);
    expect(() => createToolRegistry([{ ...first, name: 'Bad-Name' }])).toThrow(/snake_case/);
    expect(() => createToolRegistry([{ ...first, name: 'other_name' }])).toThrow(/workerModule/);
    expect(() => registry.describe('grep_file')).toThrow(/"grep_files"/);
  });
});

it('every error code that is thrown is listed, and every listed one is thrown', () => {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.ts') && !/error-codes|\.test\.|\.fixture\./.test(path),
  );
  const text = files
    .map((path) => readFileSync(join(import.meta.dirname, path), 'utf8'))
    .join('\n');
  const used = new Set([...text.matchAll(/'(tools\.[a-z_]+\.[a-z_]+)'/g)].map((match) => match[1]));
  expect(used).toEqual(new Set(Object.keys(TOOLS_ERROR_CODES)));
});
