import { routerSettingsSchema } from '@automatos/contracts';
import type { ChainEntry, RouterSettings } from '@automatos/contracts';
import type { WorkspaceId } from '@automatos/kernel';

/** What holds for the calls of a workspace. */
export interface EffectiveSettings {
  settings: RouterSettings;
  /** 0 = the workspace has no settings of its own, the platform's hold. */
  version: number;
  /** The workspace's chain, then the platform's. */
  chain: readonly ChainEntry[];
  /** Parts circuits of workspaces that judge vendors by other bounds than the platform's; '' = the platform's. */
  scope: string;
}

/** Settings by workspace, from memory but for the first call of a workspace. */
export interface SettingsSource {
  of(workspaceId: WorkspaceId): EffectiveSettings | Promise<EffectiveSettings>;
}

/** The settings of a platform that was told nothing. */
export const DEFAULT_ROUTER_SETTINGS: RouterSettings = routerSettingsSchema.parse({});

/** The platform's settings for everyone. */
export function platformSettings(
  platform: RouterSettings = DEFAULT_ROUTER_SETTINGS,
): SettingsSource {
  const effective = effectiveOf({ platform, own: null, workspaceId: null });
  return { of: () => effective };
}

/** Joins a workspace's settings with the platform's. */
export function effectiveOf(input: {
  platform: RouterSettings;
  own: { settings: RouterSettings; version: number } | null;
  workspaceId: WorkspaceId | null;
}): EffectiveSettings {
  const { platform, own, workspaceId } = input;
  if (own === null) return { settings: platform, version: 0, chain: platform.chain, scope: '' };
  const judged = ({ breaker, timeouts }: RouterSettings) => JSON.stringify([breaker, timeouts]);
  return {
    settings: own.settings,
    version: own.version,
    chain: [...own.settings.chain, ...platform.chain],
    scope: judged(own.settings) === judged(platform) ? '' : (workspaceId ?? ''),
  };
}
