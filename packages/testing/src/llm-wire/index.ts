export { createLlmWireServer } from './server.ts';
export type { LlmWireOptions, LlmWireServer } from './server.ts';
export { defaultScript } from './default-script.ts';
export type {
  AnswerReply,
  MidFault,
  Reply,
  Script,
  StatusReply,
  WireName,
  WireRecord,
  WireRequest,
  WireUsage,
} from './types.ts';
