import type {
  LanguageModelV4CallOptions,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  LanguageModelV4ToolResultPart,
} from '@ai-sdk/provider';
import { findingSchema } from '@automatos/contracts';
import type { Finding } from '@automatos/contracts';
import { isJsonObject } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import { extractJson } from './extract-json.ts';

export interface ContextDocument {
  title: string;
  text: string;
}

export interface OfferedTool {
  name: string;
  description: string;
  schema: JsonObject;
}

/** What one tool call of this turn gave. */
export interface ToolEvidence {
  tool: string;
  input: JsonObject;
  ok: boolean;
  /** Tool's own summary, or the error text when `ok` is false. */
  summary: string;
  findings: Finding[];
  /** All findings the tool made; more than `findings` when it listed only a part. */
  findingsTotal: number;
  output: JsonValue;
}

/** One request, taken apart. */
export interface OfflineRequest {
  system: string;
  /** The task in words, without inputs, context and pasted JSON. */
  task: string;
  inputs: JsonObject;
  context: ContextDocument[];
  tools: OfferedTool[];
  /** Calls made in this turn, in order. */
  made: ToolEvidence[];
  responseSchema: JsonObject | null;
  maxOutputTokens: number | null;
}

/** A request longer than this without a `Context:` section has its later paragraphs read as context. */
const INSTRUCTION_CHARS = 600;

/** Reads prompt and options by the conventions of the agent runtime (README, "The offline provider"). */
export function parseRequest(
  options: Pick<
    LanguageModelV4CallOptions,
    'prompt' | 'tools' | 'responseFormat' | 'maxOutputTokens'
  >,
): OfflineRequest {
  const { prompt } = options;
  const lastUser = prompt.findLastIndex((message) => message.role === 'user');
  const user = prompt[lastUser];
  const text = user === undefined ? '' : messageText(user);
  const { rest, inputs } = takeInputs(text);
  const { rest: withoutContext, context } = takeContext(rest);
  const embedded = extractJson(withoutContext);
  const allInputs = {
    ...inputs,
    ...Object.fromEntries(embedded.values.map((value, index) => [`embedded_${index + 1}`, value])),
  };
  const { task, more } = splitInstruction(embedded.text.trim(), context.length > 0);
  return {
    system: prompt
      .filter((message) => message.role === 'system')
      .map(messageText)
      .join('\n'),
    task,
    inputs: allInputs,
    context: more === '' ? context : [...context, { title: 'request', text: more }],
    tools: (options.tools ?? []).flatMap((tool) =>
      tool.type === 'function'
        ? [
            {
              name: tool.name,
              description: tool.description ?? '',
              schema: tool.inputSchema as JsonObject,
            },
          ]
        : [],
    ),
    made: readEvidence(prompt.slice(lastUser + 1)),
    responseSchema:
      options.responseFormat?.type === 'json'
        ? ((options.responseFormat.schema as JsonObject | undefined) ?? {})
        : null,
    maxOutputTokens: options.maxOutputTokens ?? null,
  };
}

function messageText(message: LanguageModelV4Message): string {
  if (typeof message.content === 'string') return message.content;
  return message.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}

