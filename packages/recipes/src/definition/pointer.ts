export type Path = readonly (string | number)[];

/** RFC 6901 pointer of a path; the root is the empty string. */
export function toPointer(path: Path): string {
  return path
    .map((segment) => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

/** Segments of an RFC 6901 pointer; numbers stay text. */
export function fromPointer(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}
