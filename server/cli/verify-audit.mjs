#!/usr/bin/env node
import { bootstrap } from './bootstrap.mjs'

await bootstrap('verify-audit.ts')
