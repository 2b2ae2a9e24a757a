import type {
  ThreatAction,
  ThreatCategory,
  ThreatLevel,
  ThreatReason,
  ThreatSettingsInput,
} from '@automatos/contracts';
import type { WorkspaceId } from '@automatos/kernel';

/** A request as the detector sees it: plain data, so that anything can be assessed. */
export interface RequestFacts {
  requestId: string;
  method: string;
  /** Template of the route; null when none fits. */
  route: string | null;
  /** Tag and id of the operation; empty when none fits. */
  area: string;
  operationId: string;
  /** As it was asked for, without the query, still encoded. */
  path: string;
  query: Readonly<Record<string, unknown>>;
  headers: Readonly<Record<string, string | undefined>>;
  /** Parsed; undefined when there is none or it was not read. */
  body: unknown;
  address: string;
  caller: ThreatCaller | null;
}

/** Who was proven, in which workspace. */
export interface ThreatCaller {
  kind: 'user' | 'api_key' | 'operator';
  id: string;
  name: string;
  workspaceId: WorkspaceId;
  /** When a person last proved themselves, in milliseconds of the epoch. */
  verifiedAt: number | undefined;
}

/** What was found of one request. */
export interface Assessment {
  id: string;
  /** Null: of the platform. */
  workspaceId: WorkspaceId | null;
  at: number;
  score: number;
  level: ThreatLevel;
  action: ThreatAction;
  enforced: boolean;
  categories: ThreatCategory[];
  principal: { kind: ThreatCaller['kind'] | 'anonymous'; id: string; name: string };
  address: string;
  userAgent: string;
  requestId: string;
  method: string;
  route: string;
  status: number | null;
  runId: string | null;
  durationUs: number;
  reasons: ThreatReason[];
}

export interface ThreatSettings extends ThreatSettingsInput {
  /** 0: the defaults. */
  version: number;
  updatedAt: string | null;
}

export interface ThreatBlock {
  id: string;
  workspaceId: WorkspaceId | null;
  kind: 'address' | 'principal';
  subject: string;
  reason: string;
  createdBy: string;
  /** Milliseconds of the epoch. */
  createdAt: number;
  until: number | null;
  refused: number;
  assessmentId: string | null;
}

/** Highest first come challenge and block at these scores. */
export const DEFAULT_THRESHOLDS = { medium: 40, high: 65, critical: 90 } as const;

/**
 * Defaults: strangers are kept out, members of a workspace are watched. A wrong guess about a stranger costs a request; one about
 * a member costs their work, so enforcing there is the choice of who administers it.
 */
export function defaultSettings(scope: 'workspace' | 'platform'): ThreatSettings {
  return {
    mode: scope === 'platform' ? 'enforce' : 'observe',
    thresholds: { ...DEFAULT_THRESHOLDS },
    allowed_addresses: [],
    disabled_categories: [],
    version: 0,
    updatedAt: null,
  };
}
