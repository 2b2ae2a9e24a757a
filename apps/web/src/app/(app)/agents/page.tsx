import type { Metadata } from 'next';
import { AgentRoster } from '../../../features/agents/agent-roster.tsx';

export const metadata: Metadata = { title: 'Agents' };

export default function Page() {
  return <AgentRoster />;
}
