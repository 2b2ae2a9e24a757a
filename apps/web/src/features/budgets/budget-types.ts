import type { ListBudgetsResponse } from '@automatos/sdk';

export type { CreateBudgetData } from '@automatos/sdk';
export type WorkspaceBudget = ListBudgetsResponse['items'][number];
