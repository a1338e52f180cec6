#!/usr/bin/env node
import { bootstrap } from './bootstrap.mjs'

await bootstrap('build-pkcs11.ts')
