import type { Metadata } from 'next';
import { AgentWizard } from '../../../../features/agents/wizard/agent-wizard.tsx';

export const metadata: Metadata = { title: 'New agent' };

export default function Page() {
  return <AgentWizard slug={null} />;
}
