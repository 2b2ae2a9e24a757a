/** One slash, then neither another nor a backslash, which browsers read as the beginning of a host. */
const OF_THIS_SITE = /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/;

/** The path when it leads to a page of this site, else the first page. Looked at again once its dots are resolved. */
export function safePath(path: string | undefined): string {
  if (path === undefined || !OF_THIS_SITE.test(path)) return '/';
  const here = 'http://here.invalid';
  const url = URL.parse(path, here);
  if (url?.origin !== here) return '/';
  const resolved = `${url.pathname}${url.search}${url.hash}`;
  return OF_THIS_SITE.test(resolved) ? resolved : '/';
}
