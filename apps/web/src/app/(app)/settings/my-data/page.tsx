import type { Metadata } from 'next';
import { MyData } from '../../../../features/privacy/my-data.tsx';

export const metadata: Metadata = { title: 'My data' };

export default function Page() {
  return <MyData />;
}
