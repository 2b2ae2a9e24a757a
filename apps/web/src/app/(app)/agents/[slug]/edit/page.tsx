import type { Metadata } from 'next';
import { AgentWizard } from '../../../../../features/agents/wizard/agent-wizard.tsx';

export const metadata: Metadata = { title: 'Edit agent' };

export default async function Page({ params }: { params: Promise<{ slug: string }> }) {
  const { slug } = await params;
  return <AgentWizard slug={slug} />;
}
