import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTestBench, type TestBench } from '../test-executor.fixture.ts';
import { readPythonExports, readScriptExports } from './read-exports.ts';
import { readMarkdown } from './read-markdown.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await createTestBench();
});
afterAll(() => bench.close());

describe('exports', () => {
  it('of TypeScript with and without documentation', () => {
    const text =
      "/** Doc. */\nexport const a = 1;\nexport function b() {}\n// plain\nexport class C {}\nconst d = 1, e = 2;\nexport { d };\nfunction hidden() {}\n/** Doc. */\nexport default function () {}\nexport type { X } from './x.ts';\n";
    expect(
      readScriptExports('a.ts', text).map((symbol) => [
        symbol.name,
        symbol.line,
        symbol.documented,
      ]),
    ).toEqual([
      ['a', 2, true],
      ['b', 3, false],
      ['C', 5, false],
      ['d', 6, false],
      ['default', 10, true],
    ]);
  });

  it('of Python with signatures over several lines', () => {
    const text =
      'def a():\n    """Doc."""\n\ndef b(\n    x,\n):\n    return x\n\nclass C:\n    "Doc."\n\ndef _private():\n    pass\n';
    expect(readPythonExports(text).map((symbol) => [symbol.name, symbol.documented])).toEqual([
      ['a', true],
      ['b', false],
      ['C', true],
    ]);
  });
});

describe('links', () => {
  it('are read with lines; anchors as GitHub makes them', () => {
    const facts = readMarkdown(
      '# Über `uns` & more!\n\n# Same\n# Same\n\n[a](b.md) ![c](d.png)\n\n[e]: f.md\n\n<a id="Own"></a>\n\n`[no](link.md)`\n',
    );
    expect([...facts.anchors]).toEqual(['über-uns--more', 'same', 'same-1', 'own']);
    expect(facts.links.map((link) => [link.url, link.line])).toEqual([
      ['b.md', 6],
      ['d.png', 6],
      ['f.md', 8],
    ]);
  });

  it('to files, folders, anchors and encoded names are resolved offline', async () => {
    await bench.write(
      'd/a.md',
      '# A\n\n[ok](b%20c.md#part) [folder](sub/) [self](#a) [root](/a.md) [code](x.ts#L3)\n\n[bad](none.md) [bad anchor](#nothing)\n\n[out](../../elsewhere.md) [mail](mailto:a@example.com)\n',
    );
    await bench.write('d/b c.md', '## Part\n');
    await bench.write('d/sub/x.txt', '');
    await bench.write('d/x.ts', '');
    const outcome = await bench.run('link_check', { path: 'd' });
    expect(outcome.findings.map((finding) => [finding.rule, finding.location?.line])).toEqual([
      ['docs.broken_anchor', 5],
      ['docs.broken_link', 5],
    ]);
  });

  it('to other sites are requested only when asked, and need the network capability', async () => {
    const server = createServer((request, response) =>
      response.writeHead(request.url === '/ok' ? 200 : 404).end(),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const origin = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const online = await createTestBench({ outboundAllow: [origin] });
    await online.write(
      'a.md',
      `[ok](http://${origin}/ok)\n\n[dead](http://${origin}/dead)\n\n[private](http://10.0.0.1/)\n`,
    );
    expect(await online.run('link_check', { path: '.' })).toMatchObject({
      output: { external_checked: false, external_total: 3, broken: 0 },
    });
    const checked = await online.run('link_check', { path: '.', check_external: true });
    expect(checked.output).toMatchObject({
      external: [
        { ok: true, status: 200 },
        { ok: false, status: 404 },
        { ok: null, status: null },
      ],
    });
    expect(checked.findings).toMatchObject([
      { rule: 'docs.dead_external_link', location: { line: 3 } },
    ]);
    expect(
      await online.run(
        'link_check',
        { path: '.', check_external: true },
        { allowedCapabilities: ['read'] },
      ),
    ).toMatchObject({ status: 'denied', error: { code: 'tools.capability.not_allowed' } });
    await online.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});
