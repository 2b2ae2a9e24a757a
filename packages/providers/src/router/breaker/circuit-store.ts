import type { CircuitState } from '@automatos/contracts';

/** A circuit that is not closed, as all processes see it; times in ms since the epoch. */
export interface StoredCircuit {
  id: string;
  provider: string;
  model: string;
  /** Last characters of the credential's fingerprint. */
  credential: string;
  state: CircuitState;
  reason: string | null;
  failures: number;
  openedAt: number | null;
  retryAt: number | null;
  cooldownMs: number;
}

/** Where processes share their circuits. Closed ones need no row. */
export interface CircuitStore {
  /** Gives up the place of a probe whose process is gone, where no other process can have one under way. */
  recover(now: number): Promise<void>;
  /** All circuits that are not closed. */
  load(): Promise<StoredCircuit[]>;
  read(id: string): Promise<StoredCircuit | null>;
  /** Opens it unless it is not closed already; resolves to what holds now. */
  open(circuit: StoredCircuit): Promise<StoredCircuit>;
  /** Takes the one place of a probe until `until`; false = it is taken, or the circuit is closed or still cooling down. */
  claimProbe(id: string, claim: { token: string; now: number; until: number }): Promise<boolean>;
  /** Ends the probe of `token`: closed when `after` is null, else as `after` says. False = the place was lost, nothing changed. */
  endProbe(id: string, token: string, after: StoredCircuit | null): Promise<boolean>;
  close(id: string): Promise<void>;
  /** Hears of changes made by other processes; resolves to what stops it. */
  listen(onChange: (id: string) => void): Promise<() => Promise<void>>;
}
