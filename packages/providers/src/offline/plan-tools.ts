import { canonicalJson } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import type { SchemaValidator } from '../structured/validate-schema.ts';
import { fillArguments, findPaths } from './fill-arguments.ts';
import type { OfferedTool, OfflineRequest } from './parse-request.ts';
import { contentWords, isGeneric } from './words.ts';

export interface PlannedCall {
  tool: string;
  input: JsonObject;
}

export interface ToolPlan {
  /** Calls to make now, side by side; empty = everything relevant that can run has run. */
  calls: PlannedCall[];
  /** Relevant tools that cannot be called, with the arguments that nothing in the request gives. */
  notCalled: { tool: string; missing: string[] }[];
  /** Names of the tools that the request needs. */
  selected: string[];
}

export interface PlanDeps {
  validator: SchemaValidator;
  /** Composes the report of what is there so far, for tools that store a text. */
  report: () => string;
  /** Whether the request itself hands over findings or texts to write from; then only tools that its words ask for run. */
  hasMaterial: boolean;
}

/** Calls per tool and turn: a list with a thousand files must not become a thousand calls. */
const CALLS_PER_TOOL_MAX = 10;

/**
 * Plans the next calls of a turn from the request, the schemas and the results so far. Pure: the same request gives the same plan.
 * Never repeats a call; a tool that failed is not tried again with the same arguments.
 */
export function planTools(
  request: OfflineRequest,
  { validator, report, hasMaterial }: PlanDeps,
): ToolPlan {
  const selected = selectTools(request, validator, hasMaterial);
  const made = new Set(request.made.map((entry) => callKey(entry.tool, entry.input)));
  const calls: PlannedCall[] = [];
  const notCalled: ToolPlan['notCalled'] = [];
  const writers: OfferedTool[] = [];
  for (const tool of selected) {
    const before = request.made.filter((entry) => entry.tool === tool.name).length;
    const filled = fillArguments(
      tool,
      {
        inputs: request.inputs,
        text: request.task,
        outputs:
          before > 0 ? [] : request.made.filter((entry) => entry.ok).map((entry) => entry.output),
      },
      validator,
    );
    if (filled.missing.length > 0 && filled.wantsReport) writers.push(tool);
    else if (filled.missing.length > 0 && before === 0)
      notCalled.push({ tool: tool.name, missing: filled.missing });
    else calls.push(...newCalls(tool, filled.inputs, made).slice(0, CALLS_PER_TOOL_MAX - before));
  }
  if (calls.length > 0) return { calls, notCalled, selected: selected.map((tool) => tool.name) };
  for (const tool of writers) {
    const filled = fillArguments(
      tool,
      { inputs: request.inputs, text: request.task, outputs: [], report: report() },
      validator,
    );
    const again = request.made.some((entry) => entry.tool === tool.name);
    if (filled.missing.length > 0) notCalled.push({ tool: tool.name, missing: filled.missing });
    else if (!again) calls.push(...newCalls(tool, filled.inputs, made).slice(0, 1));
  }
  return { calls, notCalled, selected: selected.map((tool) => tool.name) };
}

function newCalls(tool: OfferedTool, inputs: JsonObject[], made: Set<string>): PlannedCall[] {
  return inputs
    .filter((input) => !made.has(callKey(tool.name, input)))
    .map((input) => ({ tool: tool.name, input }));
}

function callKey(tool: string, input: JsonObject): string {
  return `${tool} ${canonicalJson(input)}`;
}

/** Words after which the rest of the clause says what not to do. */
const NEGATED =
  /\b(?:do not|don't|doesn't|without|never|skip|except(?: for)?|excluding|avoid|instead of|rather than|not)\b[^.;:\n,]*/gi;
/** A tool whose name has one of these changes something outside; it runs only when the request has that word too. */
const EFFECTS = new Set(
  contentWords(
    'write create delete update send deploy install execute command shell apply move rename upload push kill post publish modify edit patch restart merge',
  ),
);
/** Requests for an overall look: every reading tool that the inputs can serve is then relevant. */
const BROAD =
  /\b(?:review|audit|assess(?:ment)?|health|analy[sz]e|analysis|inspect|overview|everything|check ?up|examine|evaluate|report|triage|profile)\b/i;

/** The tools a request needs, in offered order: those it names; else those its words fit; else, by the agent's instructions or a broad request, those the inputs can serve. */
export function selectTools(
  request: OfflineRequest,
  validator: SchemaValidator,
  hasMaterial: boolean,
): OfferedTool[] {
  const wanted = request.task.replace(NEGATED, ' ');
  const named = request.tools.filter((tool) => isNamed(tool.name, wanted));
  if (named.length > 0) return named;
  const byTask = rankTools(request.tools, withoutPlaces(wanted));
  if (byTask.length > 0) return byTask;
  const allowed = request.tools.filter((tool) => hasNoEffect(tool, new Set(contentWords(wanted))));
  if (hasMaterial || !BROAD.test(wanted)) return [];
  const byRole = rankTools(allowed, request.system.replace(NEGATED, ' '));
  const servable = (tool: OfferedTool) =>
    fillArguments(tool, { inputs: request.inputs, text: request.task, outputs: [] }, validator)
      .missing.length === 0;
  return (byRole.length > 0 ? byRole : allowed).filter(servable);
}

