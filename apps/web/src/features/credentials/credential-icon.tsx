import {
  Boxes,
  Cloud,
  Database,
  GitBranch,
  Globe,
  HardDrive,
  KeyRound,
  Mail,
  MessageSquare,
  Sparkles,
  Workflow,
  type LucideIcon,
} from 'lucide-react';
import type { Category, CredentialType } from './credential-views.ts';

const OF_CATEGORY: Record<Category, LucideIcon> = {
  model: Sparkles,
  code: GitBranch,
  chat: MessageSquare,
  work: Workflow,
  data: Database,
  mail: Mail,
  other: KeyRound,
};

const OF_TYPE: Partial<Record<string, LucideIcon>> = {
  aws_s3: HardDrive,
  salesforce: Cloud,
  http_auth: Globe,
  composio: Boxes,
};

/** What stands for a kind of credential. */
export function CredentialIcon({
  type,
  className,
}: {
  type: CredentialType | undefined;
  className: string;
}) {
  const Icon = type === undefined ? KeyRound : (OF_TYPE[type.id] ?? OF_CATEGORY[type.category]);
  return <Icon aria-hidden className={className} />;
}
