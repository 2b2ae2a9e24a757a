import type { NextConfig } from 'next';

/** The API server hosts Next in its own process, compresses, and sets all headers but the page's CSP (src/proxy.ts). */
const config: NextConfig = {
  reactStrictMode: true,
  poweredByHeader: false,
  compress: false,
  transpilePackages: ['@automatos/sdk', '@automatos/contracts', '@automatos/kernel'],
};

export default config;
