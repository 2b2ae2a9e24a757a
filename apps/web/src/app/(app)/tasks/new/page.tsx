import type { Metadata } from 'next';
import { TaskForm } from '../../../../features/tasks/task-form.tsx';

export const metadata: Metadata = { title: 'New task' };

export default function Page() {
  return <TaskForm />;
}
