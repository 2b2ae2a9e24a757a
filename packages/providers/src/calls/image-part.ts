import type { LanguageModelV4FilePart } from '@ai-sdk/provider';
import { invalidMessages } from './invalid-messages.ts';

/** Most bytes of one image; vendors refuse larger ones. */
const IMAGE_BYTES_MAX = 20 * 1024 * 1024;

const BEGINNINGS: readonly [mediaType: string, bytes: string][] = [
  ['image/png', '89504e47'],
  ['image/jpeg', 'ffd8ff'],
  ['image/gif', '47494638'],
  ['image/webp', '52494646'],
];

/**
 * An image given as bytes, base64 or a `data:` URL, in the form of the model interface. What it is is read from its first bytes, not
 * from what the caller says. Throws `providers.call.messages_invalid` for other URLs: nothing is fetched for a caller, and no vendor
 * is sent to a place of the caller's choosing.
 */
export function toImagePart(image: unknown, declared: string | undefined): LanguageModelV4FilePart {
  const bytes = bytesOf(image);
  if (bytes.length === 0) throw invalidMessages('an image is empty');
  if (bytes.length > IMAGE_BYTES_MAX)
    throw invalidMessages(`an image is larger than ${IMAGE_BYTES_MAX} bytes`);
  const head = Buffer.from(bytes.subarray(0, 4)).toString('hex');
  const mediaType = BEGINNINGS.find(([, beginning]) => head.startsWith(beginning))?.[0];
  if (mediaType === undefined)
    throw invalidMessages(
      `an image (${(declared ?? 'of no stated type').slice(0, 40)}) is not PNG, JPEG, GIF or WebP`,
    );
  return { type: 'file', mediaType, data: { type: 'data', data: bytes } };
}

function bytesOf(image: unknown): Uint8Array {
  if (image instanceof Uint8Array) return image;
  if (image instanceof ArrayBuffer) return new Uint8Array(image);
  if (image instanceof URL) return bytesOf(image.href);
  if (typeof image !== 'string') throw invalidMessages('an image is neither bytes nor text');
  const encoded = /^data:[^,]*;base64,(.*)$/s.exec(image)?.[1];
  if (encoded === undefined && /^[a-z][a-z0-9+.-]*:/i.test(image))
    throw invalidMessages('an image is given by its URL; send its bytes or a base64 "data:" URL');
  return new Uint8Array(Buffer.from(encoded ?? image, 'base64'));
}
