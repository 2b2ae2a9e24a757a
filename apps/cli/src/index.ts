export { runCli } from './run-cli.ts';
export { EXIT } from './exit-codes.ts';
export type { Shell } from './shell.ts';