function takeInputs(text: string): { rest: string; inputs: JsonObject } {
  const section =
    /^[#* \t]*Inputs \(JSON\):?\**[ \t]*\n+```json[ \t]*\n([\s\S]*?)\n```[ \t]*$/m.exec(text);
  if (section === null) return { rest: text, inputs: {} };
  const parsed = extractJson(section[1] ?? '').values[0];
  return {
    rest: text.slice(0, section.index) + text.slice(section.index + section[0].length),
    inputs: isJsonObject(parsed) ? (parsed as JsonObject) : {},
  };
}

function takeContext(text: string): { rest: string; context: ContextDocument[] } {
  const header = /^[#* \t]*Context:?\**:?[ \t]*$/m.exec(text);
  if (header === null) return { rest: text, context: [] };
  const body = text.slice(header.index + header[0].length);
  return { rest: text.slice(0, header.index), context: splitDocuments(body) };
}

/** Documents of a context section: each begins with a line `[n] title`; without such lines the section is one document. */
function splitDocuments(body: string): ContextDocument[] {
  const documents: ContextDocument[] = [];
  for (const line of body.split('\n')) {
    const head = /^\s*\[(\d{1,4})\][ \t]*(.*)$/.exec(line);
    if (head !== null)
      documents.push({ title: (head[2] ?? '').trim() || `document ${head[1]}`, text: '' });
    else if (documents.length === 0) documents.push({ title: 'context', text: `${line}\n` });
    else (documents.at(-1) as ContextDocument).text += `${line}\n`;
  }
  return documents.filter((document) => document.text.trim() !== '');
}

function splitInstruction(task: string, hasContext: boolean): { task: string; more: string } {
  const gap = task.search(/\n\s*\n/);
  if (hasContext || task.length <= INSTRUCTION_CHARS || gap === -1) return { task, more: '' };
  return { task: task.slice(0, gap), more: task.slice(gap).trim() };
}

function readEvidence(messages: LanguageModelV4Prompt): ToolEvidence[] {
  const calls = new Map<string, { tool: string; input: JsonObject }>();
  const evidence: ToolEvidence[] = [];
  for (const message of messages) {
    if (message.role === 'assistant') {
      for (const part of message.content)
        if (part.type === 'tool-call')
          calls.set(part.toolCallId, {
            tool: part.toolName,
            input: isJsonObject(part.input) ? (part.input as JsonObject) : {},
          });
    } else if (message.role === 'tool') {
      for (const part of message.content)
        if (part.type === 'tool-result')
          evidence.push(toEvidence(part, calls.get(part.toolCallId)?.input ?? {}));
    }
  }
  return evidence;
}

function toEvidence(part: LanguageModelV4ToolResultPart, input: JsonObject): ToolEvidence {
  const { output } = part;
  const base = { tool: part.toolName, input, findings: [] as Finding[], findingsTotal: 0 };
  switch (output.type) {
    case 'error-text':
      return { ...base, ok: false, summary: output.value, output: null };
    case 'error-json':
      return { ...base, ok: false, summary: errorSummary(output.value as JsonValue), output: null };
    case 'execution-denied':
      return {
        ...base,
        ok: false,
        summary: `denied${output.reason === undefined ? '' : `: ${output.reason}`}`,
        output: null,
      };
    case 'json':
      return fromValue(base, output.value as JsonValue);
    case 'text':
      return fromValue(base, extractJson(output.value).values[0] ?? output.value);
    default:
      return {
        ...base,
        ok: true,
        summary: '',
        output: output.value.map((item) => ('text' in item ? item.text : '')).join('\n'),
      };
  }
}

function errorSummary(value: JsonValue): string {
  if (typeof value === 'string') return value;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const inner = isJsonObject(value['error']) ? value['error'] : value;
  const text = inner['message'] ?? value['summary'];
  return typeof text === 'string' && text !== '' ? text : JSON.stringify(value);
}

function fromValue(base: { tool: string; input: JsonObject }, value: JsonValue): ToolEvidence {
  if (!isJsonObject(value))
    return { ...base, ok: true, summary: '', findings: [], findingsTotal: 0, output: value };
  const findings = readFindings(value['findings']);
  const total = value['findings_total'];
  const {
    summary,
    status,
    error,
    findings: _findings,
    findings_total: _total,
    truncated: _truncated,
    pointer: _pointer,
    output,
    ...others
  } = value as JsonObject;
  const ok = error === undefined && (typeof status !== 'string' || GOOD_STATUS.test(status));
  return {
    ...base,
    ok,
    summary: ok ? textOf(summary) : errorSummary(error ?? summary ?? status ?? null),
    findings,
    findingsTotal: typeof total === 'number' ? Math.max(total, findings.length) : findings.length,
    output: output ?? (Object.keys(others).length > 0 ? others : null),
  };
}

const GOOD_STATUS = /^(?:ok|success|succeeded|completed|done)$/;

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** Entries of a list that are findings; others are left out. */
export function readFindings(value: unknown): Finding[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown) => {
    const parsed = findingSchema.safeParse(item);
    return parsed.success ? [parsed.data] : [];
  });
}
