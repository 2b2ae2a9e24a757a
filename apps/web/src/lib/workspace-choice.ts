/** Which workspace this browser works in, beside the server's own choice. Kept until another is chosen or sign-out. */

const KEY = 'automatos-workspace';
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Null: none was chosen, the server picks. Also where a browser keeps nothing. */
export function readWorkspaceChoice(): string | null {
  try {
    const stored = globalThis.localStorage?.getItem(KEY) ?? null;
    return stored !== null && ID.test(stored) ? stored : null;
  } catch {
    // Storage is switched off in this browser: the server's choice holds.
    return null;
  }
}

export function keepWorkspaceChoice(id: string | null): void {
  try {
    if (id === null) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, id);
  } catch {
    // Nothing is kept then; the next page asks the server again.
  }
}

/** Opens `path` in another workspace as a new page: nothing of the one before stays in memory. */
export function enterWorkspace(id: string, path = '/'): void {
  keepWorkspaceChoice(id);
  window.location.assign(path);
}
