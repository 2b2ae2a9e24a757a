import { newId } from '@automatos/kernel';
import { createMemoryBoard } from '../../testing/memory-board.fixture.ts';
import { describeBoard } from './board.suite.ts';

const board = createMemoryBoard();
describeBoard('the board in memory', () => ({
  board,
  scope: () => Promise.resolve({ workspaceId: newId<'workspace'>(), runId: newId() }),
}));
