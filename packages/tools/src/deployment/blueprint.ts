import type { Component } from './stack.ts';

/** Everything that the makers of single files need to know. */
export interface Blueprint {
  component: Component;
  port: number;
  image: string;
  healthPath: string | null;
  /** Words of the command that starts the program, without a shell where possible. */
  command: string[];
  /** Names of variables to be given from outside, without those that the files set themselves. */
  variables: string[];
  paths: ReadonlySet<string>;
}
