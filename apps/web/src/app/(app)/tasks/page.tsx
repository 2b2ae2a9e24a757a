import type { Metadata } from 'next';
import { TaskList } from '../../../features/tasks/task-list.tsx';

export const metadata: Metadata = { title: 'Tasks' };

export default function Page() {
  return <TaskList />;
}
