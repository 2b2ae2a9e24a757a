export { createLlmWireServer, defaultScript } from './llm-wire/index.ts';
export type { LlmWireOptions, LlmWireServer } from './llm-wire/index.ts';
export { SimulatedCrash, createMemoryJournal, createMemoryRun } from './memory-run-context.ts';
export type { MemoryJournal, MemoryRun, MemoryRunOptions } from './memory-run-context.ts';
export { createFaultyRepository } from './fixture-repository.ts';
export type { FaultyRepository, PlantedFault } from './fixture-repository.ts';
export { createSelfSigned } from './self-signed.ts';
export type { SelfSignedParts } from './self-signed.ts';
