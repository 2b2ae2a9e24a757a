import type { StepOf } from '../../definition/step-kinds.ts';
import { renderText } from '../../references/render.ts';
import { scopeAt } from '../frame.ts';
import type { AttemptResult, AttemptSite } from './attempt.ts';
import { markdownToHtml } from './markdown-html.ts';

const CONTENT_TYPES = {
  markdown: 'text/markdown; charset=utf-8',
  html: 'text/html; charset=utf-8',
  pdf: 'application/pdf',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
} as const;

/** Renders the template and keeps it as a document of the run. Of PDF and Word files the result shows the Markdown. */
export async function attemptDocument(
  site: AttemptSite,
  step: StepOf<'document'>,
): Promise<AttemptResult> {
  const { run, id, context } = site;
  const scope = scopeAt(site);
  const { format } = step;
  const title = renderText(step.title, scope).replaceAll(/\s+/g, ' ').trim();
  const markdown = renderText(step.template, scope);
  const content = format === 'html' ? markdownToHtml(title, markdown) : markdown;
  const saved = await context.saveArtifact({
    name: id,
    stepId: id,
    title,
    format,
    contentType: CONTENT_TYPES[format],
    content:
      format === 'pdf' || format === 'docx'
        ? (signal) => run.deps.renderDocument({ format, title, markdown }, signal)
        : content,
  });
  const value = { artifact_id: saved.id, title, format, content };
  return { value, main: content, name: title, request: `${title}\n\n${step.template}`, inputs: {} };
}
