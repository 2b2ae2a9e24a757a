/** What a command may use, and when it is stopped. */
export interface SandboxLimits {
  /** Wall time. */
  wallMs: number;
  /** Processor seconds of each process. */
  cpuSeconds: number;
  /** Private memory of each process unless `privateBytes` says more, and resident memory of all together. */
  memoryBytes: number;
  /** Private memory that each process may reserve; more than `memoryBytes` for programs that reserve what they never use, as Node. */
  privateBytes?: number;
  /** Processes and threads at once. */
  processes: number;
  /** Largest file that may be written. */
  fileBytes: number;
  /** All files of its folder together. */
  folderBytes: number;
  /** Kept of standard output and of standard error each; what is more is counted and dropped. */
  outputBytes: number;
}

export const SANDBOX_LIMITS: SandboxLimits = {
  wallMs: 60_000,
  cpuSeconds: 60,
  memoryBytes: 512 * 1024 * 1024,
  processes: 64,
  fileBytes: 256 * 1024 * 1024,
  folderBytes: 1024 * 1024 * 1024,
  outputBytes: 1024 * 1024,
};

/** A folder or file of the host that a command may read, under another name. */
export interface SandboxMount {
  /** Absolute, on the host. */
  from: string;
  /** Absolute, inside; not below a system folder. */
  to: string;
}

export interface SandboxCommand {
  /** Program, looked up in `/usr/bin`, and its arguments; no shell reads them. */
  argv: readonly [string, ...string[]];
  /** Absolute folder on the host that the command sees as `/work`, its only place to keep files. */
  folder: string;
  readable?: readonly SandboxMount[];
  /** The whole environment beside PATH and HOME. */
  env?: Readonly<Record<string, string>>;
  stdin?: string | Uint8Array;
  limits?: Partial<SandboxLimits>;
  signal: AbortSignal;
  /** Hears what is written while it is written, both streams as they come. */
  onOutput?: (text: string) => void;
}

export interface SandboxOutput {
  /** UTF-8; broken characters are replaced. */
  text: string;
  /** All that was written, before the cut. */
  bytes: number;
  truncated: boolean;
}

/** Why a command was stopped; null when it ended of its own accord. */
export type SandboxStop = 'time' | 'memory' | 'folder' | 'output' | null;

export interface SandboxResult {
  /** Null when it was stopped or ended by a signal. */
  exitCode: number | null;
  stopped: SandboxStop;
  stdout: SandboxOutput;
  stderr: SandboxOutput;
  durationMs: number;
}

/**
 * Runs programs of strangers. A command sees a read-only system, its own folder and what was mounted for it, no network, no
 * process but its own, an empty environment and no privileges; all of its processes end with it.
 */
export interface Sandbox {
  /** Whether this machine can isolate; asked once, by a real trial. `reason` says what is missing and how to get it. */
  check(): Promise<{ available: true } | { available: false; reason: string }>;
  /**
   * Resolves however the command ends. Throws `tools.sandbox.unavailable` when the machine cannot isolate,
   * `tools.sandbox.command_invalid` for a command that cannot be run as asked; rejects with the signal's reason when it aborts.
   */
  run(command: SandboxCommand): Promise<SandboxResult>;
}
