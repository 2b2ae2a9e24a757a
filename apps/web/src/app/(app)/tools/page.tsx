import type { Metadata } from 'next';
import { ToolCatalogue } from '../../../features/tools/tool-catalogue.tsx';

export const metadata: Metadata = { title: 'Tools' };

export default function Page() {
  return <ToolCatalogue />;
}
