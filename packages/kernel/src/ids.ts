declare const brand: unique symbol;
/** A string that only one kind of id may fill. */
export type Id<Noun extends string> = string & { readonly [brand]: Noun };

export type WorkspaceId = Id<'workspace'>;
export type UserId = Id<'user'>;
export type RunId = Id<'run'>;
export type AgentId = Id<'agent'>;
export type RecipeId = Id<'recipe'>;

/** The workspace of single-tenant mode; made by the first migration, owned by the first person who signs up. */
export const DEFAULT_WORKSPACE_ID = '00000000-0000-0000-0000-000000000000' as WorkspaceId;

let lastMs = 0;
let counter = 0;
/** Random bytes are fetched in blocks: one call per id costs more than the rest of making it. */
const block = new Uint8Array(4096);
let used = block.length;

function randomBytes16(): Uint8Array {
  if (used + 16 > block.length) {
    crypto.getRandomValues(block);
    used = 0;
  }
  used += 16;
  return block.slice(used - 16, used);
}

/**
 * Returns a new UUIDv7 (RFC 9562 §5.7): sorts by creation time, and within one process strictly grows
 * (12-bit counter in `rand_a`, method 1 of §6.2).
 */
export function newId<Noun extends string>(nowMs: number = Date.now()): Id<Noun> {
  const bytes = randomBytes16();
  if (nowMs > lastMs) {
    lastMs = nowMs;
    counter = (((bytes[6] ?? 0) & 0x07) << 8) | (bytes[7] ?? 0);
  } else if (++counter > 0xfff) {
    lastMs += 1;
    counter = 0;
  }
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(lastMs / 0x10000));
  view.setUint16(4, lastMs % 0x10000);
  view.setUint16(6, 0x7000 | counter);
  view.setUint8(8, ((bytes[8] ?? 0) & 0x3f) | 0x80);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as Id<Noun>;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function isUuid(value: string): boolean {
  return UUID.test(value);
}
