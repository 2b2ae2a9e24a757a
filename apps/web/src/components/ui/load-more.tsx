'use client';

import { Button } from './button.tsx';

interface Paged {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => Promise<unknown>;
}

export function LoadMore({ query, label = 'Load more' }: { query: Paged; label?: string }) {
  if (!query.hasNextPage) return null;
  return (
    <div className="flex justify-center p-4">
      <Button pending={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        {label}
      </Button>
    </div>
  );
}
