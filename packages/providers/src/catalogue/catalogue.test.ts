import { describe, expect, it } from 'vitest';
import { MODEL_ROWS, PROVIDER_ROWS, resolveRef } from '../index.ts';

const SIXTEEN = [
  'openai',
  'anthropic',
  'google',
  'groq',
  'deepseek',
  'cohere',
  'mistral',
  'together',
  'perplexity',
  'fireworks',
  'replicate',
  'huggingface',
  'ai21',
  'alephalpha',
  'writer',
  'moonshot',
];

describe('catalogue', () => {
  it('lists the sixteen, the local ones and offline, each once', () => {
    const ids = PROVIDER_ROWS.map((row) => row.id);
    expect(ids.toSorted()).toEqual(
      [...SIXTEEN, 'ollama', 'openai-compatible', 'offline'].toSorted(),
    );
  });

  it('can connect every provider, in this version', () => {
    expect(PROVIDER_ROWS.filter((row) => row.codec === null)).toEqual([]);
  });

  it('calls the successor of a renamed model, and says so', () => {
    expect(
      [
        ['sonar', 'perplexity/sonar'],
        ['sonar-pro', 'preset/fast'],
        ['sonar-reasoning-pro', 'preset/low'],
      ].map(([old]) => {
        const { model, mappedFrom } = resolveRef({ provider: 'perplexity', model: old ?? '' });
        return [mappedFrom, model.id];
      }),
    ).toEqual([
      ['sonar', 'perplexity/sonar'],
      ['sonar-pro', 'preset/fast'],
      ['sonar-reasoning-pro', 'preset/low'],
    ]);
  });

  it('has about fifty models with integer prices or none, never one without a date', () => {
    expect(MODEL_ROWS.length).toBeGreaterThanOrEqual(48);
    for (const { provider, id, price, pricedOn } of MODEL_ROWS) {
      expect(
        PROVIDER_ROWS.some((row) => row.id === provider),
        id,
      ).toBe(true);
      const { tiers = [], fees = {}, ...rates } = price;
      const figures = [rates, fees, ...tiers].flatMap((each) => Object.values(each) as unknown[]);
      for (const value of figures)
        expect(
          value === null || (Number.isInteger(value) && Number(value) >= 0),
          `${provider} ${id}`,
        ).toBe(true);
      expect(price.inputMicros === null, id).toBe(pricedOn === null);
      expect(price.inputMicros === 0, id).toBe(provider === 'offline');
    }
    expect(new Set(MODEL_ROWS.map((row) => `${row.provider} ${row.id}`)).size).toBe(
      MODEL_ROWS.length,
    );
    expect(MODEL_ROWS.find((row) => row.id === 'command-r7b-12-2024')?.price.inputMicros).toBe(
      37_500,
    );
  });

  it('knows every default model', () => {
    const defaults = PROVIDER_ROWS.flatMap((row) =>
      row.defaultModel === null ? [] : [{ provider: row.id, model: row.defaultModel }],
    );
    expect(defaults.map((ref) => resolveRef(ref).model.status)).toEqual(
      defaults.map(() => 'current'),
    );
  });

  it.each([
    [{ provider: 'opnai', model: 'x' }, 'providers.provider.unknown', '/provider', 'openai'],
    [
      { provider: 'openai', model: 'gpt5.4-mini' },
      'providers.model.unknown',
      '/model',
      'gpt-5.4-mini',
    ],
    [{ provider: 'openai', model: 'zzzzzzzzzzzz' }, 'providers.model.unknown', '/model', undefined],
    [
      { provider: 'writer', model: 'palmyra-med' },
      'providers.model.retired',
      '/model',
      'palmyra-x5',
    ],
    [
      { provider: 'writer', model: 'palmyra-x-003-instruct' },
      'providers.model.retired',
      '/model',
      'palmyra-x5',
    ],
    [{ provider: 'ai21', model: 'j2-ultra' }, 'providers.model.retired', '/model', 'jamba-large'],
    [
      { provider: 'openai', model: 'text-embedding-3-small' },
      'providers.model.wrong_kind',
      '/model',
      undefined,
    ],
    [{ provider: 'ollama', model: ' ' }, 'providers.model.unknown', '/model', undefined],
  ])('refuses %o', (ref, ...[code, pointer, suggestion]) => {
    expect(() => resolveRef(ref)).toThrow(
      expect.objectContaining({
        code,
        kind: 'invalid-input',
        errors: [
          expect.objectContaining({ pointer, ...(suggestion === undefined ? {} : { suggestion }) }),
        ],
      }),
    );
  });

  it('takes any model of a local server: free on Ollama, of unknown price elsewhere', () => {
    expect(resolveRef({ provider: 'ollama', model: 'qwen3:8b' }).model.price.inputMicros).toBe(0);
    expect(
      resolveRef({ provider: 'openai-compatible', model: 'house' }).model.price.inputMicros,
    ).toBeNull();
    expect(resolveRef({ provider: 'deepseek', model: 'deepseek-chat' }).model.id).toBe(
      'deepseek-v4-flash',
    );
  });
});
