export { createLlmWireServer, defaultScript } from './llm-wire/index.ts';
export type { LlmWireOptions, LlmWireServer } from './llm-wire/index.ts';
