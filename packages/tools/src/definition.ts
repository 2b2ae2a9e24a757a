import type { Finding } from '@automatos/contracts';
import type { JsonValue, Logger, SerializedError, WorkspaceId } from '@automatos/kernel';
import type { ZodType, z } from 'zod';
import type { GuardedFetch } from './outbound/guarded-fetch.ts';
import type { ToolServices } from './tool-services.ts';
import type { WorkspaceRoots } from './workspace/roots.ts';

/** What a tool may do to the world; permission is decided on these, never on names. */
export const CAPABILITIES = ['read', 'write', 'destructive', 'network', 'code', 'money'] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** What a tool gets to work with; nothing else of the server is reachable from it. */
export interface ToolEnvironment {
  roots: WorkspaceRoots;
  /** Aborts on cancel and time-out; tools that wait must honour it. */
  signal: AbortSignal;
  /** Same for every attempt of the same logical call; sent on to services that honour such keys. */
  idempotencyKey: string;
  /** Tells people how far it is; `ratio` is 0–1 when known. */
  progress(message: string, ratio?: number): void;
  /** `fetch` that refuses private addresses and checks each redirect. */
  fetch: GuardedFetch;
  /** Address to connect to for a host, for what `fetch` cannot do; judged by the same rules. Throws `tools.network.address_denied`. */
  resolveAddress(host: string, port: number): Promise<string>;
  logger: Logger;
  /** What the product lends to inline tools beyond files and network; absent in workers. */
  services?: ToolServices;
}

/** A document that a tool made beside its output, e.g. a chart, a report or a generated file. */
export interface ToolArtifact {
  /** File name, unique within the call. */
  name: string;
  title: string;
  contentType: string;
  /** At most {@link ARTIFACT_CHARS_MAX} characters. */
  content: string;
}

export const ARTIFACT_CHARS_MAX = 2_000_000;
/** Documents of one call. */
export const ARTIFACTS_MAX = 20;

export interface ToolRunResult<O> {
  output: O;
  /** One or two sentences for people and models. */
  summary: string;
  findings?: Finding[];
  /** All findings there were, when the tool itself kept fewer. */
  findingsTotal?: number;
  artifacts?: ToolArtifact[];
}

export interface ToolDefinition<I = unknown, O = unknown> {
  /** snake_case, unique. */
  name: string;
  title: string;
  description: string;
  group: string;
  input: ZodType<I>;
  output: ZodType<O>;
  /** The most it may need; `actions` narrows that for a given input. */
  capabilities: readonly Capability[];
  /** Named parts of the tool with what each needs, for grants at the level of actions. */
  actions?: Readonly<Record<string, readonly Capability[]>>;
  /** Which of `actions` an input stands for; required with `actions`. */
  actionOf?(input: I): string;
  timeoutMs: number;
  /** True when running it twice with the same input does no harm. */
  idempotent: boolean;
  /** For tools whose harm depends on the input, e.g. an HTTP method: whether this call may be repeated when a crash hid its outcome. Default `idempotent`. */
  repeatable?(input: unknown): boolean;
  /** `worker` runs in a bounded process that can be stopped; needed for anything that computes. */
  isolation: 'inline' | 'worker';
  /** True when its result holds text from files or the network: it may carry instructions of strangers. Default true. */
  tainted?: boolean;
  keywords?: readonly string[];
  /** Where a worker finds this definition when it is not built in. */
  workerModule?: { url: string; exportName: string };
  run(input: I, env: ToolEnvironment): Promise<ToolRunResult<O>>;
}

export type ToolLevel = 'full' | 'read_only' | { actions: string[] };
export interface ToolGrant {
  tool: string;
  level: ToolLevel;
}

export interface ToolInvocation {
  tool: string;
  input: unknown;
  callId: string;
  idempotencyKey: string;
  workspaceId: WorkspaceId;
  runId?: string;
  stepId?: string;
  agent?: string;
  grants: ToolGrant[] | 'all';
  /** What the step's intent allows; undefined = no limit beyond the grants. */
  allowedCapabilities?: Capability[];
  signal: AbortSignal;
  /** Overrides the tool's own limit, in ms. */
  timeoutMs?: number;
  onProgress?: (message: string, ratio?: number) => void;
  /** Called once when all checks have passed and the tool is about to run. */
  onAdmitted?: () => void;
  /** A person consented to this very call; only those who asked them set it. */
  approvedBy?: string;
  /** The caller has read text of strangers, which may have told it to make this call. */
  readForeignText?: boolean;
}

export interface ToolOutcome {
  status: 'success' | 'error' | 'denied' | 'timeout';
  output: JsonValue | null;
  summary: string;
  findings: Finding[];
  /** Findings before the cut. */
  findingsTotal: number;
  /** Absent when there are none. */
  artifacts?: ToolArtifact[];
  /** Name of the artifact that holds the output before it was cut. */
  fullOutput?: string;
  error?: SerializedError;
  /** True when output or findings were cut; the summary says what was left out. */
  truncated: boolean;
  /** Size of the whole output as JSON, before the cut. */
  outputBytes: number;
  durationMs: number;
  /** True when the output holds text from files or the network. */
  tainted: boolean;
}

export interface ToolExecutor {
  /** Runs one tool call; failures are outcomes. Rejects only when `call.signal` aborts, with its reason. */
  execute(call: ToolInvocation): Promise<ToolOutcome>;
}

interface DefinitionParts<I extends ZodType, O extends ZodType> extends Omit<
  ToolDefinition<z.output<I>, z.output<O>>,
  'input' | 'output'
> {
  input: I;
  output: O;
}

/** Types a definition from its two schemas; changes nothing at run time. */
export function defineTool<I extends ZodType, O extends ZodType>(
  parts: DefinitionParts<I, O>,
): ToolDefinition {
  return parts as unknown as ToolDefinition;
}
