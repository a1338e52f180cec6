import type { CreateServerInput } from '@/server/postgres/contract'
import { armTemplate, type EntraAdministrator } from './arm-template'

type ArmResource = { type: string; apiVersion: string; name: string; dependsOn?: string[] } & Record<string, unknown>
type Template = { parameters: Record<string, unknown>; resources: ArmResource[] }

const SYMBOLS: Record<string, string> = { firewallRules: 'rule', administrators: 'administrator' }

/** The deployment as Bicep: the ARM template in its other notation, so that both always say the same. */
export function bicepText(input: CreateServerInput, administrator: EntraAdministrator = null): string {
  const { parameters, resources } = JSON.parse(armTemplate(input, administrator)) as Template
  const secrets = Object.keys(parameters).map((name) => `@secure()\nparam ${name} string`)
  return `${[...secrets, ...resources.map(resourceText)].join('\n\n')}\n`
}

function resourceText({ type, apiVersion, name, dependsOn, ...body }: ArmResource, index: number): string {
  const child = type.split('/')[2]
  const symbol = child ? `${SYMBOLS[child] ?? 'child'}${index}` : 'server'
  // A child stands below its server by `parent`, which is also what it waits for.
  const own = child ? { parent: SERVER, name: name.split('/')[1] } : { name }
  return `resource ${symbol} '${type}@${apiVersion}' = ${valueText({ ...own, ...body }, '')}`
}

/** Stands for the symbol `server` rather than a text. */
const SERVER = '[server]'

function valueText(value: unknown, indent: string): string {
  if (typeof value === 'string') return stringText(value)
  if (typeof value !== 'object' || value === null) return String(value)
  const entries = Object.entries(value)
  if (entries.length === 0) return '{}'
  const deeper = `${indent}  `
  const lines = entries.map(([key, v]) => `${deeper}${keyText(key)}: ${valueText(v, deeper)}`)
  return `{\n${lines.join('\n')}\n${indent}}`
}

const keyText = (key: string): string => (/^[A-Za-z_]\w*$/.test(key) ? key : stringText(key))

/** A text in brackets is an expression of the template; a doubled bracket is a text that begins with one. */
function stringText(text: string): string {
  if (text.startsWith('[[')) return quoted(text.slice(1))
  if (!text.startsWith('[')) return quoted(text)
  return text
    .slice(1, -1)
    .replace(/^parameters\('(\w+)'\)$/, '$1')
    .replaceAll("''", "\\'")
}

const quoted = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('${', '\\${').replaceAll('\n', '\\n')}'`
