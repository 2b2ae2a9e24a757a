import type { JsonObject, JsonValue } from '@automatos/kernel';

export type WireName =
  | 'openai-chat'
  | 'openai-responses'
  | 'anthropic'
  | 'gemini'
  | 'cohere-v2'
  | 'writer-chat'
  | 'replicate-jobs'
  | 'embeddings'
  | 'rerank';

/** One request as the script sees it, whatever the wire. */
export interface WireRequest {
  /** 1-based, in order of arrival. */
  seq: number;
  wire: WireName;
  /** Vendor whose dialect of the wire is spoken, from a path that begins with `/~<vendor>`; empty = the plain wire. */
  dialect: string;
  /** Without the dialect. */
  path: string;
  headers: Record<string, string>;
  body: JsonObject;
  model: string;
  stream: boolean;
  tools: { name: string; schema: JsonObject }[];
  /** Text of the last user message. */
  userText: string;
  /** Tool results after the last user message. */
  toolResults: number;
}

export interface WireUsage {
  /** All input tokens, cached ones included; a wire that counts otherwise converts. */
  input: number;
  output: number;
  cached?: number;
  reasoning?: number;
}

/** Something that goes wrong after `after` pieces of the answer were sent. */
export interface MidFault {
  after: number;
  /** `destroy`: socket cut; `end`: clean end without a finish; `stall`: nothing more comes; `error`: error event of the wire. */
  kind: 'destroy' | 'end' | 'stall' | 'error';
  /** Vendor's error type in an error event; default the wire's overload. */
  errorType?: string;
}

export interface AnswerReply {
  kind: 'answer';
  /** Pieces of text, each sent as its own event. */
  text?: string[];
  /** `raw` sends these characters as arguments instead of JSON of `input`. */
  toolCalls?: { name: string; input?: JsonObject; raw?: string }[];
  /** Null = the vendor says nothing about usage. */
  usage?: WireUsage | null;
  /** Vendor's own finish word; default the regular one. */
  finish?: string;
  /** Thoughts sent before the text, on wires and dialects that have them. */
  reasoning?: string[];
  /** The model says no: sent in the wire's own place for it, where it has one. */
  refusal?: string;
  /** What the vendor says the call cost, in dollars (Perplexity). */
  costUsd?: number;
  /** Headers of the answer, e.g. of rate limits. */
  headers?: Record<string, string>;
  /** Vectors of an embedding answer; default some that follow from the texts. */
  vectors?: number[][];
  /** Scores of a rerank answer by document; default by shared letters. */
  scores?: number[];
  fault?: MidFault;
  /** Cuts the bytes of the stream into pieces of this size, so that borders fall inside events and characters. */
  chunkBytes?: number;
  /** Sends keep-alives (comments, pings) between events. */
  pings?: boolean;
  /** Awaited before piece `index` (0-based) of the answer is sent. */
  beforePiece?: (index: number) => Promise<void>;
  delayMs?: number;
}

export interface StatusReply {
  kind: 'status';
  status: number;
  headers?: Record<string, string>;
  /** String = sent as it is (e.g. an HTML page); absent = the wire's own error object made from `error`. */
  body?: string;
  error?: { code: string; message: string };
}

/** `hang`: the request is read and never answered; `garbage`: status 200 with a body that is not of the wire. */
export type Reply =
  | AnswerReply
  | StatusReply
  | { kind: 'hang' }
  | { kind: 'garbage'; body?: string; contentType?: string };

export type Script = (request: WireRequest) => Reply | Promise<Reply>;

/** What happened to one request; the proof for "exactly once" and "aborted upstream". */
export interface WireRecord {
  request: WireRequest;
  idempotencyKey: string | null;
  /** `open` until the answer is fully sent (`complete`), the client went away (`aborted`), or the script made it fail (`failed`). */
  state: 'open' | 'complete' | 'aborted' | 'failed';
  /** Pieces of the answer sent so far. */
  piecesSent: number;
  /** Times that the client asked to cancel the job (job APIs). */
  cancels: number;
}

/** How one wire is spoken. All functions are pure. */
export interface Wire {
  name: WireName;
  /** Paths below the server's root, e.g. `/v1/chat/completions`. */
  matches: (path: string, dialect: string) => boolean;
  read: (
    path: string,
    body: JsonObject,
    dialect: string,
  ) => Pick<WireRequest, 'model' | 'stream' | 'tools' | 'userText' | 'toolResults'>;
  /** Events before the first piece, one list per piece, and the events of a complete end. */
  events: (
    answer: AnswerReply,
    request: WireRequest,
  ) => { head: string[]; pieces: string[][]; tail: string[] };
  ping: string;
  errorEvent: (type: string | undefined, dialect: string) => string;
  errorBody: (
    status: number,
    error: { code: string; message: string },
    dialect: string,
  ) => JsonValue;
  /** The whole answer without streaming. */
  whole: (answer: AnswerReply, request: WireRequest) => JsonValue;
}
