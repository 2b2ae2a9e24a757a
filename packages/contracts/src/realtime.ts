import { z } from 'zod';
import { eventSchema } from './events.ts';

/** What a WebSocket client may send. Rooms: `workspace`, `run:{id}`, `metrics`. */
export const clientFrameSchema = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('subscribe'),
    room: z.string().max(100),
    resume_after: z.int().min(0).optional(),
  }),
  z.strictObject({ op: z.literal('unsubscribe'), room: z.string().max(100) }),
  z.strictObject({ op: z.literal('ping') }),
]);
export type ClientFrame = z.infer<typeof clientFrameSchema>;

/** What the server sends. `dropped` precedes a close: reconnect with `resume_after`. */
export const serverFrameSchema = z.discriminatedUnion('op', [
  z.object({ op: z.literal('subscribed'), room: z.string(), last_seq: z.int() }),
  z.object({ op: z.literal('unsubscribed'), room: z.string() }),
  z.object({ op: z.literal('event'), room: z.string(), event: eventSchema }),
  z.object({
    op: z.literal('error'),
    room: z.string().optional(),
    code: z.string(),
    message: z.string(),
  }),
  z.object({ op: z.literal('dropped'), room: z.string(), resume_after: z.int() }),
  z.object({ op: z.literal('pong') }),
]);
export type ServerFrame = z.infer<typeof serverFrameSchema>;
