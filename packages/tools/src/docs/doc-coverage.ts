import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import {
  describeSkipped,
  extensionOf,
  scanInputShape,
  scanTextFiles,
  type TextFile,
} from '../workspace/scan-files.ts';
import { inKeyOrder } from '../workspace/count-by.ts';
import { compareText, skippedSchema } from '../workspace/walk.ts';
import { isScript, isTest } from '../code/source-language.ts';
import type { ExportedSymbol } from './read-exports.ts';

/** What a reader looks for first, with words that headings use for it. */
const SECTIONS: Readonly<Record<string, RegExp>> = {
  purpose: /^.{40,}/m,
  installation: /^#+\s.*\b(?:install|set ?up|getting started|quick ?start|start)/im,
  usage: /^#+\s.*\b(?:usage|use|example|how to|run|commands?|quick ?start|start)/im,
  licence: /^#+\s.*\blicen[cs]e|\blicen[cs]ed under\b/im,
};

const input = z.strictObject({ ...scanInputShape, include_tests: z.boolean().default(false) });
const coverage = z.object({ exported: z.int(), documented: z.int(), share: z.number().nullable() });
const output = z.object({
  total: coverage,
  by_language: z.record(z.string(), coverage),
  least_documented: z.array(z.object({ path: z.string(), exported: z.int(), documented: z.int() })),
  readme: z.object({
    path: z.string().nullable(),
    words: z.int(),
    sections: z.record(z.string(), z.boolean()),
  }),
  documents: z.int().describe('Markdown files'),
  skipped: skippedSchema,
});

interface FileCoverage {
  path: string;
  language: string;
  symbols: ExportedSymbol[];
}

function sum(files: readonly FileCoverage[]): z.output<typeof coverage> {
  const symbols = files.flatMap((file) => file.symbols);
  const documented = symbols.filter((symbol) => symbol.documented).length;
  return {
    exported: symbols.length,
    documented,
    share: symbols.length === 0 ? null : Math.round((documented / symbols.length) * 1000) / 1000,
  };
}

function undocumented(file: FileCoverage): Finding[] {
  return file.symbols
    .filter((symbol) => !symbol.documented)
    .map((symbol) => ({
      rule: 'docs.undocumented_export',
      severity: 'low',
      message: `Exported ${symbol.kind} ${symbol.name} has no documentation comment.`,
      location: { path: file.path, line: symbol.line },
      evidence: `${symbol.kind} ${symbol.name}`,
      fix: 'Say in one sentence what the caller gets, then units, limits and errors.',
      tool: 'doc_coverage',
    }));
}

function readmeFindings(readme: {
  path: string | null;
  sections: Record<string, boolean>;
}): Finding[] {
  if (readme.path === null) {
    return [
      {
        rule: 'docs.readme_missing',
        severity: 'medium',
        message: 'The folder has no README.',
        evidence: 'no README file at the top',
        fix: 'Write what it is for, how to start it and how to use it.',
        tool: 'doc_coverage',
      },
    ];
  }
  const path = readme.path;
  return Object.entries(readme.sections)
    .filter(([, present]) => !present)
    .map(([section]) => ({
      rule: 'docs.readme_section',
      severity: 'low',
      message: `The README says nothing about ${section}.`,
      location: { path, line: 1 },
      evidence: `no heading or sentence for ${section}`,
      fix: `Add a section about ${section}.`,
      tool: 'doc_coverage',
    }));
}

type Readme = z.output<typeof output>['readme'];

const README_NAME = /^readme(?:\.(?:md|rst|txt|markdown))?$/i;

function readReadme(file: TextFile): Readme {
  const words = file.text.split(/\s+/).filter(Boolean).length;
  const sections = Object.entries(SECTIONS).map(([name, expression]) => [
    name,
    expression.test(file.text),
  ]);
  return { path: file.path, words, sections: Object.fromEntries(sections) };
}

/** Files with the most that is undocumented first. */
function leastDocumented(
  files: readonly FileCoverage[],
): z.output<typeof output>['least_documented'] {
  return files
    .map(({ path, symbols }) => ({
      path,
      exported: symbols.length,
      documented: symbols.filter((symbol) => symbol.documented).length,
    }))
    .filter((file) => file.documented < file.exported)
    .toSorted(
      (a, b) =>
        b.exported - b.documented - (a.exported - a.documented) || compareText(a.path, b.path),
    )
    .slice(0, 30);
}

/** Exported symbols of a file, or undefined for what is no source. */
async function loadReader(): Promise<(file: TextFile) => FileCoverage | undefined> {
  const { readScriptExports, readPythonExports } = await import('./read-exports.ts');
  return ({ path, text }) => {
    if (isScript(path)) {
      const language = /\.[cm]?tsx?$/.test(path) ? 'TypeScript' : 'JavaScript';
      return { path, language, symbols: readScriptExports(path, text) };
    }
    if (extensionOf(path) !== '.py') return undefined;
    return { path, language: 'Python', symbols: readPythonExports(text) };
  };
}

export const docCoverage = defineTool({
  name: 'doc_coverage',
  title: 'Documentation coverage',
  description:
    'Measures which exported symbols (JavaScript, TypeScript, Python) have documentation comments, and whether the README has its usual parts.',
  group: 'documentation',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 180_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['docstring', 'jsdoc', 'readme', 'comment'],
  async run(request, env) {
    const read = await loadReader();
    const files: FileCoverage[] = [];
    const nothing = Object.keys(SECTIONS).map((name) => [name, false]);
    let readme: Readme = { path: null, words: 0, sections: Object.fromEntries(nothing) };
    let documents = 0;
    const scan = await scanTextFiles(request, env, {
      wants: ({ path }) =>
        isScript(path) || ['.py', '.md'].includes(extensionOf(path)) || README_NAME.test(path),
      skipGenerated: true,
      onFile(file) {
        if (readme.path === null && README_NAME.test(file.path)) readme = readReadme(file);
        if (extensionOf(file.path) === '.md') documents += 1;
        if (!request.include_tests && isTest(file.path)) return;
        const covered = read(file);
        if (covered !== undefined) files.push(covered);
      },
    });
    const total = sum(files);
    const byLanguage = Map.groupBy(files, (file) => file.language);
    const sums = new Map([...byLanguage].map(([language, group]) => [language, sum(group)]));
    const share = total.share === null ? '' : ` (${Math.round(total.share * 100)} %)`;
    const about = readme.path === null ? 'no README' : `README of ${readme.words} words`;
    return {
      output: {
        total,
        by_language: inKeyOrder(sums),
        least_documented: leastDocumented(files),
        readme,
        documents,
        skipped: scan.skipped,
      },
      summary: `${total.documented} of ${total.exported} exported symbols are documented${share}; ${about}.${describeSkipped(scan.skipped)}`,
      findings: [...readmeFindings(readme), ...files.flatMap(undocumented)],
    };
  },
});
