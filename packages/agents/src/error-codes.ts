/** Every error code that this room throws or puts into a tool result, with one sentence for the documentation. */
export const AGENTS_ERROR_CODES = {
  'agent.item.not_found': 'No agent has this id or slug in the workspace.',
  'persona.item.not_found': 'No persona has this id or slug in the workspace.',
  'agents.agent.invalid':
    'Fields of the agent name something that does not exist or cannot be used; each is listed with its JSON pointer.',
  'agents.agent.slug_taken': 'Another agent of the workspace has this slug already.',
  'agents.agent.version_mismatch':
    'The agent was changed since it was read: If-Match names an older version.',
  'agents.agent.status_not_allowed':
    'The agent cannot move from its status to the wanted one; the message names the moves it can make.',
  'agent_version.item.not_found': 'The agent has no such version.',
  'agents.agent.in_use':
    'Recipes, patterns or tasks use the agent, so it cannot be deleted or hidden; they are named.',
  'agents.agent.not_active': 'The agent is a draft, paused, retired or in error and takes no work.',
  'agents.persona.slug_taken': 'Another persona of the workspace has this slug already.',
  'agents.persona.read_only':
    'The persona came with the product and cannot be changed or deleted; clone it.',
  'agents.persona.in_use': 'Agents use the persona, so it cannot be deleted; they are named.',
  'agents.import.invalid':
    'The file holds agents with problems, so nothing was imported; each is listed with its document and line.',
  'agents.import.conflict':
    'Slugs of the file are taken, so nothing was imported; say by on_conflict what is to happen.',
  'agents.plan.unreadable':
    'A run of an agent was started by a version whose plan this one cannot read.',
  'agents.run.limit_reached':
    'A limit of the agent ended its work before it was whole; what there was is in the outputs.',
  'agents.run.nothing_done':
    'No check of the agent ran to its end and no language model answered, so there is no result.',
  'agents.feedback.other_run': 'The agent did not work in the run that is to be rated.',
  'agents.list.cursor_invalid': 'The cursor was not made by this list.',
  'agents.tool.not_granted': 'The step narrows the agent to a tool that the agent does not have.',
  'agents.tool.not_offered':
    'The model called a tool that it was not offered; it is told so and may go on.',
  'agents.tool.repeated_failure':
    'The model made the same failing tool call three times, so the turn ended.',
  'agents.tools.all_failed':
    'Every tool call of the turn failed, so its answer would rest on nothing.',
  'agents.answer.empty': 'The model answered with neither text nor a tool call.',
  'agents.answer.filtered': 'The vendor withheld the answer by its content filter.',
  'agents.output.schema_mismatch':
    'The answer does not fit the output schema, also after one repair.',
  'agents.budget.price_unknown':
    'The agent has a money limit, but the price of its model is unknown, so the limit could not be kept.',
  'agents.coordination.units_invalid':
    'The units of work cannot be put in order: none, two of one id, one that waits for another that is not there, or a circle.',
  'agents.coordination.no_candidate': 'Nobody of the team can do the unit of work.',
  'agents.coordination.grounds_missing':
    'The unit of work was skipped, because one that it builds on was not done.',
  'agents.coordination.limit_reached':
    'A limit stopped the agent before its unit of work was done.',
  'agents.coordination.unmet': 'Nobody took the unit of work before the pattern came to its end.',
  'agents.coordination.refused': 'A person did not accept the result of the unit of work.',
  'agents.coordination.nothing_done': 'No unit of the work could be done by anybody.',
  'pattern.item.not_found': 'No pattern has this id or slug in the workspace.',
  'agents.pattern.slug_taken':
    'Another pattern of the workspace has this slug already, or it is the name of a kind.',
  'agents.pattern.version_mismatch':
    'The pattern was changed since it was read: If-Match names an older version.',
  'agents.pattern.read_only': 'The pattern came with the product and cannot be deleted.',
  'agents.pattern.none_given': 'A preview needs a pattern or a kind.',
  'agents.pattern.team_unknown': 'Agents of the team are not in the workspace; each is named.',
  'agents.pattern.settings_invalid':
    'Settings of the pattern do not fit its kind; each field is named by its JSON pointer.',
} as const;

export type AgentsErrorCode = keyof typeof AGENTS_ERROR_CODES;
