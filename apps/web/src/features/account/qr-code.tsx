'use client';

import { encode } from 'uqr';

const QUIET = 4;

/** Path of all dark squares of a row, joined where they touch. */
function rowPath(row: readonly boolean[], y: number): string {
  let path = '';
  for (let x = 0; x < row.length; x++) {
    if (row[x] !== true || row[x - 1] === true) continue;
    let end = x;
    while (row[end] === true) end += 1;
    path += `M${x + QUIET} ${y + QUIET}h${end - x}v1h${x - end}z`;
  }
  return path;
}

/** A QR code drawn here, dark on white in both themes so that every camera reads it. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { data, size } = encode(text, { ecc: 'M', border: 0 });
  const side = size + 2 * QUIET;
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${side} ${side}`}
      shapeRendering="crispEdges"
      className="aspect-square w-full max-w-52 rounded-lg border border-line"
    >
      <rect width={side} height={side} fill="#fff" />
      <path d={data.map(rowPath).join('')} fill="#000" />
    </svg>
  );
}
