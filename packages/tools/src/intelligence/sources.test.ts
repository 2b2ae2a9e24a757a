import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestBench, type TestBench } from '../test-executor.fixture.ts';
import { checkArchive, DOCUMENT_BOUNDS } from './check-archive.ts';
import { makeDocx, makePdf, makeZip } from './make-zip.fixture.ts';
import { readFeed } from './read-feed.ts';
import { readPage } from './read-page.ts';

let server: Server;
let origin = '';
let bench: TestBench;
const asked: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const html = { 'content-type': 'text/html' };
    if (request.url === '/robots.txt') response.end('User-agent: Automatos\nDisallow: /closed\n');
    else if (request.url === '/big')
      response
        .writeHead(200, { 'content-type': 'text/plain' })
        .end('A line of a long page.\n'.repeat(100_000));
    else if (request.url === '/deep') response.writeHead(200, html).end('<div>'.repeat(50_000));
    else response.writeHead(200, html).end('<html><body><p>Open page.</p></body></html>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  bench = await createTestBench({ outboundAllow: [origin.slice(7)] });
});
afterAll(async () => {
  await bench.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

interface Fetched {
  sources: { text: string; origin: string; title: string | null }[];
  failures: { reason: string; message: string }[];
}
async function fetchAll(sources: string[]) {
  const outcome = await bench.run('fetch_sources', { sources });
  return { ...outcome, output: outcome.output as unknown as Fetched };
}

describe('pages', () => {
  it('become Markdown of their article, with absolute links and without scripts, navigation and script links', () => {
    const words = 'This sentence is long enough to be an article on a page of news. '.repeat(4);
    const page = readPage(
      `<html><head><title>T</title><script>alert(1)</script><script type="application/ld+json">{"author":{"@type":"Person","name":"Ada"},"datePublished":"2026-03-01"}</script></head>
       <body><nav>menu</nav><article><h2>Head</h2><p>${words}<a href="/x">one</a> <a href="javascript:alert(1)">two</a></p><table><tr><th>A</th></tr><tr><td>1</td></tr></table></article></body></html>`,
      'https://example.com/news/',
    );
    expect(page).toMatchObject({
      title: 'T',
      author: 'Ada',
      published: '2026-03-01',
      links: ['https://example.com/x'],
    });
    expect(page.markdown).toContain('[one](https://example.com/x)');
    expect(page.markdown).toContain('| 1 |');
    expect(page.markdown).not.toMatch(/menu|alert|javascript/);
  });

  it('that robots.txt forbids are not requested', async () => {
    asked.length = 0;
    const { output, findings } = await fetchAll([`${origin}/closed/a`, `${origin}/open`]);
    expect(asked).toEqual(['/robots.txt', '/open']);
    expect(output.failures).toMatchObject([{ reason: 'disallowed' }]);
    expect(findings).toMatchObject([{ rule: 'source.disallowed' }]);
  });

  it('are cut at 2 MB, and that is told', async () => {
    const { findings } = await fetchAll([`${origin}/big`]);
    expect(findings).toMatchObject([{ rule: 'source.truncated' }]);
  });

  it('at private addresses are refused', async () => {
    const { output } = await fetchAll(['http://169.254.169.254/latest/meta-data/']);
    expect(output).toMatchObject({
      sources: [],
      failures: [{ reason: 'unreachable', message: expect.stringContaining('not a public one') }],
    });
  });

  it('that nest without end fail alone', async () => {
    const { status, output } = await fetchAll([`${origin}/deep`, `${origin}/open`]);
    expect(status).toBe('success');
    expect(output.sources.at(-1)?.text).toContain('Open page.');
  });

  it('are one error when they are all that was asked for', async () => {
    expect(await bench.run('web_page_to_markdown', { url: `${origin}/closed/a` })).toMatchObject({
      status: 'error',
      error: { code: 'tools.sources.unreadable' },
    });
  });
});

describe('feeds', () => {
  it('of RSS and Atom give their items', () => {
    const atom =
      '<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title><entry><title>One</title><link rel="self" href="/self"/><link rel="alternate" href="/1"/><updated>2026-03-01T10:00:00+02:00</updated><author><name>Ada</name></author><summary>A &amp;amp; B</summary></entry></feed>';
    expect(readFeed(atom, 'https://example.com/', 10).items).toEqual([
      {
        title: 'One',
        url: 'https://example.com/1',
        author: 'Ada',
        published: '2026-03-01T08:00:00.000Z',
        text: 'A &amp; B',
      },
    ]);
  });

  it('cannot grow by entities of their own', () => {
    const bomb =
      '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><rss><channel><item><title>&b;</title></item></channel></rss>';
    expect(readFeed(bomb, 'https://example.com/', 10).items[0]?.title).toBe('&b;');
  });
});

describe('documents', () => {
  it('of Word and PDF are read', async () => {
    await bench.write('papers/a.docx', makeDocx(['Kestrel has three nodes.', 'Second paragraph.']));
    await bench.write('papers/b.pdf', makePdf('Petrel has five nodes.'));
    const { output } = await fetchAll(['papers']);
    expect(
      output.sources.map(({ origin: path, text }) => [path, text.replaceAll(/\s+/g, ' ').trim()]),
    ).toEqual([
      ['a.docx', 'Kestrel has three nodes. Second paragraph.'],
      ['b.pdf', 'Petrel has five nodes.'],
    ]);
  });

  it('that unpack to far too much are refused, and the others read', async () => {
    await bench.write(
      'bombs/bomb.docx',
      makeZip([{ name: 'word/document.xml', content: Buffer.alloc(30_000_000, 'a') }]),
    );
    await bench.write('bombs/broken.pdf', 'no pdf');
    await bench.write('bombs/fine.md', '# Fine\n\nText.');
    const { output, findings } = await fetchAll(['bombs']);
    expect(output.sources.map((source) => source.origin)).toEqual(['fine.md']);
    expect(findings.map(({ rule, evidence }) => [rule, evidence])).toEqual([
      ['source.refused', 'bomb.docx'],
      ['source.refused', 'broken.pdf'],
    ]);
  });

  it.each([
    [
      'entries of one name',
      [
        { name: 'A.xml', content: '1' },
        { name: 'a.xml', content: '2' },
      ],
      'same name',
    ],
    ['symbolic links', [{ name: 'l', content: '/etc/passwd', mode: 0o120777 }], 'symbolic link'],
    ['ways out', [{ name: '../x', content: '1' }], 'damaged'],
    [
      'too many entries',
      Array.from({ length: DOCUMENT_BOUNDS.entriesMax + 1 }, (_, index) => ({
        name: `f${index}`,
        content: '',
      })),
      'too many',
    ],
  ])('with %s are refused', async (_, entries, why) => {
    await expect(checkArchive(makeZip(entries), 'x.docx')).rejects.toMatchObject({
      code: 'tools.document.refused',
      message: expect.stringContaining(why),
    });
  });

  it('outside the roots stay closed', async () => {
    expect(await bench.run('fetch_sources', { sources: ['/etc/hosts'] })).toMatchObject({
      status: 'error',
      error: { code: 'tools.path.outside_root' },
    });
  });

  it('none at all is an error that says what to give', async () => {
    expect(await bench.run('extract_entities', {})).toMatchObject({
      error: { code: 'tools.sources.none' },
    });
  });
});
