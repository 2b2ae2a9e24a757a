/** The part of pdfmake that is used here; the package has no types of its own. */
export interface PdfMaker {
  setFonts(
    fonts: Record<string, Record<'normal' | 'bold' | 'italics' | 'bolditalics', string>>,
  ): void;
  setUrlAccessPolicy(allow: (url: string) => boolean): void;
  setLocalAccessPolicy(allow: (path: string) => boolean): void;
  createPdf(definition: {
    info: { title: string };
    pageMargins: [number, number, number, number];
    defaultStyle: PdfContent;
    content: PdfContent[];
    footer: (page: number, pages: number) => PdfContent;
  }): { getBuffer(): Promise<Uint8Array> };
}

/** A node of pdfmake's document definition. */
export type PdfContent = Record<string, unknown>;
