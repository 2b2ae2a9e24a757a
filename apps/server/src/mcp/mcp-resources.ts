import type { Permission } from '@automatos/contracts';
import type { JsonObject } from '@automatos/kernel';
import type { McpSite } from './mcp-types.ts';
import { textOf } from '../own-api/text-of.ts';

export interface ResourceTemplate {
  uriTemplate: string;
  name: string;
  title: string;
  description: string;
  mimeType?: string;
}

interface ResourceKind {
  needs: Permission;
  template: ResourceTemplate;
  /** The parts of a URI that is of this kind. */
  pattern: RegExp;
  /** Shown by resources/list; kinds without it are reached by their template only. */
  list?: (site: McpSite) => Promise<{ uri: string; name: string; title: string }[]>;
  read: (site: McpSite, parts: string[]) => Promise<ResourceText>;
}

export interface ResourceText {
  mimeType: string;
  /** Text, or bytes in base64. */
  text?: string;
  blob?: string;
}

const LISTED = '50';
const encode = encodeURIComponent;

async function items(site: McpSite, path: string): Promise<JsonObject[]> {
  const { items: found } = await site.ask.json({ method: 'GET', path, query: { limit: LISTED } });
  return found as JsonObject[];
}

function asJson(value: JsonObject): ResourceText {
  return { mimeType: 'application/json', text: JSON.stringify(value, null, 2) };
}

const KINDS: readonly ResourceKind[] = [
  {
    needs: 'agents:read',
    template: {
      uriTemplate: 'automatos://agents/{slug}',
      name: 'agent',
      title: 'Agent',
      description: 'Persona, model, tools and limits of an agent',
      mimeType: 'application/json',
    },
    pattern: /^automatos:\/\/agents\/([^/]+)$/,
    list: async (site) =>
      (await items(site, '/api/agents')).map(({ slug, name }) => ({
        uri: `automatos://agents/${textOf(slug)}`,
        name: textOf(slug),
        title: textOf(name),
      })),
    read: async (site, [slug = '']) =>
      asJson(await site.ask.json({ method: 'GET', path: `/api/agents/${encode(slug)}` })),
  },
  {
    needs: 'recipes:read',
    template: {
      uriTemplate: 'automatos://recipes/{slug}',
      name: 'recipe',
      title: 'Recipe',
      description: 'A recipe as YAML',
      mimeType: 'application/yaml',
    },
    pattern: /^automatos:\/\/recipes\/([^/]+)$/,
    list: async (site) =>
      (await items(site, '/api/workflow-recipes')).map(({ slug, name }) => ({
        uri: `automatos://recipes/${textOf(slug)}`,
        name: textOf(slug),
        title: textOf(name),
      })),
    read: async (site, [slug = '']) => {
      const path = `/api/workflow-recipes/${encode(slug)}`;
      const { yaml } = await site.ask.json({ method: 'GET', path });
      return { mimeType: 'application/yaml', text: textOf(yaml) };
    },
  },
  {
    needs: 'tasks:read',
    template: {
      uriTemplate: 'automatos://tasks/{id}',
      name: 'task',
      title: 'Task',
      description: 'A task with its nine stages, its parts, decisions and answer',
      mimeType: 'application/json',
    },
    pattern: /^automatos:\/\/tasks\/([^/]+)$/,
    list: async (site) =>
      (await items(site, '/api/tasks')).map(({ id, title }) => ({
        uri: `automatos://tasks/${textOf(id)}`,
        name: textOf(id),
        title: textOf(title),
      })),
    read: async (site, [id = '']) =>
      asJson(await site.ask.json({ method: 'GET', path: `/api/tasks/${encode(id)}` })),
  },
  {
    needs: 'runs:read',
    template: {
      uriTemplate: 'automatos://runs/{id}',
      name: 'run',
      title: 'Run',
      description: 'Status, inputs and outputs of a run',
      mimeType: 'application/json',
    },
    pattern: /^automatos:\/\/runs\/([^/]+)$/,
    list: async (site) =>
      (await items(site, '/api/runs')).map(({ id, title }) => ({
        uri: `automatos://runs/${textOf(id)}`,
        name: textOf(id),
        title: textOf(title),
      })),
    read: async (site, [id = '']) =>
      asJson(await site.ask.json({ method: 'GET', path: `/api/runs/${encode(id)}` })),
  },
  {
    needs: 'runs:read',
    template: {
      uriTemplate: 'automatos://runs/{id}/documents/{document_id}',
      name: 'document',
      title: 'Document of a run',
      description: 'A report or file that a run made',
    },
    pattern: /^automatos:\/\/runs\/([^/]+)\/documents\/([^/]+)$/,
    async read(site, [id = '', document = '']) {
      const path = `/api/runs/${encode(id)}/artifacts/${encode(document)}`;
      const { contentType, content } = await site.ask.bytes({ method: 'GET', path });
      const mimeType = contentType.split(';')[0] ?? contentType;
      return /^text\/|json|yaml|xml|markdown/.test(mimeType)
        ? { mimeType, text: content.toString('utf8') }
        : { mimeType, blob: content.toString('base64') };
    },
  },
  {
    // Who may let agents read these folders may read them too.
    needs: 'tasks:run',
    template: {
      uriTemplate: 'automatos://files/{+path}',
      name: 'file',
      title: 'File',
      description: 'A text file of the folders that tools may read (AUTOMATOS_ROOTS)',
      mimeType: 'text/plain',
    },
    pattern: /^automatos:\/\/files\/(.+)$/,
    read: async (site, [path = '']) => ({
      mimeType: 'text/plain',
      text: await site.readFile(decodeURIComponent(path)),
    }),
  },
];

function allowed({ call }: McpSite): ResourceKind[] {
  return KINDS.filter(({ needs }) => call.principal?.permissions.has(needs) === true);
}

export function resourceTemplates(site: McpSite): ResourceTemplate[] {
  return allowed(site).map(({ template }) => template);
}

/** The newest of each kind. */
export async function listResources(
  site: McpSite,
): Promise<{ uri: string; name: string; title: string; mimeType?: string }[]> {
  const lists = await Promise.all(
    allowed(site).map(async ({ list, template }) =>
      (list === undefined ? [] : await list(site)).map((item) => ({
        ...item,
        ...(template.mimeType === undefined ? {} : { mimeType: template.mimeType }),
      })),
    ),
  );
  return lists.flat();
}

/** The content behind a URI; undefined when it is of no kind that the caller may read. */
export async function readResource(site: McpSite, uri: string): Promise<ResourceText | undefined> {
  for (const { pattern, read } of allowed(site)) {
    const match = pattern.exec(uri);
    if (match !== null) return read(site, match.slice(1));
  }
  return undefined;
}
