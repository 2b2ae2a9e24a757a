import type { JsonObject } from '@automatos/kernel';

export interface JavascriptJob {
  source: string;
  input: JsonObject;
  timeoutMs: number;
  memoryBytes: number;
  logBytesMax: number;
}

export type JavascriptAnswer =
  | { kind: 'value'; json: string; log: string }
  | { kind: 'failed'; message: string; log: string }
  | { kind: 'stopped'; reason: 'time' | 'memory'; log: string };