/** Whether the text names a tool as an identifier: with its separators, in backticks, or followed by "tool". */
function isNamed(name: string, text: string): boolean {
  const parts = name
    .split(/[_\-.]+/)
    .filter((part) => part !== '')
    .map((part) => part.replace(/[^\w]/g, ''));
  const identifier = parts.join('[_.\\-]{1,2}');
  const pattern =
    parts.length > 1
      ? `(?<![\\w-])${identifier}(?![\\w-])`
      : `\`${identifier}\`|(?<![\\w-])${identifier} tool\\b`;
  return new RegExp(pattern, 'i').test(text);
}

/** Paths and URLs are values, not wishes: `docs/api.md` does not ask for documentation. Each becomes the word for what it is. */
function withoutPlaces(text: string): string {
  return findPaths(text).reduce(
    (rest, place) => rest.replaceAll(place, ' file '),
    text.replace(/\bhttps?:\/\/\S+/g, ' url '),
  );
}

interface Score {
  tool: OfferedTool;
  /** Weighted share of the tool's name that the request mentions, 0 to 1. */
  nameShare: number;
  /** Whether a word that is not common to many tools matched, or two common ones side by side ("list files"). */
  telling: boolean;
  total: number;
}

function rankTools(tools: readonly OfferedTool[], text: string): OfferedTool[] {
  const sequence = contentWords(text);
  const frequency = new Map<string, number>();
  for (const tool of tools)
    for (const word of new Set(contentWords(`${tool.name} ${tool.description}`)))
      frequency.set(word, (frequency.get(word) ?? 0) + 1);
  const weigh = (word: string) =>
    (isGeneric(word) ? 0.2 : 1) *
    Math.log(1 + (tools.length + 1) / ((frequency.get(word) ?? 0) + 0.5));
  const families = familiesOf(tools);
  const request = { sequence, words: new Set(sequence), weigh, families };
  const scores = tools
    .filter((tool) => hasNoEffect(tool, request.words))
    .map((tool) => scoreTool(tool, request));
  const best = Math.max(0, ...scores.filter((score) => score.telling).map((score) => score.total));
  return scores
    .filter(
      (score) =>
        score.telling &&
        (score.nameShare >= 0.5 || (score.total >= 0.35 && score.total >= 0.5 * best)),
    )
    .map((score) => score.tool);
}

/** First words that several tools share, such as `git_`: they tell the family, not the tool. */
function familiesOf(tools: readonly OfferedTool[]): Set<string> {
  const firsts = tools
    .map((tool) => tool.name.split(/[_\-.]/))
    .filter((parts) => parts.length > 1)
    .map((parts) => parts[0] ?? '');
  return new Set(firsts.filter((first, index) => firsts.indexOf(first) !== index));
}

interface AskedWords {
  sequence: readonly string[];
  words: ReadonlySet<string>;
  weigh: (word: string) => number;
  families: ReadonlySet<string>;
}

function scoreTool(tool: OfferedTool, { sequence, words, weigh, families }: AskedWords): Score {
  const parts = tool.name.split(/[_\-.]/);
  const family = families.has(parts[0] ?? '') ? (parts[0] ?? '') : '';
  const name = [...new Set(contentWords(family === '' ? tool.name : parts.slice(1).join(' ')))];
  const hits = name.filter((word) => words.has(word));
  const nameShare = sum(hits, weigh) / Math.max(sum(name, weigh), Number.EPSILON);
  const described = new Set(contentWords(`${family} ${tool.description}`));
  const asked = [...words].filter((word) => !isGeneric(word));
  const explained = asked.filter((word) => described.has(word) && !name.includes(word));
  const share = sum(explained, weigh) / Math.max(sum(asked, weigh), Number.EPSILON);
  const besideName =
    nameShare > 0.99 &&
    sequence.some(
      (word, index) =>
        hits.includes(word) &&
        sequence[index + 1] !== word &&
        (name.includes(sequence[index + 1] ?? '') || described.has(sequence[index + 1] ?? '')),
    );
  return {
    tool,
    nameShare,
    telling: besideName || [...hits, ...explained].some((word) => !isGeneric(word)),
    total: nameShare + share,
  };
}

function sum(words: readonly string[], weigh: (word: string) => number): number {
  return words.reduce((total, word) => total + weigh(word), 0);
}

function hasNoEffect(tool: OfferedTool, words: ReadonlySet<string>): boolean {
  return contentWords(tool.name).every((word) => !EFFECTS.has(word) || words.has(word));
}
