import { APICallError } from '@ai-sdk/provider';
import { describe, expect, it } from 'vitest';
import { classifyFailure } from './classify-failure.ts';
import { PROVIDERS_ERROR_CODES } from '../error-codes.ts';
import { redactSecrets } from './redact.ts';

const NOW = Date.parse('2026-11-20T10:00:00Z');
const context = (provider: string) => ({
  provider,
  providerName: provider,
  model: 'm',
  apiKey: 'secret-key-123',
  nowMs: NOW,
  answerBegan: false,
});

function answer(
  statusCode: number,
  body: unknown,
  headers: Record<string, string> = {},
): APICallError {
  return new APICallError({
    message: 'failed',
    url: 'http://x',
    requestBodyValues: {},
    statusCode,
    responseHeaders: headers,
    responseBody: typeof body === 'string' ? body : JSON.stringify(body),
  });
}
const openai = (code: string, message = '') => ({ error: { code, type: code, message } });

describe('what a vendor refusal means', () => {
  it.each<[string, string, APICallError, string, boolean, boolean]>([
    [
      'OpenAI, spent credit',
      'openai',
      answer(429, openai('credit_balance_exhausted')),
      'providers.call.no_credit',
      false,
      true,
    ],
    [
      'OpenAI, spend limit',
      'openai',
      answer(429, openai('project_spend_limit_exceeded')),
      'providers.call.no_credit',
      false,
      true,
    ],
    [
      'OpenAI, rate',
      'openai',
      answer(429, openai('rate_limit_exceeded')),
      'providers.call.rate_limited',
      true,
      false,
    ],
    [
      'OpenAI, overload',
      'openai',
      answer(503, openai('server_is_overloaded')),
      'providers.call.overloaded',
      true,
      false,
    ],
    [
      'OpenAI, context',
      'openai',
      answer(400, openai('context_length_exceeded')),
      'providers.context.overflow',
      false,
      false,
    ],
    [
      'Anthropic, spend limit without retry-after',
      'anthropic',
      answer(429, {
        type: 'error',
        error: {
          type: 'rate_limit_error',
          details: { error_code: 'enforced_spend_limit_reached' },
        },
      }),
      'providers.call.no_credit',
      false,
      true,
    ],
    [
      'Anthropic, rate',
      'anthropic',
      answer(
        429,
        { type: 'error', error: { type: 'rate_limit_error', message: 'slow' } },
        { 'retry-after': '2' },
      ),
      'providers.call.rate_limited',
      true,
      false,
    ],
    [
      'Anthropic, billing',
      'anthropic',
      answer(402, { error: { type: 'billing_error' } }),
      'providers.call.no_credit',
      false,
      true,
    ],
    [
      'Anthropic, overload',
      'anthropic',
      answer(529, { error: { type: 'overloaded_error' } }),
      'providers.call.overloaded',
      true,
      false,
    ],
    [
      'Anthropic, conflict',
      'anthropic',
      answer(409, { error: { type: 'conflict_error' } }),
      'providers.call.overloaded',
      true,
      false,
    ],
    [
      'Anthropic, long prompt',
      'anthropic',
      answer(400, {
        error: { type: 'invalid_request_error', message: 'prompt is too long: 250000 tokens' },
      }),
      'providers.context.overflow',
      false,
      false,
    ],
    [
      'Google, bad key as 400',
      'google',
      answer(400, {
        error: { code: 400, status: 'INVALID_ARGUMENT', message: 'API key not valid.' },
      }),
      'providers.credential.rejected',
      false,
      true,
    ],
    [
      'Google, prepaid credit',
      'google',
      answer(402, { error: { status: 'RESOURCE_EXHAUSTED' } }),
      'providers.call.no_credit',
      false,
      true,
    ],
    [
      'Google, daily quota',
      'google',
      answer(429, { error: { details: [{ quotaId: 'GenerateRequestsPerDayPerProject' }] } }),
      'providers.call.no_credit',
      false,
      true,
    ],
    [
      'Together, 403 is the context',
      'together',
      answer(403, { error: { message: 'input too long' } }),
      'providers.context.overflow',
      false,
      false,
    ],
    [
      'Moonshot, 403 is money',
      'moonshot',
      answer(403, { error: { message: 'insufficient balance' } }),
      'providers.call.no_credit',
      false,
      true,
    ],
    [
      'Moonshot, overload as 429',
      'moonshot',
      answer(429, { error: { message: 'The engine is currently overloaded' } }),
      'providers.call.overloaded',
      true,
      false,
    ],
    [
      'Groq, flex capacity',
      'groq',
      answer(498, openai('capacity_exceeded')),
      'providers.call.overloaded',
      true,
      false,
    ],
    ['DeepSeek, balance', 'deepseek', answer(402, {}), 'providers.call.no_credit', false, true],
    [
      'OpenAI, slow down',
      'openai',
      answer(429, openai('slow_down')),
      'providers.call.rate_limited',
      true,
      false,
    ],
    [
      'Anthropic, own spend limit as 400',
      'anthropic',
      answer(400, { error: { message: 'You have reached your spend limit' } }),
      'providers.call.no_credit',
      false,
      true,
    ],
    [
      'Google, a tier without quota',
      'google',
      answer(429, { error: { details: [{ violations: [{ quotaValue: '0' }] }] } }),
      'providers.call.no_credit',
      false,
      true,
    ],
    [
      'Google, quota of the minute',
      'google',
      answer(429, { error: { details: [{ quotaId: 'PerMinute', quotaValue: '10' }] } }),
      'providers.call.rate_limited',
      true,
      false,
    ],
    [
      'Together, dynamic limit',
      'together',
      answer(429, openai('dynamic_token_limited')),
      'providers.call.rate_limited',
      true,
      false,
    ],
    ['Together, spend limit', 'together', answer(402, {}), 'providers.call.no_credit', false, true],
    ['Together, capacity', 'together', answer(503, {}), 'providers.call.overloaded', true, false],
    ['DeepSeek, parameters', 'deepseek', answer(422, {}), 'providers.call.rejected', false, false],
    [
      'Cohere, context',
      'cohere',
      answer(400, { message: 'too many tokens: 9000' }),
      'providers.context.overflow',
      false,
      false,
    ],
    ['Cohere, cancelled', 'cohere', answer(499, {}), 'providers.call.upstream_error', true, false],
    [
      'Writer, its own form',
      'writer',
      answer(400, { tpe: 'bad', errors: [{ description: 'maximum context length', key: 'x' }] }),
      'providers.context.overflow',
      false,
      false,
    ],
    ['any, forbidden', 'openai', answer(403, {}), 'providers.credential.rejected', false, true],
    ['any, unknown 4xx', 'openai', answer(418, {}), 'providers.call.rejected', false, false],
    [
      'any, time-out at the vendor',
      'openai',
      answer(408, {}),
      'providers.call.upstream_error',
      true,
      false,
    ],
  ])('%s', (_name, ...[provider, error, code, retryable, opensCircuit]) => {
    const typed = classifyFailure(error, context(provider));
    expect({
      code: typed.code,
      retryable: typed.retryable,
      opensCircuit: typed.details?.['opens_circuit'],
    }).toEqual({ code, retryable, opensCircuit });
    expect(Object.keys(PROVIDERS_ERROR_CODES)).toContain(typed.code);
  });

  it.each([
    [{ 'Retry-After': '3' }, {}, 3000],
    [{ 'retry-after-ms': '250' }, {}, 250],
    [{ 'retry-after': 'Fri, 20 Nov 2026 10:00:09 GMT' }, {}, 9000],
    [{ 'retry-after': '999999999' }, {}, 86_400_000],
    [{}, { error: { details: [{ retryDelay: '34.5s' }] } }, 34_500],
    [{}, { detail: 'Request was throttled. Your rate limit resets in ~30s.' }, 30_000],
    [{ 'retry-after': 'soon' }, {}, undefined],
  ])('reads how long to wait from %o %o', (headers, body, ms) => {
    expect(classifyFailure(answer(429, body, headers), context('openai')).retryAfterMs).toBe(ms);
  });

  it('keeps the vendor code, never the key', () => {
    const typed = classifyFailure(
      answer(400, openai('bad_parameter', 'no such thing for secret-key-123 or Bearer abcdefgh')),
      context('openai'),
    );
    expect(typed.details).toMatchObject({ vendor_code: 'bad_parameter', status: 400 });
    expect(JSON.stringify([typed.message, typed.internalMessage, typed.details])).not.toMatch(
      /secret-key-123|abcdefgh/,
    );
    expect(typed.message).toContain('no such thing');
    expect(typed.cause).toBeUndefined();
  });

  it('takes out what looks like a key, also one that is not ours', () => {
    expect(redactSecrets('key sk-proj-abcdef123456 and AIzaSyA1234567 leaked', undefined)).toBe(
      'key [key] and [key] leaked',
    );
  });
});

it('a vendor that repeats the key in its code, its message or its request id: none of them keeps it', () => {
  const key = 'secret-key-123';
  const echo = answer(401, openai(key, `wrong ${key}`), { 'x-request-id': `r-${key}` });
  const error = classifyFailure(echo, context('openai'));
  expect(JSON.stringify([error.message, error.internalMessage, error.details])).not.toContain(key);
});
