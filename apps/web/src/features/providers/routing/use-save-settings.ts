'use client';

import { getRouterSettings, isApiProblem, putRouterSettings } from '@automatos/sdk';
import type { GetRouterSettingsResponse } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../../components/api-context.ts';
import { useToast } from '../../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../../lib/idempotency-key.ts';
import type { RouterSettings } from '../provider-types.ts';

export type StoredSettings = GetRouterSettingsResponse;

/**
 * Saves the settings on top of a version. When somebody else saved meanwhile nothing is written, and `conflict` holds what
 * is stored now.
 */
export function useSaveSettings(onSaved: (stored: StoredSettings) => void) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const [conflict, setConflict] = useState<StoredSettings | null>(null);
  const save = useMutation({
    mutationFn: async ({ settings, version }: { settings: RouterSettings; version: number }) => {
      const headers = { 'Idempotency-Key': newIdempotencyKey(), 'If-Match': `"${version}"` };
      try {
        return (await putRouterSettings({ client, body: settings, headers })).data;
      } catch (error) {
        if (!isApiProblem(error) || error.status !== 412) throw error;
        setConflict((await getRouterSettings({ client })).data);
        return null;
      }
    },
    onSuccess: (stored) => {
      if (stored === null) return;
      setConflict(null);
      queries.setQueryData(['providers', 'router'], stored);
      void queries.invalidateQueries({ queryKey: ['providers', 'configuration'] });
      void queries.invalidateQueries({ queryKey: ['providers', 'health'] });
      notify({ kind: 'success', title: 'The routing is saved and holds for the next call' });
      onSaved(stored);
    },
  });
  return { save, conflict, closeConflict: () => setConflict(null) };
}
