'use client';

import { useInfiniteQuery, type QueryKey } from '@tanstack/react-query';

export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
  total?: number;
}

/** A list read page by page through the API's cursor; `items` holds all pages read so far. */
export function usePaged<Item>(
  queryKey: QueryKey,
  read: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<Item>>,
  options: { refetchInterval?: number | false; enabled?: boolean } = {},
) {
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => read(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    ...options,
  });
  const items = query.data?.pages.flatMap((page) => page.items);
  return { query, items, total: query.data?.pages[0]?.total };
}
