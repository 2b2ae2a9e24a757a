import type { ToolDefinition } from '../definition.ts';
import { buildTimeline } from './build-timeline.ts';
import { extractEntities } from './extract-entities.ts';
import { fetchSources } from './fetch-sources.ts';
import { sourceConflicts } from './source-conflicts.ts';
import { sourceCredibility } from './source-credibility.ts';
import { webPageToMarkdown } from './web-page-to-markdown.ts';

/** Gathering from given sources, and what can be told about them. */
export const intelligenceTools: readonly ToolDefinition[] = [
  fetchSources,
  webPageToMarkdown,
  extractEntities,
  buildTimeline,
  sourceCredibility,
  sourceConflicts,
];
