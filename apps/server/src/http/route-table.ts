import { PERMISSIONS, type BoundRoute } from '@automatos/contracts';

const PERMISSION_NAMES: ReadonlySet<string> = new Set([...PERMISSIONS, 'public', 'authenticated']);

/**
 * Throws a sentence per mistake when the routes must not be served: no permission or an unknown one, no handler, an
 * operation or a path twice, parameters of the path that its schema does not know, no workspace in a path that should name one.
 */
export function assertServable(routes: readonly BoundRoute[]): void {
  const problems: string[] = [];
  const operations = new Set<string>();
  const places = new Set<string>();
  for (const { spec, handle } of routes) {
    const place = `${spec.method} ${spec.path.replaceAll(/:\w+/g, ':')}`;
    if (!PERMISSION_NAMES.has(spec.permission))
      problems.push(`${spec.operationId} declares no known permission`);
    if (typeof handle !== 'function') problems.push(`${spec.operationId} has no handler`);
    if (operations.has(spec.operationId))
      problems.push(`the operation ${spec.operationId} is bound twice`);
    if (places.has(place)) problems.push(`${spec.method} ${spec.path} is bound twice`);
    const named = [...spec.path.matchAll(/:(\w+)/g)].map((match) => match[1] ?? '').toSorted();
    const known = Object.keys(spec.params?.shape ?? {}).toSorted();
    if (named.join() !== known.join())
      problems.push(
        `${spec.operationId}: its path names [${named.join(', ')}], its schema [${known.join(', ')}]`,
      );
    if (spec.workspaceFrom === 'path' && !named.includes('workspace_id'))
      problems.push(`${spec.operationId}: its path names no workspace_id`);
    operations.add(spec.operationId);
    places.add(place);
  }
  if (problems.length > 0) throw new TypeError(`The API cannot start: ${problems.join('; ')}.`);
}

/** Returns a look-up of the methods under which a concrete path exists; empty when it does not. */
export function createMethodFinder(routes: readonly BoundRoute[]): (path: string) => string[] {
  const patterns = routes.map(({ spec }) => ({
    method: spec.method,
    pattern: new RegExp(
      `^${spec.path
        .replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
        .replace(spec.greedyParam === true ? /:\w+$/ : /$^/, '.+')
        .replaceAll(/:\w+/g, '[^/]+')}/?$`,
    ),
  }));
  return (path) => [
    ...new Set(patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method)),
  ];
}

/** The path in the router's form: a last parameter that takes the rest of the path is its wildcard. */
export function routerPath(spec: BoundRoute['spec']): string {
  return spec.greedyParam === true ? spec.path.replace(/:\w+$/, '*') : spec.path;
}

/** Parameters by the names of the contract. */
export function pathParams(spec: BoundRoute['spec'], params: unknown): unknown {
  const name = spec.greedyParam === true ? /:(\w+)$/.exec(spec.path)?.[1] : undefined;
  if (name === undefined) return params;
  const { '*': rest, ...others } = params as Record<string, string>;
  return { ...others, [name]: rest };
}
