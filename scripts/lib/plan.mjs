/** What `npm test -- <part>...` runs. */
import { PlainError } from './process.mjs';

/** In the order in which they run: what fails fastest comes first. */
const PARTS = {
  lint: { checks: true, projects: [], services: false, browser: false },
  unit: { checks: false, projects: ['unit'], services: false, browser: false },
  int: { checks: false, projects: ['embedded', 'server'], services: true, browser: false },
  e2e: { checks: false, projects: [], services: false, browser: true },
};

/** `{checks, projects, services, browser}` for the parts named; none named means all. */
export function makePlan(args) {
  const unknown = args.filter((arg) => !Object.hasOwn(PARTS, arg));
  if (unknown.length > 0) {
    throw new PlainError(
      `"${unknown[0]}" is no part of the tests. Usage: npm test [-- ${Object.keys(PARTS).join('|')} ...]`,
    );
  }
  const parts = Object.entries(PARTS).flatMap(([name, part]) =>
    args.length === 0 || args.includes(name) ? [part] : [],
  );
  return {
    checks: parts.some((part) => part.checks),
    projects: parts.flatMap((part) => part.projects),
    services: parts.some((part) => part.services),
    browser: parts.some((part) => part.browser),
  };
}
