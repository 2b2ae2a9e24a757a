import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateTokens } from '../usage/estimate-tokens.ts';
import { inputTokensBound } from './input-bound.ts';

describe('bound of the input', () => {
  it('is never below the estimate, and never below one token a byte', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (texts) => {
        const bound = inputTokensBound({ texts, messages: texts.length });
        for (const text of texts) expect(bound).toBeGreaterThanOrEqual(estimateTokens(text));
        expect(bound).toBeGreaterThanOrEqual(Buffer.byteLength(texts.join('')));
      }),
    );
  });

  it('counts blanks and signs that an estimate passes over, definitions and pictures', () => {
    expect(estimateTokens(' \n'.repeat(500))).toBe(0);
    expect(inputTokensBound({ texts: [' \n'.repeat(500)], messages: 1 })).toBe(1_080);
    const tools = inputTokensBound({ texts: [], messages: 0, definitions: [{ name: 'read' }] });
    expect(tools).toBe(1_064 + '{"name":"read"}'.length);
    expect(
      inputTokensBound({ texts: [], messages: 0, media: [{ bytes: 9 }, { bytes: 80_000 }] }),
    ).toBe(130_064);
  });
});
