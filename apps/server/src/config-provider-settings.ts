import type { z } from 'zod';
import { httpUrl, secret, setting } from './config-setting-kinds.ts';
import type { Setting } from './config-setting-kinds.ts';

const key = (name: string) => secret(`Key of ${name}.`);
const url = (name: string, fallback: string) =>
  setting(`Base URL of ${name}.`, fallback, httpUrl.optional());

/** Keys that the providers room reads by the names in its catalogue. */
export const PROVIDER_SETTINGS: Record<string, Setting<z.ZodType<string | undefined>>> = {
  OPENAI_API_KEY: key('OpenAI'),
  OPENAI_BASE_URL: url('OpenAI or a proxy in front of it', 'https://api.openai.com/v1'),
  ANTHROPIC_API_KEY: key('Anthropic'),
  ANTHROPIC_BASE_URL: url('Anthropic or a proxy in front of it', 'https://api.anthropic.com/v1'),
  GOOGLE_GENERATIVE_AI_API_KEY: key('Google AI'),
  GEMINI_API_KEY: secret('Other name of the key of Google AI.'),
  GOOGLE_API_KEY: secret('Other name of the key of Google AI.'),
  GOOGLE_BASE_URL: url(
    'Google AI or a proxy in front of it',
    'https://generativelanguage.googleapis.com/v1beta',
  ),
  GROQ_API_KEY: key('Groq'),
  DEEPSEEK_API_KEY: key('DeepSeek'),
  COHERE_API_KEY: key('Cohere'),
  MISTRAL_API_KEY: key('Mistral'),
  TOGETHER_API_KEY: key('Together AI'),
  PERPLEXITY_API_KEY: key('Perplexity'),
  FIREWORKS_API_KEY: key('Fireworks AI'),
  REPLICATE_API_TOKEN: key('Replicate'),
  REPLICATE_API_KEY: secret('Other name of the key of Replicate.'),
  HF_TOKEN: key('Hugging Face'),
  HUGGINGFACE_API_KEY: secret('Other name of the key of Hugging Face.'),
  AI21_API_KEY: key('AI21 Labs'),
  AA_TOKEN: key('Aleph Alpha'),
  ALEPH_ALPHA_API_KEY: secret('Other name of the key of Aleph Alpha.'),
  AA_BASE_URL: url('your PhariaAI installation of Aleph Alpha', 'not set'),
  WRITER_API_KEY: key('Writer'),
  MOONSHOT_API_KEY: key('Moonshot AI'),
  OLLAMA_BASE_URL: url('Ollama, with /v1', 'not set; a local one is at http://127.0.0.1:11434/v1'),
  OPENAI_COMPATIBLE_BASE_URL: url('any server that speaks POST /chat/completions', 'not set'),
  OPENAI_COMPATIBLE_API_KEY: secret('Key of the OpenAI-compatible server, where it wants one.'),
};
