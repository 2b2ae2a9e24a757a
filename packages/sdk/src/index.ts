export { createClient } from './create-client.ts';
export type { Client, ClientOptions } from './create-client.ts';
export { ApiProblem, isApiProblem, toApiProblem } from './api-problem.ts';
export type { FieldProblem } from './api-problem.ts';
export { SDK_ERROR_CODES } from './error-codes.ts';
export { streamRunEvents } from './stream-run-events.ts';
export type { StreamOptions, StreamState } from './stream-run-events.ts';
export { readSse } from './sse-parser.ts';
export { watchRoom } from './watch-room.ts';
export type { RoomState, WatchOptions } from './watch-room.ts';
export { isTerminalEvent } from './run-event.ts';
export type { RunEvent, RunEventData, RunEventType } from './run-event.ts';
// Every operation of the API as one function, and every type of the contract.
export * from './generated/sdk.gen.ts';
export type * from './generated/types.gen.ts';
