import type { EventData, EventType } from "@automatos/contracts";
import type { EventEnvelope } from "./generated/types.gen.ts";

export type RunEventType = EventType;
export type RunEventData<Type extends EventType> = EventData<Type>;

/** An event with the payload its type promises. */
export type RunEvent = {
  [Type in EventType]: Omit<EventEnvelope, "type" | "data"> & {
    type: Type;
    data: RunEventData<Type>;
  };
}[EventType];

const TERMINAL_EVENTS: readonly string[] = ["run.completed", "run.failed", "run.cancelled"];

/** True for the event after which a run has no more. */
export function isTerminalEvent(type: string): boolean {
  return TERMINAL_EVENTS.includes(type);
}
