/** Entry of the process that sets one document: the request as JSON on standard input, its bytes on standard output. */
import { markdownToDocx } from './to-docx.ts';
import { markdownToPdf } from './to-pdf.ts';

const chunks: Buffer[] = [];
for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
const request = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
  format: 'pdf' | 'docx';
  title: string;
  markdown: string;
};
const render = request.format === 'pdf' ? markdownToPdf : markdownToDocx;
process.stdout.write(await render(request.title, request.markdown));
