'use client';

import { Download } from 'lucide-react';
import { useWorkspaceHref } from '../session/use-session.ts';
import type { DataRequest } from './privacy-words.ts';

const FORMATS = { json: 'JSON', markdown: 'To read' } as const;

/** Where the browser fetches what a request brought. */
export function ExportLinks({ request, own }: { request: DataRequest; own: boolean }) {
  const inWorkspace = useWorkspaceHref();
  const { export: file } = request;
  if (file === null) return null;
  const base = own ? '/api/gdpr/me/requests' : '/api/gdpr/requests';
  return file.formats.map((format) => (
    <a
      key={format}
      href={inWorkspace(`${base}/${request.id}/export?format=${format}`)}
      download
      className="inline-flex min-h-11 items-center gap-2 rounded-lg border border-line-strong/60 bg-surface px-3 text-sm font-medium hover:bg-sunken sm:min-h-9"
    >
      <Download aria-hidden className="size-4" /> {FORMATS[format]}
    </a>
  ));
}
