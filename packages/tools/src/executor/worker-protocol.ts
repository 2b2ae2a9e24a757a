import type { SerializedError } from '@automatos/kernel';
import type { BoundedResult, BoundLimits } from './complete-run.ts';

/** What a worker is told once, when it starts. */
export interface WorkerSettings {
  outboundAllow: readonly string[];
}

/** One call for a worker. */
export interface WorkerJob {
  id: number;
  tool: string;
  module: { url: string; exportName: string } | null;
  input: unknown;
  roots: readonly string[];
  idempotencyKey: string;
  limits: BoundLimits;
}

export type WorkerMessage =
  | { type: 'progress'; id: number; message: string; ratio: number | null }
  | {
      type: 'log';
      id: number;
      level: 'debug' | 'info' | 'warn' | 'error';
      fields: Record<string, unknown>;
      message: string;
    }
  | { type: 'done'; id: number; result: BoundedResult }
  | { type: 'failed'; id: number; error: SerializedError };
