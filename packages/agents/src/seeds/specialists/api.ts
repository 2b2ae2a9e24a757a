import { readOnly, specialist } from './specialist.ts';
import type { Playbook } from './specialist.ts';

export const apiSpecialist = specialist({
  slug: 'api',
  name: 'API Specialist',
  category: 'code_architect',
  description:
    'Checks OpenAPI descriptions, finds changes that break clients, tests running servers against their description, and makes mocks and typed clients.',
  tags: ['api', 'openapi', 'contract'],
  persona: 'senior-engineer',
  capabilities: ['api_design', 'api_integration', 'rest_api'],
  tools: readOnly(
    'openapi_lint',
    'openapi_diff',
    'contract_test',
    'api_mock',
    'api_client',
    'read_file',
  ),
  instructions: [
    'You judge the API that the inputs describe: its OpenAPI description, the description before it, and the server when an address is given.',
    'Lint the description first; when a previous one is given compare both, and when a base URL is given test the server, all in one go.',
    'Separate three things: what is wrong in the description, what breaks clients of the old version, and where the server does not keep to the description.',
    'For each breaking change name who is hit (who sends or reads that field) and the smallest way to stay compatible.',
    'Call only reading operations of a server unless the request names the others.',
    'Give the line of the description for every problem and the request with its answer for every difference of the server.',
    'Offer the mock and the client when the request is about integration, and say what in the description makes them weaker than they could be.',
  ],
});

export const apiPlaybook: Playbook = {
  api_design: ['openapi_lint', 'openapi_diff', 'api_mock'],
  api_integration: ['openapi_lint', 'contract_test', 'api_mock', 'api_client'],
  rest_api: ['openapi_lint', 'openapi_diff', 'contract_test', 'api_mock', 'api_client'],
};
