'use client';

import { listCredentialTypes, testCredential } from '@automatos/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../../components/api-context.ts';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';

export function useCredentialTypes() {
  const client = useApi();
  return useQuery({
    queryKey: ['credential-types'],
    queryFn: async ({ signal }) => (await listCredentialTypes({ client, signal })).data.items,
    staleTime: Infinity,
  });
}

/** Asks the service whether it takes a stored credential. */
export function useCredentialTest(id: string) {
  const client = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      const headers = { 'Idempotency-Key': newIdempotencyKey() };
      return (await testCredential({ client, path: { credential_id: id }, headers })).data;
    },
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['credentials'] }),
  });
}

export type CredentialTestCall = ReturnType<typeof useCredentialTest>;
