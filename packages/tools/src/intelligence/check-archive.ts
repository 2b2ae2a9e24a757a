import { fromBuffer, type Entry, type Options, type ZipFile } from 'yauzl';
import { toolError } from '../tool-error.ts';

/** Bounds of an archive; sizes in bytes of what comes out. */
export interface ArchiveBounds {
  entriesMax: number;
  entryBytesMax: number;
  totalBytesMax: number;
  /** Bytes out per byte in. */
  ratioMax: number;
}

export const DOCUMENT_BOUNDS: ArchiveBounds = {
  entriesMax: 500,
  entryBytesMax: 16 * 1024 * 1024,
  totalBytesMax: 32 * 1024 * 1024,
  ratioMax: 100,
};
const OPTIONS: Options = { lazyEntries: true, strictFileNames: true, validateEntrySizes: true };
/** Ratios of tiny entries say nothing. */
const RATIO_FROM_BYTES = 64 * 1024;
const SYMLINK = 0o120000;
const TYPE_BITS = 0o170000;

function refuse(name: string, why: string, cause?: unknown): Error {
  return toolError('tools.document.refused', 'invalid-input', {
    message: `"${name}" is not read: ${why}.`,
    ...(cause === undefined ? {} : { cause }),
  });
}

function openZip(bytes: Buffer): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    fromBuffer(bytes, OPTIONS, (error, zip) =>
      error === null || error === undefined ? resolve(zip) : reject(error),
    );
  });
}

/**
 * Inflates an archive (office documents are archives) without keeping anything, and throws `tools.document.refused` for what would
 * harm a parser: too much, too well packed, odd or double names, links. Sizes are counted as they come out, because headers lie.
 */
export async function checkArchive(
  bytes: Buffer,
  name: string,
  bounds: ArchiveBounds = DOCUMENT_BOUNDS,
): Promise<void> {
  let zip: ZipFile;
  try {
    zip = await openZip(bytes);
  } catch (error) {
    throw refuse(name, 'it is no readable archive', error);
  }
  const seen = new Set<string>();
  let total = 0;
  await new Promise<void>((resolve, reject) => {
    const stop = (why: string, cause?: unknown): void => {
      zip.close();
      reject(refuse(name, why, cause));
    };
    const count = (entry: Entry): void => {
      zip.openReadStream(entry, (error, stream) => {
        if (error !== null && error !== undefined)
          return stop('an entry cannot be unpacked', error);
        let size = 0;
        stream.on('data', (chunk: Buffer) => {
          size += chunk.length;
          total += chunk.length;
          const packed =
            size > RATIO_FROM_BYTES && size > bounds.ratioMax * Math.max(entry.compressedSize, 1);
          if (size > bounds.entryBytesMax || total > bounds.totalBytesMax || packed) {
            stream.destroy();
            stop('it unpacks to far more than a document needs');
          }
        });
        stream.on('end', () => zip.readEntry());
        stream.on('error', (cause: Error) => stop('an entry cannot be unpacked', cause));
        return undefined;
      });
    };
    zip.on('entry', (entry: Entry) => {
      const plain = entry.fileName.normalize('NFC').toLowerCase();
      if (seen.size >= bounds.entriesMax) return stop('it has too many entries');
      if (seen.has(plain)) return stop('two entries have the same name');
      if (((entry.externalFileAttributes >>> 16) & TYPE_BITS) === SYMLINK)
        return stop('it holds a symbolic link');
      seen.add(plain);
      if (entry.fileName.endsWith('/')) zip.readEntry();
      else count(entry);
      return undefined;
    });
    zip.on('error', (error: Error) => stop('its directory is damaged', error));
    zip.on('end', () => resolve());
    zip.readEntry();
  });
}
