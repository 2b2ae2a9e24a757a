import { AgentCard, A2A_PROTOCOL_VERSION } from '@a2a-js/sdk';
import type { Agent } from '@automatos/contracts';
import type { JsonObject } from '@automatos/kernel';
import { sentence } from './words.ts';

const MODES_IN = ['text/plain', 'application/json'];
const MODES_OUT = ['text/markdown', 'application/json'];

/** What the world is told of an agent. `origin` is where callers reach the product. */
export function cardOf(agent: Agent, origin: string): AgentCard {
  return {
    name: agent.name,
    description: agent.description === '' ? `The agent ${agent.name}.` : agent.description,
    version: String(agent.version),
    supportedInterfaces: [
      {
        url: `${origin}/a2a/${agent.slug}`,
        protocolBinding: 'JSONRPC',
        protocolVersion: A2A_PROTOCOL_VERSION,
        tenant: '',
      },
    ],
    provider: undefined,
    documentationUrl: `${origin}/docs`,
    capabilities: { streaming: true, pushNotifications: false, extensions: [] },
    securitySchemes: {
      api_key: {
        scheme: {
          $case: 'apiKeySecurityScheme',
          value: {
            description: 'A server key of the workspace',
            location: 'header',
            name: 'x-api-key',
          },
        },
      },
      bearer: {
        scheme: {
          $case: 'httpAuthSecurityScheme',
          value: { description: 'An access token', scheme: 'Bearer', bearerFormat: 'JWT' },
        },
      },
    },
    securityRequirements: [
      { schemes: { api_key: { list: [] } } },
      { schemes: { bearer: { list: [] } } },
    ],
    defaultInputModes: MODES_IN,
    defaultOutputModes: MODES_OUT,
    skills: (agent.capabilities.length === 0 ? ['work'] : agent.capabilities).map((capability) => ({
      id: capability,
      name: sentence(capability),
      description: `${sentence(capability)} by ${agent.name}. Send the target (folder, file or address) as data {"target": …} and the request as text.`,
      tags: agent.tags.length === 0 ? [agent.category] : agent.tags,
      examples: [],
      inputModes: MODES_IN,
      outputModes: MODES_OUT,
      securityRequirements: [],
    })),
    signatures: [],
  };
}

export function cardJson(agent: Agent, origin: string): JsonObject {
  return AgentCard.toJSON(cardOf(agent, origin)) as JsonObject;
}
