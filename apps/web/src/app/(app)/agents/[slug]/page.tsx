import type { Metadata } from 'next';
import { AgentDetail } from '../../../../features/agents/agent-detail.tsx';

export const metadata: Metadata = { title: 'Agent' };

export default async function Page({ params }: { params: Promise<{ slug: string }> }) {
  const { slug } = await params;
  return <AgentDetail slug={slug} />;
}
