import Link from 'next/link';

export function BrandMark({ className = 'size-8' }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden className={className}>
      <rect width="32" height="32" rx="8" className="fill-[#7a2e63]" />
      <path
        d="M9 23 16 8l7 15M12.2 17.5h7.6"
        fill="none"
        stroke="#fff"
        strokeWidth="2.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="16" cy="8" r="2.4" fill="#f3c6e2" />
    </svg>
  );
}

export function Brand() {
  return (
    <Link href="/" className="flex items-center gap-2.5 rounded-lg font-semibold">
      <BrandMark />
      <span className="text-[1.0625rem] tracking-tight">Automatos</span>
    </Link>
  );
}
