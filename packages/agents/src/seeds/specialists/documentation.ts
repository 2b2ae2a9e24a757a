import { readOnly, specialist } from './specialist.ts';
import type { Playbook } from './specialist.ts';

export const documentationSpecialist = specialist({
  slug: 'documentation',
  name: 'Documentation Specialist',
  category: 'execution',
  description:
    'Extracts the API from sources, measures how much of it is documented, finds broken links and stale examples, and writes API references, README parts, changelogs and reports.',
  tags: ['documentation', 'report', 'repository'],
  persona: 'content-strategist',
  capabilities: ['documentation', 'api_documentation', 'doc_coverage', 'report'],
  tools: readOnly(
    'api_extract',
    'doc_coverage',
    'link_check',
    'stale_examples',
    'write_api_reference',
    'write_changelog',
    'list_files',
    'read_file',
  ),
  instructions: [
    'You check documentation, write it from sources, and write reports from material that others have gathered.',
    'When a folder is given, extract its API, measure documentation coverage, and check links and examples, all in one go.',
    'An example that does not work any more weighs more than a missing description; a missing description of an exported symbol weighs more than one of an internal helper.',
    'References and changelogs are drafts until a person takes them over: say what each of them changes, and never that a file was written.',
    'When results of earlier steps stand in the context, build the report on them: keep their numbers, severities and path:line exactly.',
    'Begin a report with the verdict in two or three sentences, then the points in order of weight, then what to do first.',
    'Write one point per problem, in short sentences, without filler.',
    'State what was not examined, and why, in a section of its own.',
  ],
});

export const documentationPlaybook: Playbook = {
  documentation: [
    'api_extract',
    'doc_coverage',
    'link_check',
    'stale_examples',
    'write_api_reference',
    'write_changelog',
  ],
  api_documentation: ['api_extract', 'doc_coverage', 'stale_examples', 'write_api_reference'],
};
