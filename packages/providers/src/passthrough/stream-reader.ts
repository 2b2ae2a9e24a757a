import { isJsonObject } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import type { CountedUsage } from '../usage/cost.ts';
import { firstChoice, writtenIn } from './estimate-output.ts';
import { readUsage } from './read-usage.ts';
import { createEventScanner, dataOf } from './scan-events.ts';

/** An error object that the vendor sent inside of its stream. */
export class VendorErrorEvent extends Error {
  readonly event: JsonObject;
  constructor(event: JsonObject) {
    super('the stream holds an error');
    this.name = 'VendorErrorEvent';
    this.event = event;
  }
}

/** An event that is no JSON. */
export class UnreadableEvent extends Error {}

export interface StreamReader {
  /** Bytes to pass on for this chunk; null = nothing yet. Throws what the stream itself says is wrong with it. */
  take(chunk: Buffer): Buffer | null;
  /** Reads what stands behind the last blank line. */
  finish(): Buffer | null;
  /** True once a part of the answer itself has come, rather than its frame. */
  readonly began: boolean;
  /** True when the answer has come to its end: a finish reason or the end mark. */
  readonly complete: boolean;
  readonly usage: CountedUsage | null;
  /** Rough count of tokens so far, for bounds; exact counts come with the usage. */
  readonly roughTokens: number;
  /** Everything the model wrote so far; parses what was kept, so it is for ends only. */
  written(): string;
}

const LOOKED_FOR = [
  '"usage":{',
  '"usage": {',
  '"error"',
  '"finish_reason":"',
  '"finish_reason": "',
];
const COLON = 0x3a;

/**
 * Reads a chat stream while it passes. Until the answer begins, frames are held back, so that a failure before it leaves no trace;
 * from then on each event goes on as it is and only those are parsed that may hold usage, an error or the end. The end mark is kept
 * back, and so is the chunk with nothing but usage unless the caller asked for it.
 */
export function createStreamReader(options: {
  passUsage: boolean;
  onPart: () => void;
}): StreamReader {
  const scanner = createEventScanner();
  const state: State = {
    ...options,
    held: [],
    kept: [],
    began: false,
    complete: false,
    usage: null,
    frameBytes: 0,
    roughTokens: 0,
  };
  const pass = (events: Buffer[]): Buffer | null => {
    const out: Buffer[] = [];
    for (const event of events) takeEvent(state, event, out);
    if (out.length <= 1) return out[0] ?? null;
    return Buffer.concat(out);
  };
  return {
    take: (chunk) => pass(scanner.take(chunk)),
    finish() {
      const rest = scanner.rest();
      return rest.length === 0 ? null : pass([Buffer.concat([rest, Buffer.from('\n\n')])]);
    },
    get began() {
      return state.began;
    },
    get complete() {
      return state.complete;
    },
    get usage() {
      return state.usage;
    },
    get roughTokens() {
      return Math.ceil(state.roughTokens);
    },
    written: () => state.kept.map(writtenInEvent).join(''),
  };
}

function writtenInEvent(event: Buffer): string {
  const parsed = parseEvent(event);
  return parsed === null || parsed === 'end' ? '' : writtenIn(firstChoice(parsed)['delta']);
}

interface State {
  passUsage: boolean;
  onPart: () => void;
  /** Frames before the answer. */
  held: Buffer[];
  /** Events of the answer, for an estimate should no usage come. */
  kept: Buffer[];
  began: boolean;
  complete: boolean;
  usage: CountedUsage | null;
  /** Bytes of an event beside what the model wrote. */
  frameBytes: number;
  roughTokens: number;
}

function takeEvent(state: State, event: Buffer, out: Buffer[]): void {
  if (event[0] === COLON) {
    if (state.began) out.push(event);
    return;
  }
  if (state.began && !LOOKED_FOR.some((text) => event.includes(text)) && !isEndMark(event)) {
    countPart(state, event, null);
    out.push(event);
    return;
  }
  const parsed = parseEvent(event);
  if (parsed === 'end') {
    state.complete = true;
    return;
  }
  if (parsed === null) {
    if (state.began) out.push(event);
    return;
  }
  lookInto(state, parsed, { event, out });
}

function lookInto(
  state: State,
  parsed: JsonObject,
  { event, out }: { event: Buffer; out: Buffer[] },
): void {
  if (parsed['error'] !== undefined && parsed['error'] !== null) throw new VendorErrorEvent(parsed);
  state.usage = readUsage(parsed) ?? state.usage;
  const choice = firstChoice(parsed);
  const hasFinish = typeof choice['finish_reason'] === 'string' && choice['finish_reason'] !== '';
  if (hasFinish) state.complete = true;
  const onlyUsage = Object.keys(choice).length === 0 && parsed['usage'] !== undefined;
  if (onlyUsage && !state.passUsage) return;
  const text = writtenIn(choice['delta']);
  if (text !== '' || hasFinish) {
    if (!state.began) {
      state.began = true;
      out.push(...state.held);
      state.held = [];
    }
    countPart(state, event, text);
  }
  if (state.began) out.push(event);
  else state.held.push(event);
}

/** Events differ in length by what the model wrote in them, so that a token count needs no parsing. */
function countPart(state: State, event: Buffer, text: string | null): void {
  state.onPart();
  state.kept.push(event);
  if (text !== null && text !== '' && state.frameBytes === 0) {
    state.frameBytes = event.length - Buffer.byteLength(text);
  }
  state.roughTokens += Math.max(1, (event.length - state.frameBytes) / 4);
}

function isEndMark(event: Buffer): boolean {
  return event.length < 32 && event.includes('[DONE]');
}

function parseEvent(event: Buffer): JsonObject | 'end' | null {
  const data = dataOf(event);
  if (data === null || data === '') return null;
  if (data === '[DONE]') return 'end';
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch (error) {
    throw new UnreadableEvent(`not JSON: ${data.slice(0, 200)}`, { cause: error });
  }
  return isJsonObject(value) ? (value as JsonObject) : null;
}
