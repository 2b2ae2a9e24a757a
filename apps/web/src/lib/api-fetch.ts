/** Codes that this page answers itself, before anybody else sees the refusal. */
const STEP_UP = 'security.step_up.required';
const NOT_MEMBER = 'identity.workspace.not_member';

export interface ApiFetchDeps {
  fetch: typeof globalThis.fetch;
  /** Workspace that each request names; null: the server picks. */
  workspace: () => string | null;
  /** Lets the person prove again who they are; false when they do not want to. */
  stepUp: () => Promise<boolean>;
  /** The chosen workspace is closed to this person, or gone. */
  onForeignWorkspace: () => void;
}

async function refusalCode(response: Response): Promise<string | null> {
  if (response.status !== 403 && response.status !== 401) return null;
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  const code = (body as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : null;
}

/**
 * `fetch` of this site's API: each request names the chosen workspace. A request that is refused until the person proves
 * again who they are is repeated once they did; when they do not, its refusal stands.
 */
export function createApiFetch(deps: ApiFetchDeps): typeof globalThis.fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const workspace = deps.workspace();
    const named = workspace !== null && !request.headers.has('X-Workspace-ID');
    if (named) request.headers.set('X-Workspace-ID', workspace);
    const again = request.clone();
    const response = await deps.fetch(request);
    const code = await refusalCode(response);
    if (code === NOT_MEMBER && named) deps.onForeignWorkspace();
    if (code !== STEP_UP || !(await deps.stepUp())) return response;
    return deps.fetch(again);
  };
}
