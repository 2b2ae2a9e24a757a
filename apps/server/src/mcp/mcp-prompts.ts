import type { Persona } from '@automatos/contracts';
import type { McpSite } from './mcp-types.ts';

export interface PromptInfo {
  name: string;
  title: string;
  description: string;
  arguments: { name: string; description: string; required: boolean }[];
}

const REQUEST = { name: 'request', description: 'What is to be done', required: true };

async function personas({ ask, call }: McpSite): Promise<Persona[]> {
  if (call.principal?.permissions.has('personas:read') !== true) return [];
  const { items } = await ask.json({
    method: 'GET',
    path: '/api/personas',
    query: { limit: '100' },
  });
  return items as unknown as Persona[];
}

/** One prompt per persona: its text before the request. */
export async function listPrompts(site: McpSite): Promise<PromptInfo[]> {
  return (await personas(site)).map(({ slug, name, description }) => ({
    name: slug,
    title: name,
    description,
    arguments: [REQUEST],
  }));
}

/** The persona's text with the request; undefined when there is no such persona. */
export async function makePrompt(
  site: McpSite,
  name: string,
  request: string,
): Promise<{ description: string; text: string } | undefined> {
  const persona = (await personas(site)).find(({ slug }) => slug === name);
  if (persona === undefined) return undefined;
  return { description: persona.description, text: `${persona.prompt}\n\n${request}` };
}
