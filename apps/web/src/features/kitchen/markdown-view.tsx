'use client';

import Markdown, { defaultUrlTransform, type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { SourceLink } from './finding-item.tsx';
import { sourceMention } from './source-param.ts';

const COMPONENTS: Components = {
  // Headings of the document stand below the page's own.
  h1: ({ children }) => <h3 className="!text-2xl">{children}</h3>,
  h2: ({ children }) => <h4 className="!text-xl border-b border-line pb-1.5">{children}</h4>,
  h3: ({ children }) => <h5 className="mt-6 font-semibold">{children}</h5>,
  h4: ({ children }) => <h6 className="mt-5 font-semibold">{children}</h6>,
  h5: ({ children }) => <p className="font-semibold">{children}</p>,
  h6: ({ children }) => <p className="font-semibold">{children}</p>,
  table: ({ children }) => (
    <div className="table-scroll" role="group" aria-label="Table" tabIndex={0}>
      <table>{children}</table>
    </div>
  ),
  // A document must not make the reader's browser ask other servers for anything: only charts inside it are shown.
  img: ({ src, alt }) =>
    typeof src === 'string' && isInlineChart(src) ? (
      <img src={src} alt={alt ?? ''} className="my-4 max-w-full rounded-md bg-white" />
    ) : typeof src === 'string' ? (
      <a href={src} rel="noreferrer noopener" target="_blank">
        {alt === undefined || alt === '' ? src : alt} (image)
      </a>
    ) : null,
  a: ({ href, children }) => (
    <a
      href={href}
      {...(href?.startsWith('#') === true ? {} : { rel: 'noreferrer noopener', target: '_blank' })}
    >
      {children}
    </a>
  ),
  pre: ({ children }) => (
    <pre tabIndex={0} role="group" aria-label="Code">
      {children}
    </pre>
  ),
  code: ({ children, className }) => {
    const place =
      typeof children === 'string' && className === undefined ? sourceMention(children) : null;
    return place === null ? (
      <code className={className}>{children}</code>
    ) : (
      <SourceLink path={place.path} line={place.line} />
    );
  },
};

/** An SVG as an image runs no script and loads nothing. */
function isInlineChart(url: string): boolean {
  return url.startsWith('data:image/svg+xml;base64,');
}

/** A Markdown document; raw HTML in it is shown as text, never run. */
export function MarkdownView({ text }: { text: string }) {
  return (
    <div className="markdown mx-auto max-w-4xl">
      <Markdown
        remarkPlugins={[remarkGfm]}
        components={COMPONENTS}
        urlTransform={(url) => (isInlineChart(url) ? url : defaultUrlTransform(url))}
      >
        {text}
      </Markdown>
    </div>
  );
}
