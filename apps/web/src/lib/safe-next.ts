/** Where to go after signing in: only a path of this site, never an address that a link smuggled in. */
export function safeNext(next: string | null): string {
  return next !== null && /^\/(?![/\\])/.test(next) ? next : '/';
}
