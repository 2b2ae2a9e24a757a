/** An open need as the field sees it. */
export interface OpenNeed {
  unitId: string;
  title: string;
  needs: readonly string[];
  /** Best share of its needs that one agent covers, 0–1. */
  overlap: number;
  /** Rounds that it has been open. */
  age: number;
  /** Awards that failed. */
  failures: number;
}

/**
 * What draws agents to open needs. The product's own one reckons with capabilities and age; a field over embeddings can take its
 * place. What it answers is recorded in the run, so it may look at the world.
 */
export interface NeedField {
  /** Attraction of each need, 0–1, in the order given. */
  attractions(needs: readonly OpenNeed[]): Promise<number[]>;
}
