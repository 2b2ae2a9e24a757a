import { setTimeout as wait } from 'node:timers/promises';
import { isPlatformError } from '@automatos/kernel';
import robotsParser from 'robots-parser';
import type { ToolEnvironment } from '../definition.ts';

/** Name under which robots.txt addresses us, and what servers see. */
export const AGENT_NAME = 'Automatos';
export const AGENT_HEADER = 'Automatos/0.1';

const ROBOTS_BYTES_MAX = 500 * 1024;
const ROBOTS_TIMEOUT_MS = 10_000;
const DELAY_MS_MAX = 10_000;

interface Rules {
  isAllowed(url: string): boolean;
  delayMs: number;
}

const OPEN: Rules = { isAllowed: () => true, delayMs: 0 };

/** Asks each site once for its rules, and keeps the pause that it wants between requests. */
export interface RobotsGate {
  /** False when the site forbids the page; waits for the site's pause before it answers. */
  admits(url: string): Promise<boolean>;
}

async function readRules(origin: string, env: ToolEnvironment): Promise<Rules> {
  const address = `${origin}/robots.txt`;
  try {
    const response = await env.fetch(address, {
      headers: { 'user-agent': AGENT_HEADER },
      timeoutMs: ROBOTS_TIMEOUT_MS,
      bytesMax: ROBOTS_BYTES_MAX,
      signal: env.signal,
    });
    // RFC 9309: a missing file forbids nothing, a failing server everything.
    if (response.status >= 500) return { isAllowed: () => false, delayMs: 0 };
    if (response.status >= 400) return OPEN;
    const parse = robotsParser as unknown as typeof robotsParser.default;
    const rules = parse(address, new TextDecoder().decode(response.body));
    return {
      isAllowed: (url) => rules.isAllowed(url, AGENT_NAME) !== false,
      delayMs: Math.min((rules.getCrawlDelay(AGENT_NAME) ?? 0) * 1000, DELAY_MS_MAX),
    };
  } catch (error) {
    // The page itself will fail with the same reason, and that is the one to show.
    if (isPlatformError(error)) return OPEN;
    throw error;
  }
}

/** A gate for one call of a tool. */
export function createRobotsGate(env: ToolEnvironment): RobotsGate {
  const sites = new Map<string, { rules: Promise<Rules>; asked: boolean }>();
  return {
    async admits(url) {
      const { origin } = new URL(url);
      const site = sites.get(origin) ?? { rules: readRules(origin, env), asked: false };
      sites.set(origin, site);
      const rules = await site.rules;
      if (!rules.isAllowed(url)) return false;
      if (site.asked && rules.delayMs > 0)
        await wait(rules.delayMs, undefined, { signal: env.signal });
      site.asked = true;
      return true;
    },
  };
}
