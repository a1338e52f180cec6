import { defineConfig } from 'vitest/config'

const DATABASE = ['tests/support/database-setup.ts']

export default defineConfig({
  resolve: {
    alias: {
      '@': import.meta.dirname,
      // Guards against use in the browser, by failing wherever it is not bundled by Next.
      'server-only': new URL('tests/support/empty-module.ts', import.meta.url).pathname,
    },
  },
  test: {
    setupFiles: ['tests/support/properties.ts'],
    projects: [
      { extends: true, test: { name: 'unit', include: ['tests/unit/**/*.test.{ts,tsx}'], testTimeout: 20_000 } },
      withDatabase('integration', 'tests/integration/**/*.test.ts'),
      withDatabase('conformance', 'tests/conformance/**/*.test.ts'),
      ...(process.env.PORTCULLIS_BENCH ? [withDatabase('bench', 'tests/bench/**/*.bench.ts')] : []),
    ],
  },
})

function withDatabase(name: string, include: string) {
  return {
    extends: true as const,
    test: { name, include: [include], globalSetup: DATABASE, testTimeout: 60_000, hookTimeout: 120_000 },
  }
}
