import { randomBytes } from 'node:crypto';

/** Strings that nobody can guess and no other data holds; whoever sees one has seen data of this workspace. */
export interface Markers {
  /** Begins every one of them. */
  readonly prefix: string;
  /** A new one; lower-case letters and digits, so that it may stand in names, slugs, addresses and paths. */
  mark(): string;
}

export function createMarkers(): Markers {
  const prefix = `zq${randomBytes(6).toString('hex')}x`;
  let count = 0;
  return { prefix, mark: () => `${prefix}${(count += 1)}y` };
}

/** What of one workspace stands in an answer though the request did not say it. */
export interface LeakTest {
  find(answer: string, request: string): string[];
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/** `ids` are all ids of the workspace's rows. */
export function createLeakTest(markers: Markers, ids: ReadonlySet<string>): LeakTest {
  const marker = new RegExp(`${markers.prefix}\\d+y`, 'gi');
  const tokens = (text: string) => {
    const marks = [...text.matchAll(marker)].map(([token]) => token.toLowerCase());
    const known = [...text.matchAll(UUID)]
      .map(([token]) => token.toLowerCase())
      .filter((token) => ids.has(token));
    return new Set([...marks, ...known]);
  };
  return {
    find(answer, request) {
      const shown = tokens(answer);
      if (shown.size === 0) return [];
      const said = tokens(request);
      return [...shown].filter((token) => !said.has(token));
    },
  };
}
