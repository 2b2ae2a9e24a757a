/**
 * OpenAI's published answer shapes, written down as schemas: what a client generated from its documents may rely on. Strict where the
 * document lists all fields, so that an invented one is found.
 */
import { z } from 'zod';

const tokens = z.int().min(0);
const usage = z.strictObject({
  prompt_tokens: tokens,
  completion_tokens: tokens,
  total_tokens: tokens,
  prompt_tokens_details: z
    .strictObject({ cached_tokens: tokens.optional(), audio_tokens: tokens.optional() })
    .optional(),
  completion_tokens_details: z
    .strictObject({
      reasoning_tokens: tokens.optional(),
      audio_tokens: tokens.optional(),
      accepted_prediction_tokens: tokens.optional(),
      rejected_prediction_tokens: tokens.optional(),
    })
    .optional(),
});
const finishReason = z.enum(['stop', 'length', 'tool_calls', 'content_filter', 'function_call']);
const toolCall = z.strictObject({
  id: z.string(),
  type: z.literal('function'),
  function: z.strictObject({ name: z.string(), arguments: z.string() }),
});

export const completionShape = z.strictObject({
  id: z.string(),
  object: z.literal('chat.completion'),
  created: z.int().positive(),
  model: z.string(),
  choices: z
    .array(
      z.strictObject({
        index: z.literal(0),
        message: z.strictObject({
          role: z.literal('assistant'),
          content: z.string().nullable(),
          refusal: z.string().nullable(),
          tool_calls: z.array(toolCall).min(1).optional(),
        }),
        logprobs: z.null(),
        finish_reason: finishReason,
      }),
    )
    .length(1),
  usage,
});

export const chunkShape = z.strictObject({
  id: z.string(),
  object: z.literal('chat.completion.chunk'),
  created: z.int().positive(),
  model: z.string(),
  choices: z
    .array(
      z.strictObject({
        index: z.literal(0),
        delta: z.strictObject({
          role: z.literal('assistant').optional(),
          content: z.string().nullable().optional(),
          refusal: z.string().nullable().optional(),
          tool_calls: z
            .array(
              z.strictObject({
                index: z.int(),
                id: z.string().optional(),
                type: z.literal('function').optional(),
                function: z
                  .strictObject({ name: z.string().optional(), arguments: z.string().optional() })
                  .optional(),
              }),
            )
            .optional(),
        }),
        logprobs: z.null(),
        finish_reason: finishReason.nullable(),
      }),
    )
    .max(1),
  usage: usage.nullable().optional(),
});

export const modelShape = z.strictObject({
  id: z.string(),
  object: z.literal('model'),
  created: z.int().min(0),
  owned_by: z.string(),
});
export const modelListShape = z.strictObject({
  object: z.literal('list'),
  data: z.array(modelShape),
});

export const embeddingsShape = z.strictObject({
  object: z.literal('list'),
  model: z.string(),
  data: z.array(
    z.strictObject({
      object: z.literal('embedding'),
      index: z.int(),
      embedding: z.union([z.array(z.number()), z.base64()]),
    }),
  ),
  usage: z.strictObject({ prompt_tokens: tokens, total_tokens: tokens }),
});

export const errorShape = z.strictObject({
  error: z.strictObject({
    message: z.string().min(1),
    type: z.string().min(1),
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
});
