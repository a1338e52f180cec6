'use client'
import { makeStyles, tokens } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { identitiesQuery } from '@/components/identity/identity-query'
import { Impact } from '@/components/keyvault/impact'
import { impactQuery } from '@/components/keyvault/keyvault-query'
import { paths } from '@/components/portal/paths'
import { Loaded } from '@/components/ui/loaded'
import { Section } from '@/components/ui/section'
import { EmptyState } from '@/components/ui/states'
import { useUrlState } from '@/components/ui/use-url-state'
import type { HorizonKey } from '@/server/monitor/contract/fleet'
import type { ImpactQuestion } from '@/server/queries/impact'
import { Choice, type Option } from './choice'
import { ExportMenu } from './export-menu'
import { horizonQuery, tilesQuery } from './fleet-queries'
import { TileCanvas } from './tile-canvas'
import { groupTiles, toTiles } from './tile-groups'
import { layoutTiles } from './tile-layout'
import { useWidth } from './use-width'
import { oneOf } from './views'

const CHANGES = ['key', 'keyVersion', 'store', 'identity'] as const
const CHANGE_LABELS: Record<(typeof CHANGES)[number], string> = {
  key: 'A key',
  keyVersion: 'A key version',
  store: 'A vault or HSM',
  identity: 'An identity',
}

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalL, minWidth: 0 },
  tools: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalM },
})

/** Which servers would fall if something were lost, before anything is done. */
export function ImpactPage() {
  const styles = useStyles()
  const query = useQuery(horizonQuery)
  return (
    <div className={styles.root}>
      <Loaded query={query} label="keys">
        {(view) => <Ask keys={view.keys.filter((k) => k.servers.length > 0)} />}
      </Loaded>
    </div>
  )
}

const unique = (values: string[]): Option[] =>
  [...new Set(values)].sort((a, b) => a.localeCompare(b, 'en')).map((value) => ({ value, label: value }))
const chooseOne = (options: Option[]): Option[] => [{ value: '', label: 'Choose' }, ...options]

function Ask({ keys }: { keys: HorizonKey[] }) {
  const styles = useStyles()
  const [params, change] = useUrlState()
  const { data: identities } = useQuery(identitiesQuery)
  const what = oneOf(CHANGES, params.get('change'))
  const picked = {
    store: params.get('store') ?? '',
    key: params.get('key') ?? '',
    version: params.get('version') ?? '',
  }
  const identityId = params.get('identity') ?? ''
  const inStore = keys.filter((k) => k.store === picked.store)
  const question = questionOf(what, picked, identityId)
  return (
    <>
      <div className={styles.tools}>
        <Choice
          label="If this went"
          value={what}
          options={CHANGES.map((value) => ({ value, label: CHANGE_LABELS[value] }))}
          onChange={(value) => change({ change: value, key: null, version: null })}
        />
        {what === 'identity' ? (
          <Choice
            label="Identity"
            value={identityId}
            options={chooseOne((identities?.identities ?? []).map((i) => ({ value: i.id, label: i.name })))}
            onChange={(identity) => change({ identity })}
          />
        ) : (
          <Choice
            label="Vault or HSM"
            value={picked.store}
            options={chooseOne(unique(keys.map((k) => k.store)))}
            onChange={(store) => change({ store, key: null, version: null })}
          />
        )}
        {(what === 'key' || what === 'keyVersion') && (
          <Choice
            label="Key"
            value={picked.key}
            options={chooseOne(unique(inStore.map((k) => k.key)))}
            onChange={(key) => change({ key, version: null })}
          />
        )}
        {what === 'keyVersion' && (
          <Choice
            label="Version"
            value={picked.version}
            options={chooseOne(unique(inStore.filter((k) => k.key === picked.key).map((k) => k.version)))}
            onChange={(version) => change({ version })}
          />
        )}
      </div>
      {question ? (
        <Radius question={question} />
      ) : (
        <EmptyState
          title="Choose what would go"
          text="Disabled, deleted, expired or taken away: here you see which servers would fall, and by when. Nothing happens to them."
        />
      )}
    </>
  )
}

function questionOf(
  change: (typeof CHANGES)[number],
  { store, key, version }: { store: string; key: string; version: string },
  identityId: string,
): ImpactQuestion | null {
  switch (change) {
    case 'identity':
      return identityId ? { change, identityId } : null
    case 'store':
      return store ? { change, store } : null
    case 'key':
      return store && key ? { change, store, key } : null
    case 'keyVersion':
      return store && key && version ? { change, store, key, version } : null
  }
}

/** The servers by name and, within the whole fleet, by place. */
function Radius({ question }: { question: ImpactQuestion }) {
  const styles = useStyles()
  const { data: impact } = useQuery(impactQuery(question))
  const { data: view } = useQuery(tilesQuery(null))
  const [box, width] = useWidth<HTMLDivElement>()
  const falling = new Set(impact?.servers.map((s) => s.name))
  const tiles = (view ? toTiles(view, new Map()) : []).map((tile) =>
    falling.has(tile.name) ? { ...tile, look: 'fallen' as const, cause: 'Would fall' } : tile,
  )
  const layout = width && tiles.length > 0 ? layoutTiles(groupTiles(tiles, 'subscription'), width, 320) : null
  return (
    <>
      <div className={styles.tools}>
        <ExportMenu
          name="fleet-impact"
          sheet={() => ({
            columns: ['server', 'state', 'keyRole', 'inaccessibleBy'],
            rows: (impact?.servers ?? []).map((s) => [s.name, s.state, s.keyRole, impact?.by ?? null]),
          })}
        />
      </div>
      <Impact question={question} />
      <Section title="Within the fleet" aside={<span>{`${falling.size} of ${tiles.length} servers`}</span>}>
        <div ref={box}>
          {layout && (
            <TileCanvas
              layout={layout}
              height={Math.min(layout.height, 420)}
              label="Fleet grid with the servers that would fall: arrow keys move, Enter opens the server"
              hrefOf={(tile) => paths.server(tile.name)}
            />
          )}
        </div>
      </Section>
    </>
  )
}
