import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { renderDocument } from './render-document.ts';

const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100"><rect width="200" height="100" fill="#1d4ed8"/></svg>';
const REPORT = `# Überblick – Отчёт

A paragraph with **bold**, *italic*, \`packages/a/very/long/path/to/a/file-name.ts\` and [a link](https://example.com).
[Not a link](javascript:alert(1)) and <script>alert(1)</script>.

| Severity | Where | What |
| --- | --- | ---: |
| high | \`src/a.ts:1\` | eval |
| low | \`src/b.ts:2\` | unused |

1. one
2. two
   - nested

- [x] done
- [ ] open

> quoted

\`\`\`ts
const a = 1;
\`\`\`

![chart](data:image/svg+xml,${encodeURIComponent(SVG)})
`;
const signal = () => new AbortController().signal;
const folder = mkdtempSync(join(tmpdir(), 'automatos-documents-'));

test('a report becomes a PDF with its text, pages and vector chart', async () => {
  const bytes = await renderDocument(
    { format: 'pdf', title: 'Überblick', markdown: REPORT },
    signal(),
  );
  expect(Buffer.from(bytes.subarray(0, 5)).toString()).toBe('%PDF-');
  expect(Buffer.from(bytes).toString('latin1')).toMatch(/%%EOF\s*$/);
  expect(Buffer.from(bytes).toString('latin1')).not.toContain('javascript:');
  expect(bytes.length).toBeGreaterThan(10_000);
});

test('a report becomes a Word file with real headings, tables, lists and links', async () => {
  const bytes = await renderDocument(
    { format: 'docx', title: 'Report', markdown: REPORT },
    signal(),
  );
  const path = join(folder, 'report.docx');
  writeFileSync(path, bytes);
  const part = (name: string) => execFileSync('unzip', ['-p', path, name]).toString();
  const body = part('word/document.xml');
  expect(body).toContain('w:pStyle w:val="Heading1"');
  expect(body).toContain('Überblick – Отчёт');
  expect(body.match(/<w:tr[ >]/g)).toHaveLength(3);
  expect(body).toContain('w:numPr');
  expect(body).not.toContain('alert(1)</script>');
  expect(part('word/_rels/document.xml.rels')).toContain('https://example.com');
  expect(part('word/_rels/document.xml.rels')).not.toContain('javascript:');
});

test('an abort ends the process that sets the document', async () => {
  const controller = new AbortController();
  const long = `${REPORT}\n`.repeat(400);
  const pending = renderDocument(
    { format: 'pdf', title: 'long', markdown: long },
    controller.signal,
  );
  controller.abort(new Error('the run was cancelled'));
  await expect(pending).rejects.toThrow('the run was cancelled');
});
