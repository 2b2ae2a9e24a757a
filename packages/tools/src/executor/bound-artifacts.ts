import {
  ARTIFACT_CHARS_MAX,
  ARTIFACTS_MAX,
  type ToolArtifact,
  type ToolDefinition,
} from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { cutJson } from './cut-json.ts';

/** All documents of one call together, in characters: they are stored with the call before they are kept. */
const ALL_CHARS_MAX = 4_000_000;
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._ -]{0,119}$/u;
const TITLE_MAX = 200;
const FULL_OUTPUT = 'full-output.json';

export interface BoundedArtifacts {
  kept: ToolArtifact[];
  /** For the summary; empty when all were kept whole. */
  note: string;
}

/** Checks the documents of a call and cuts them to what is kept. Throws `tools.output.invalid` for a bad or repeated name. */
export function boundArtifacts(
  tool: ToolDefinition,
  artifacts: readonly ToolArtifact[],
): BoundedArtifacts {
  const names = new Set<string>();
  const kept: ToolArtifact[] = [];
  let left = ALL_CHARS_MAX;
  let cut = 0;
  for (const artifact of artifacts.slice(0, ARTIFACTS_MAX)) {
    if (!NAME.test(artifact.name) || names.has(artifact.name) || artifact.name === FULL_OUTPUT) {
      throw toolError(
        'tools.output.invalid',
        'internal',
        `Tool "${tool.name}" returned an artifact whose name "${artifact.name.slice(0, 100)}" is not usable or not unique.`,
      );
    }
    names.add(artifact.name);
    const content = artifact.content.slice(0, Math.min(left, ARTIFACT_CHARS_MAX));
    if (content.length < artifact.content.length) cut += 1;
    left -= content.length;
    const { name, contentType } = artifact;
    kept.push({ name, title: artifact.title.slice(0, TITLE_MAX) || name, contentType, content });
  }
  const dropped = artifacts.length - kept.length;
  const note =
    (dropped > 0 ? ` ${kept.length} of ${artifacts.length} artifacts kept.` : '') +
    (cut > 0 ? ` ${cut} artifacts were cut.` : '');
  return { kept, note };
}

/** The output as it was before it was cut for the conversation; itself cut when it is larger than any document may be. */
export function fullOutputArtifact(tool: ToolDefinition, output: unknown): ToolArtifact {
  const { value, cuts } = cutJson(output, ARTIFACT_CHARS_MAX);
  return {
    name: FULL_OUTPUT,
    title: cuts.length > 0 ? `Start of the output of ${tool.name}` : `Output of ${tool.name}`,
    contentType: 'application/json',
    content: JSON.stringify(value),
  };
}
