import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSseParser, readSse, type SseMessage } from './sse-parser.ts';

const STREAM = [
  '\uFEFFid: 1\nevent: llm.delta\ndata: {"a":1}\n\n',
  ': heartbeat\r\n\r\n',
  'id: 2\r\ndata: first line\r\ndata: second line\r\n\r\n',
  'retry: 10\rdata:no space\r\r',
  'id\ndata\ndata: naïve 🍳 text\n\n',
  'data: unfinished',
].join('');

const EXPECTED: SseMessage[] = [
  { id: '1', event: 'llm.delta', data: '{"a":1}' },
  { id: '2', event: 'message', data: 'first line\nsecond line' },
  { id: '2', event: 'message', data: 'no space' },
  { id: '', event: 'message', data: '\nnaïve 🍳 text' },
];

describe('createSseParser', () => {
  it('reads every kind of line end, comments, several data lines, and leaves an unfinished message out', () => {
    expect(createSseParser()(STREAM)).toEqual(EXPECTED);
  });

  it('gives the same messages wherever the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (sizes) => {
        const parse = createSseParser();
        const out: SseMessage[] = [];
        let at = 0;
        for (let turn = 0; at < STREAM.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          out.push(...parse(STREAM.slice(at, at + size)));
          at += size;
        }
        expect(out).toEqual(EXPECTED);
      }),
    );
  });

  it('ignores an id with a NUL, as the standard says', () => {
    expect(createSseParser()('id: a\0b\ndata: x\n\n')[0]?.id).toBeNull();
  });
});

describe('readSse', () => {
  it('joins characters whose bytes came in different pieces', async () => {
    const bytes = new TextEncoder().encode(STREAM);
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    expect(await Array.fromAsync(readSse(body))).toEqual(EXPECTED);
  });
});
