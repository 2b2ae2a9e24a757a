import { createAgentsPersonalData, createCoordinationPersonalData } from '@automatos/agents';
import type { PersonalDataHolder } from '@automatos/database';
import { identityPersonalData } from '@automatos/identity';
import { createWebhooksPersonalData } from '@automatos/integrations';
import { createModelsPersonalData } from '@automatos/providers';
import type { AnswerCache } from '@automatos/providers';
import { createRecipesPersonalData } from '@automatos/recipes';
import { createRunsPersonalData } from '@automatos/runs';
import { createTasksPersonalData } from '@automatos/tasks';
import { createToolsPersonalData } from '@automatos/tools';
import { createEdgePersonalData } from '../http/edge-personal-data.ts';

/** What the rooms beside identity keep about people, in the order in which they erase. */
export function roomsPersonalData(deps: {
  answers: Pick<AnswerCache, 'clear'>;
}): PersonalDataHolder[] {
  return [
    createRunsPersonalData(),
    createToolsPersonalData(),
    createRecipesPersonalData(),
    createTasksPersonalData(),
    createAgentsPersonalData(),
    createCoordinationPersonalData(),
    createModelsPersonalData(deps),
    createWebhooksPersonalData(),
    createEdgePersonalData(),
  ];
}

/** All of them: together they speak of every column of the database. */
export function personalDataHolders(deps: {
  answers: Pick<AnswerCache, 'clear'>;
}): PersonalDataHolder[] {
  const { room, account, privacy } = identityPersonalData();
  return [...roomsPersonalData(deps), room, account, privacy];
}
