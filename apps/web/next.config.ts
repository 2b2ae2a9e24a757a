import type { NextConfig } from 'next';

/** The API server hosts Next in its own process and sets all headers but the page's CSP (src/proxy.ts). */
const config: NextConfig = {
  reactStrictMode: true,
  poweredByHeader: false,
  // Pages and their scripts only: the API is answered before a request reaches Next.
  compress: true,
  transpilePackages: ['@automatos/sdk', '@automatos/contracts', '@automatos/kernel'],
};

export default config;
