import type { LanguageModelV4CallOptions, LanguageModelV4Prompt } from '@ai-sdk/provider';
import { toolOutputText } from './cohere-messages.ts';

/** Names of a model's inputs; null = it has no such input. */
export interface ReplicateInputs {
  prompt: string;
  system: string | null;
  maxTokens: string | null;
  temperature: string | null;
  topP: string | null;
}

const USUAL: ReplicateInputs = {
  prompt: 'prompt',
  system: 'system_prompt',
  maxTokens: 'max_tokens',
  temperature: 'temperature',
  topP: 'top_p',
};

/** Families of language models whose inputs are known; the others are asked for their schema. */
const KNOWN: readonly [RegExp, ReplicateInputs][] = [
  [/^meta\/(meta-)?llama-[34]/, USUAL],
  [/^ibm-granite\//, USUAL],
  [/^anthropic\/claude/, { ...USUAL, temperature: null, topP: null }],
  [/^deepseek-ai\//, { ...USUAL, system: null }],
  [/^openai\/(gpt|o\d)/, { ...USUAL, maxTokens: 'max_completion_tokens' }],
  [/^google\/gemini/, { ...USUAL, system: 'system_instruction', maxTokens: 'max_output_tokens' }],
];

/** Inputs of a model from the table; undefined = unknown, ask its schema. */
export function knownInputs(modelId: string): ReplicateInputs | undefined {
  return KNOWN.find(([pattern]) => pattern.test(modelId))?.[1];
}

/** Inputs as a model's schema names them; undefined when it takes no prompt, so it is no language model. */
export function inputsOfSchema(properties: Record<string, unknown>): ReplicateInputs | undefined {
  const first = (...names: string[]) => names.find((name) => name in properties) ?? null;
  const prompt = first('prompt', 'text', 'input');
  if (prompt === null) return undefined;
  return {
    prompt,
    system: first('system_prompt', 'system_instruction', 'system'),
    maxTokens: first(
      'max_tokens',
      'max_new_tokens',
      'max_completion_tokens',
      'max_output_tokens',
      'max_length',
    ),
    temperature: first('temperature'),
    topP: first('top_p'),
  };
}

/** The `input` of a prediction. A conversation becomes one text, because the models take one prompt. */
export function toInput(
  names: ReplicateInputs,
  options: LanguageModelV4CallOptions,
): Record<string, unknown> {
  const system = options.prompt
    .flatMap((message) => (message.role === 'system' ? [message.content] : []))
    .join('\n\n');
  const talk = toTranscript(options.prompt);
  const input: Record<string, unknown> = {
    [names.prompt]: names.system === null && system !== '' ? `${system}\n\n${talk}` : talk,
  };
  if (names.system !== null && system !== '') input[names.system] = system;
  const set = (name: string | null, value: number | undefined) => {
    if (name !== null && value !== undefined) input[name] = value;
  };
  set(names.maxTokens, options.maxOutputTokens);
  set(names.temperature, options.temperature);
  set(names.topP, options.topP);
  return input;
}

function toTranscript(prompt: LanguageModelV4Prompt): string {
  const turns = prompt.flatMap((message) =>
    message.role === 'system'
      ? []
      : [{ role: message.role, text: message.content.map(partText).join('\n') }],
  );
  const only = turns[0];
  if (turns.length === 1 && only?.role === 'user') return only.text;
  const said = turns.map(({ role, text }) => `${SPEAKER[role]}: ${text}`);
  return [...said, 'Assistant:'].join('\n\n');
}

const SPEAKER = { user: 'User', assistant: 'Assistant', tool: 'Result of a tool' } as const;

type Part = Exclude<LanguageModelV4Prompt[number]['content'], string>[number];

function partText(part: Part): string {
  if (part.type === 'text') return part.text;
  if (part.type === 'tool-call') return `(called ${part.toolName} ${JSON.stringify(part.input)})`;
  return part.type === 'tool-result' ? toolOutputText(part.output) : '';
}
