import type { ChatRequest } from '@automatos/contracts';
import { toPlatformError } from '@automatos/kernel';
import type { JsonObject, PlatformError } from '@automatos/kernel';
import type { ModelCall, ProviderRow, ToolSpec } from '@automatos/providers';
import { toModelMessages } from './to-messages.ts';
import { unsupported } from './v1-errors.ts';

/** Fields that a codec carries, or that this endpoint itself acts on. */
const CARRIED: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'stream',
  'stream_options',
  'temperature',
  'top_p',
  'frequency_penalty',
  'presence_penalty',
  'max_tokens',
  'max_completion_tokens',
  'n',
  'stop',
  'seed',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'response_format',
]);

/** Fields that a wire has no place for: its codec would drop them. */
const NO_PLACE: Readonly<Partial<Record<ProviderRow['wire'], readonly (keyof ChatRequest)[]>>> = {
  anthropic: ['seed', 'frequency_penalty', 'presence_penalty'],
  'openai-responses': ['seed', 'stop', 'frequency_penalty', 'presence_penalty'],
};

/** What a request asks of a model, without where it goes. */
export type AskedOfModel = Pick<
  ModelCall,
  | 'messages'
  | 'tools'
  | 'toolChoice'
  | 'responseSchema'
  | 'json'
  | 'temperature'
  | 'topP'
  | 'frequencyPenalty'
  | 'presencePenalty'
  | 'maxOutputTokens'
  | 'stopSequences'
  | 'seed'
>;

/** Refuses what no answer of this endpoint has, whoever gives it. */
export function assertOneAnswer(request: ChatRequest): void {
  if ((request.n ?? 1) !== 1) {
    throw unsupported('/n', 'One answer is given per request: leave n out, or set it to 1.');
  }
}

/** A request for a model that is reached by a codec. Throws `v1.parameter.unsupported` for each field that would have no effect. */
export function toAskedOfModel(
  request: ChatRequest,
  wire: ProviderRow['wire'] | undefined,
): AskedOfModel {
  refuseUncarried(request, wire === undefined ? [] : (NO_PLACE[wire] ?? []));
  const format = request.response_format;
  const bound = request.max_completion_tokens ?? request.max_tokens;
  const stop = typeof request.stop === 'string' ? [request.stop] : request.stop;
  const tools = (request.tools ?? []).map(toToolSpec);
  return {
    messages: toModelMessages(request.messages),
    ...(tools.length === 0 ? {} : { tools, toolChoice: toolChoiceOf(request) }),
    ...(format?.type === 'json_schema'
      ? { responseSchema: format.json_schema.schema as JsonObject }
      : {}),
    ...(format?.type === 'json_object' ? { json: true } : {}),
    ...given('temperature', request.temperature),
    ...given('topP', request.top_p),
    ...given('frequencyPenalty', request.frequency_penalty),
    ...given('presencePenalty', request.presence_penalty),
    ...given('maxOutputTokens', bound),
    ...given('stopSequences', stop),
    ...given('seed', request.seed),
  };
}

/** Why a wire cannot take a request; null = it can. */
export function uncarried(
  request: ChatRequest,
  wire: ProviderRow['wire'] | undefined,
): PlatformError | null {
  try {
    toAskedOfModel(request, wire);
    return null;
  } catch (error) {
    return toPlatformError(error);
  }
}

function refuseUncarried(request: ChatRequest, noPlace: readonly string[]): void {
  for (const [name, value] of Object.entries(request)) {
    if (value === null || value === undefined) continue;
    if (CARRIED.has(name) && !noPlace.includes(name)) continue;
    throw unsupported(
      `/${name}`,
      `The field ${name} has no effect on this model; leave it out, or choose a model that takes it.`,
    );
  }
  if (request.parallel_tool_calls === false) {
    throw unsupported(
      '/parallel_tool_calls',
      'This model cannot be kept from calling several tools at once.',
    );
  }
}

function given<Name extends string, Value>(
  name: Name,
  value: Value | null | undefined,
): { [Key in Name]?: Value } {
  return value === null || value === undefined
    ? {}
    : ({ [name]: value } as { [Key in Name]: Value });
}

function toToolSpec({ function: tool }: NonNullable<ChatRequest['tools']>[number]): ToolSpec {
  return {
    name: tool.name,
    description: tool.description ?? '',
    inputSchema: (tool.parameters ?? { type: 'object', properties: {} }) as JsonObject,
  };
}

function toolChoiceOf({
  tool_choice: choice,
  tools,
}: ChatRequest): NonNullable<ModelCall['toolChoice']> {
  if (choice === null || choice === undefined) return 'auto';
  if (typeof choice === 'string') return choice;
  const { name } = choice.function;
  if (tools?.some((tool) => tool.function.name === name) === true) return { tool: name };
  throw unsupported('/tool_choice', `tool_choice names "${name}", which is none of the tools.`);
}
