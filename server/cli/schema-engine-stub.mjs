#!/usr/bin/env node
// Prisma's command line looks for a native schema engine, and downloads one where there is none, even for work that
// never uses it. It finds this instead. What does need the engine must fail here, not pass for done.
process.stderr.write('The native schema engine is not part of this project: see prisma/migrate.ts for migrations.\n')
process.exit(1)
