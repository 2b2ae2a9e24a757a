'use client';

import { listTools, type Tool } from '@automatos/sdk';
import { useQuery } from '@tanstack/react-query';
import { useId, useMemo, useState } from 'react';
import { useApi } from '../../../components/api-context.ts';
import { Badge } from '../../../components/ui/badge.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { Input, Select } from '../../../components/ui/input.tsx';
import { SkeletonList } from '../../../components/ui/skeleton.tsx';
import { plural, sentence } from '../../../lib/format.ts';
import type { Grant, GrantLevel } from './agent-draft.ts';

const PAGE = 100;
const OFF = 'off';

/** Every tool of the workspace; there are more than one answer of the API holds. */
export function useAllTools() {
  const client = useApi();
  return useQuery({
    queryKey: ['tools', 'all'],
    queryFn: async ({ signal }) => {
      const tools: Tool[] = [];
      for (let cursor: string | null | undefined; cursor !== null;) {
        const query = { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
        const { data } = await listTools({ client, query, signal });
        tools.push(...data.items);
        cursor = data.next_cursor;
      }
      return tools;
    },
  });
}

/** What a level means for this tool, in the words of the list. */
function levelsOf(tool: Tool): { value: string; label: string }[] {
  const onlyLooks = tool.capabilities.every((name) => name === 'read' || name === 'network');
  return [
    { value: OFF, label: 'not given' },
    { value: 'read_only', label: 'read only' },
    ...(onlyLooks ? [] : [{ value: 'full', label: 'full' }]),
  ];
}

function ToolRow({
  tool,
  grant,
  onChange,
}: {
  tool: Tool;
  grant: Grant | undefined;
  onChange: (level: GrantLevel | null) => void;
}) {
  const id = useId();
  const level = grant === undefined ? OFF : (grant.level ?? 'full');
  const chosen = typeof level === 'object';
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 px-4 py-3">
      <label htmlFor={id} className="min-w-0 flex-1 basis-64 text-sm">
        <span className="flex flex-wrap items-center gap-2">
          <span className="font-medium">{tool.title}</span>
          <code className="font-mono text-xs text-ink-soft">{tool.name}</code>
          {tool.capabilities
            .filter((name) => name !== 'read')
            .map((name) => (
              <Badge key={name} tone={name === 'destructive' || name === 'money' ? 'warn' : 'idle'}>
                {name}
              </Badge>
            ))}
        </span>
        <span className="mt-0.5 line-clamp-2 block text-[0.8125rem] text-ink-soft">
          {tool.description}
        </span>
      </label>
      <Select
        id={id}
        className="w-36!"
        value={chosen ? 'actions' : level}
        onChange={({ target }) =>
          onChange(target.value === OFF ? null : (target.value as 'full' | 'read_only'))
        }
      >
        {levelsOf(tool).map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
        {chosen ? <option value="actions">{level.actions.join(', ')}</option> : null}
        {level === 'full' && levelsOf(tool).every(({ value }) => value !== 'full') ? (
          <option value="full">full</option>
        ) : null}
      </Select>
    </li>
  );
}

/** Which tools an agent gets, and how far it may go with each. */
export function ToolPicker({
  grants,
  onChange,
}: {
  grants: readonly Grant[];
  onChange: (grants: Grant[]) => void;
}) {
  const tools = useAllTools();
  const [search, setSearch] = useState('');
  const [group, setGroup] = useState('');
  const given = useMemo(() => new Map(grants.map((grant) => [grant.tool, grant])), [grants]);
  if (tools.isError)
    return (
      <ErrorState
        compact
        what="The tools could not be loaded"
        error={tools.error}
        onRetry={() => void tools.refetch()}
      />
    );
  if (tools.data === undefined) return <SkeletonList label="tools" rows={4} height="h-14" />;
  const words = search.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const shown = tools.data.filter((tool) => {
    const text = `${tool.name} ${tool.title} ${tool.description}`.toLowerCase();
    const inGroup = group === '' || (group === OFF ? given.has(tool.name) : tool.group === group);
    return inGroup && words.every((word) => text.includes(word));
  });
  const set = (tool: string, level: GrantLevel | null) => {
    const others = grants.filter((grant) => grant.tool !== tool);
    onChange(level === null ? others : [...others, { tool, level }]);
  };
  const missing = grants.filter(({ tool }) => tools.data.every(({ name }) => name !== tool));
  return (
    <div className="rounded-card border border-line">
      <div className="grid gap-2 border-b border-line p-3 sm:grid-cols-[minmax(0,1fr)_13rem]">
        <Input
          type="search"
          aria-label="Search tools"
          placeholder="Search by what a tool does"
          value={search}
          onChange={({ target }) => setSearch(target.value)}
        />
        <Select
          aria-label="Group of tools"
          value={group}
          onChange={({ target }) => setGroup(target.value)}
        >
          <option value="">Every group</option>
          <option value={OFF}>Given ({grants.length})</option>
          {[...new Set(tools.data.map((tool) => tool.group))].toSorted().map((name) => (
            <option key={name} value={name}>
              {sentence(name)}
            </option>
          ))}
        </Select>
      </div>
      <p aria-live="polite" className="px-4 pt-3 text-[0.8125rem] text-ink-soft">
        {plural(shown.length, 'tool')} shown, {grants.length} given
      </p>
      <ul aria-label="Tools to give" className="max-h-[28rem] divide-y divide-line overflow-y-auto">
        {missing.map(({ tool }) => (
          <li key={tool} className="flex items-center justify-between gap-4 px-4 py-3 text-sm">
            <span>
              <code className="font-mono text-[0.8125rem]">{tool}</code> is not there any more.
            </span>
            <Button size="sm" onClick={() => set(tool, null)}>
              Take away
            </Button>
          </li>
        ))}
        {shown.map((tool) => (
          <ToolRow
            key={tool.name}
            tool={tool}
            grant={given.get(tool.name)}
            onChange={(level) => set(tool.name, level)}
          />
        ))}
      </ul>
    </div>
  );
}
