import type { NextConfig } from 'next'

const config: NextConfig = {
  // Two development servers on one checkout need a folder each.
  distDir: process.env.PORTCULLIS_DIST_DIR || '.next',
  reactStrictMode: true,
  poweredByHeader: false,
  devIndicators: false,
  agentRules: false,
  // The backup of a key with hundreds of versions takes megabytes.
  experimental: { serverActions: { bodySizeLimit: '8mb' } },
  turbopack: { root: import.meta.dirname },
  allowedDevOrigins: ['127.0.0.1'],
  // `npm test types` checks all of it; a start should not wait for that.
  typescript: { ignoreBuildErrors: true },
  // These look for files of their own at run time, or exist twice when bundled.
  serverExternalPackages: [
    'pg',
    '@prisma/client',
    '@prisma/adapter-pg',
    '@dbos-inc/dbos-sdk',
    '@azure/core-rest-pipeline',
    '@azure/identity',
    '@azure/keyvault-keys',
    '@peculiar/x509',
    'pkcs11js',
  ],
}

export default config
